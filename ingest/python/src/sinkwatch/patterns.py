"""What is said of tensors by their names, or by patterns of names."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Iterable, Mapping, Optional, TypeVar

_Said = TypeVar("_Said")


def said_of(name: str, said: Mapping[str, _Said]) -> Optional[_Said]:
    """What the name itself says, else the first pattern that it fits, else None."""
    if name in said:
        return said[name]
    return next((value for pattern, value in said.items() if fnmatchcase(name, pattern)), None)


def of_some(what: str, said: Mapping[str, object], names: Iterable[str]) -> None:
    """ValueError when one of the names or patterns is that of no tensor."""
    known = set(names)
    for key in said:
        if key not in known and not any(fnmatchcase(name, str(key)) for name in known):
            raise ValueError(f"{what} {key!r}: no tensor has such a name")
