"""Names as the model's author gave them, without what wrappers put around."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterator, NamedTuple

# torch.compile, fully sharded data parallel and activation checkpointing, anywhere in a name
_WRAPPERS = re.compile(r"(?:_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)\.")
# distributed data parallel and engines, around the whole model
_AROUND = re.compile(r"(?:module\.)+")


def clean(name: str) -> str:
    """``_orig_mod.module.layers.0.weight`` is ``layers.0.weight``."""
    inner = _WRAPPERS.sub("", name)
    around = _AROUND.match(inner)
    return inner[around.end() :] if around and around.end() < len(inner) else inner


class Place(NamedTuple):
    """Where a model keeps a tensor: looked up anew each time, since optimizers and shards replace
    it."""

    name: str
    store: Dict[str, Any]
    key: str
    parameter: bool

    def tensor(self) -> Any:
        return self.store.get(self.key)


def places(model: Any) -> Iterator[Place]:
    """Every parameter and buffer of a torch module once, tied ones under their first name."""
    seen = set()
    for path, module in model.named_modules():
        for store, parameter in ((module._parameters, True), (module._buffers, False)):
            for key, tensor in store.items():
                if tensor is not None and id(tensor) not in seen:
                    seen.add(id(tensor))
                    yield Place(clean(f"{path}.{key}" if path else key), store, key, parameter)
