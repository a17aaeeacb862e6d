"""One decision of all processes that train together, so that none waits for one that has left."""

from __future__ import annotations

import logging
import sys
from typing import Any

from .connection import one_line
from .steps import due

log = logging.getLogger("sinkwatch")


class Together:
    """Whether to stop: what this process is told where it trains alone, else what any of them is.

    Among several ranks every one has to ask, at the same steps. They talk once in ``every`` steps.
    """

    def __init__(self, model: Any, every: int, step: int) -> None:
        self._model = model
        self._every = every
        self._step = step
        self._alone = False

    def stop(self, told: bool, step: int) -> bool:
        """Never raises; where the ranks cannot be asked, none stops."""
        before, self._step = self._step, step
        torch = sys.modules["torch"]
        dist = getattr(torch, "distributed", None)
        try:
            if dist is None or not dist.is_available() or not dist.is_initialized():
                return told
            if dist.get_world_size() == 1:
                return told
            if self._alone or not due(step, before, self._every):
                return False
            flag = torch.full((1,), int(told), dtype=torch.int32, device=self._device(torch, dist))
            dist.all_reduce(flag, op=dist.ReduceOp.MAX)
            return bool(flag.item())
        except Exception as e:
            self._alone = True
            line = one_line(f"{type(e).__name__}: {e}")
            log.warning("stop_if is off: the ranks cannot decide together: %s", line)
            return False

    def _device(self, torch: Any, dist: Any) -> Any:
        """Where the group's backend takes tensors from."""
        backend = str(dist.get_backend()).lower()
        if any(name in backend for name in ("gloo", "mpi", "cpu:")):
            return torch.device("cpu")
        if "nccl" in backend:
            return torch.device("cuda", torch.cuda.current_device())
        return next(self._model.parameters()).device
