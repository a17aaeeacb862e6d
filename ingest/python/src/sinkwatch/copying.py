"""Copies of tensors on the host that do not hold up the device they come from."""

from __future__ import annotations

from typing import Any, List


class HostCopies:
    """Copies of one moment: begun by the training's thread, waited for by the sender's."""

    def __init__(self) -> None:
        self._events: List[Any] = []
        self._keep: List[Any] = []

    def copy(self, torch: Any, tensor: Any) -> Any:
        """A contiguous copy on the host, whose values are there once ``wait`` has returned."""
        source = tensor.detach()
        if source.device.type == "meta":
            return source  # refused where it is read
        if source.device.type == "cuda":
            host = torch.empty(source.shape, dtype=source.dtype, device="cpu", pin_memory=True)
            # on the stream of the optimizer: behind this step's update, before the next one's
            host.copy_(source, non_blocking=True)
            self._keep.append(source)
            return host
        if source.device.type == "cpu":
            return source.clone(memory_format=torch.contiguous_format)
        return source.to("cpu")

    def done(self, torch: Any) -> None:
        """After the last copy: marks where the device has to come to."""
        if self._keep:
            for device in {source.device for source in self._keep}:
                event = torch.cuda.Event()
                event.record(torch.cuda.current_stream(device))
                self._events.append(event)

    def wait(self) -> None:
        for event in self._events:
            event.synchronize()
        self._events.clear()
        self._keep.clear()
