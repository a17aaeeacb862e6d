"""Mixers of a forward pass: some of its tokens, the same ones in every layer."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Any, Callable, Dict, List, Mapping, Tuple, Union

from .arrays import UnusableArray, host_tensor, torch_of
from .copying import HostCopies
from .document import Layer
from .names import clean

# A pattern of module paths, and where the module's forward pass has its mixers: "output", or a
# function of (module, inputs, output).
Mixers = Mapping[str, Union[str, Callable[..., Any]]]

_MOST_BYTES = 16 << 20


def picked(torch: Any, batch: int, most: int, device: Any = None) -> Any:
    """``most`` of ``batch`` indices, evenly spread; the same for every layer of a batch.

    Reckoned on the device: a list from the host would be copied, and waited for.
    """
    count = min(batch, most)
    odd = torch.arange(1, 2 * count, 2, device=device)
    return torch.div(odd * batch, 2 * count, rounding_mode="floor")


class Samples:
    """Matrices by the name of their layer, in the order of the forward pass."""

    def __init__(self, tokens: int) -> None:
        self._tokens = tokens
        self._taken: Dict[str, Any] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._taken

    def __len__(self) -> int:
        return len(self._taken)

    def take(self, name: str, matrix: Any, copies: HostCopies) -> None:
        """Copies what is picked of ``[..., n, n]``; the first of a name counts. Raises ValueError."""
        shape = tuple(getattr(matrix, "shape", ()))
        if len(shape) < 2 or shape[-1] != shape[-2] or shape[-1] < 2:
            raise ValueError(f"[..., n, n] with n of 2 or more is expected, not {list(shape)}")
        torch = torch_of(matrix)
        if torch is None:
            raise ValueError(f"a torch tensor is expected, not a {type(matrix).__name__}")
        n = int(shape[-1])
        batch = matrix.detach().reshape(-1, n, n)
        most = max(1, min(self._tokens, _MOST_BYTES // (n * n * matrix.element_size())))
        total = int(batch.shape[0])
        if total == 0:
            raise ValueError("a batch of no matrices")
        if total > most:
            batch = batch.index_select(0, picked(torch, total, most, batch.device))
        self._taken[name] = copies.copy(torch, batch)

    def layers(self, ordered: bool) -> Tuple[List[Layer], Dict[str, str]]:
        """As layers, ``ordered`` with their places in the pass; and what is none, with why."""
        layers, refused = [], {}
        for position, (name, matrix) in enumerate(self._taken.items()):
            try:
                tensor = host_tensor(matrix)
            except UnusableArray as e:
                refused[name] = str(e)
                continue
            layers.append(
                Layer(
                    name,
                    tensor,
                    kind="doubly-stochastic",
                    observability="sampled",
                    position=position if ordered else None,
                )
            )
        return layers, refused


def hook(model: Any, mixers: Mixers, take: Callable[[str, Any], None], torch: Any) -> List[Any]:
    """Registers forward hooks on the modules that the patterns name; their handles.

    Raises ValueError for a pattern that names none.
    """
    hooks = []
    for pattern, source in mixers.items():
        if source != "output" and not callable(source):
            raise ValueError(f"mixers[{pattern!r}]: 'output' or a function is expected")
        found = [
            (clean(path), module)
            for path, module in model.named_modules()
            if path and fnmatchcase(clean(path), pattern)
        ]
        if not found:
            raise ValueError(f"mixers: no module's path matches {pattern!r}")
        hooks += [(module, _hook(path, source, take, torch)) for path, module in found]
    return [module.register_forward_hook(sample) for module, sample in hooks]


def _hook(path: str, source: Any, take: Callable[[str, Any], None], torch: Any) -> Callable[..., None]:
    def sample(module: Any, inputs: Any, output: Any) -> None:
        if module.training:
            # a function, so that a step that is not due does not even look
            take(path, lambda: output if source == "output" else source(module, inputs, output))

    return _uncompiled(torch, sample)


def _uncompiled(torch: Any, function: Callable[..., None]) -> Callable[..., None]:
    """Not to be traced by torch.compile, which calls it then between two graphs."""
    disable = getattr(getattr(torch, "compiler", None), "disable", None)
    uncompiled: Callable[..., None] = function if disable is None else disable(function)
    return uncompiled


def numbered(names: List[str]) -> bool:
    """Whether the names tell the layers' order by a number in each."""
    return all(re.search(r"\d", name) for name in names)
