"""Safetensors files as documents that are read while they are sent."""

from __future__ import annotations

import json
import os
import re
from typing import Any, BinaryIO, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple, cast

from .arrays import width
from .document import Document, Origin, header_bytes, layer_name
from .rules import part_of, rule_for

_MOST_HEADER = 100 << 20
_CHUNK = 1 << 20
_DIRECTORY = re.compile(r"(?:step|checkpoint|global_step)?[-_]?([0-9]{1,18})")
_FILE = re.compile(r".*[-_](?<!of-)([0-9]{1,18})\.safetensors", re.DOTALL)
_PICKLED = (".pt", ".pth", ".bin", ".ckpt", ".distcp")
_LAYERS = 500
_OF_ONE = ("kind", "observability", "index", "rows", "shape")
_OF_ALL = _OF_ONE[:3] + ("operators", "activation", "learning-rate", "weight-decay")


class FileError(ValueError):
    """A file that cannot be published; the text says why in one line."""


class Entry(NamedTuple):
    """A tensor of a file and where its bytes are."""

    name: str
    dtype: str
    shape: Tuple[int, ...]
    first: int
    end: int


class TensorFile:
    """A safetensors file. Its header is read and checked; its tensors are read when sent."""

    def __init__(self, path: str) -> None:
        self.path = path
        if path.endswith(_PICKLED):
            raise FileError(f"{path}: pickled checkpoints run code when read: save as safetensors")
        try:
            with open(path, "rb") as file:
                size = os.fstat(file.fileno()).st_size
                self.metadata, self.entries = _header(file, size)
        except FileError as e:
            raise FileError(f"{path}: {e}") from None
        except OSError as e:
            raise FileError(f"{path}: {e.strerror or e}") from None

    def step(self) -> int:
        """As its metadata, else its directory, else its own name tells; 0 when nothing does."""
        said = self.metadata.get("sinkwatch.step")
        if isinstance(said, str) and re.fullmatch(r"[0-9]{1,18}", said):
            return int(said)
        directory, name = os.path.split(os.path.abspath(self.path))
        match = _DIRECTORY.fullmatch(os.path.basename(directory)) or _FILE.fullmatch(name)
        return int(match.group(1)) if match else 0

    def used(self, profile: str) -> List[Entry]:
        """What the profile's rules know, and square matrices that may be mixers by their values."""
        return [
            e
            for e in self.entries
            if width(e.dtype) is not None
            and (
                rule_for(e.name, profile, e.shape) is not None
                or part_of(e.name, profile) is not None
                or _may_mix(e.shape)
            )
        ]

    def documents(self, entries: Sequence[Entry], origin: Origin) -> Iterator[Document]:
        """The tensors, some hundreds a document; their bytes are read as they are asked for."""
        for begin in range(0, len(entries), _LAYERS):
            part = entries[begin : begin + _LAYERS]
            header: Dict[str, Any] = {"__metadata__": self._said(part, origin)}
            end = 0
            for entry in part:
                length = entry.end - entry.first
                header[entry.name] = {
                    "dtype": entry.dtype,
                    "shape": list(entry.shape),
                    "data_offsets": [end, end + length],
                }
                end += length
            first = header_bytes(header)
            pieces = _FilePieces(self.path, first, part)
            yield Document(cast(Any, pieces), len(first) + end, len(part))

    def _said(self, part: Sequence[Entry], origin: Origin) -> Dict[str, str]:
        """What the file says of itself and of these tensors; of others it must not speak."""
        keys = {f"sinkwatch.{word}" for word in _OF_ALL}
        if len(self.entries) == 1:
            keys |= {"sinkwatch.rows", "sinkwatch.shape"}
        keys |= {f"sinkwatch.{word}.{entry.name}" for word in _OF_ONE for entry in part}
        said = {key: value for key, value in self.metadata.items() if key in keys}
        said["sinkwatch.attempt"] = str(origin.attempt)
        return said


class _FilePieces:
    """Reads anew each time it is gone through, so that a document can be sent again."""

    def __init__(self, path: str, header: bytes, entries: Sequence[Entry]) -> None:
        self._path = path
        self._header = header
        self._entries = entries

    def __iter__(self) -> Iterator[memoryview]:
        yield memoryview(self._header)
        with self._opened() as file:
            for entry in self._entries:
                file.seek(entry.first)
                left = entry.end - entry.first
                while left:
                    try:
                        data = file.read(min(left, _CHUNK))
                    except OSError as e:
                        raise FileError(f"{self._path}: {e.strerror or e}") from None
                    if not data:
                        raise FileError(f"{self._path}: it became shorter while it was read")
                    left -= len(data)
                    yield memoryview(data)

    def _opened(self) -> BinaryIO:
        try:
            return open(self._path, "rb")
        except OSError as e:
            raise FileError(f"{self._path}: {e.strerror or e}") from None


def _header(file: BinaryIO, size: int) -> Tuple[Dict[str, Any], List[Entry]]:
    begin = file.read(8)
    if len(begin) < 8:
        raise FileError("is no safetensors file: shorter than 8 bytes")
    length = int.from_bytes(begin, "little")
    if length > min(_MOST_HEADER, size - 8):
        raise FileError(f"is no safetensors file, or not whole: a header of {length} bytes")
    try:
        header = json.loads(file.read(length).decode("utf-8"))
        if not isinstance(header, dict):
            raise ValueError
        metadata = header.pop("__metadata__", {})
        entries = [_entry(name, value, 8 + length) for name, value in header.items()]
        metadata = {str(k): str(v) for k, v in metadata.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise FileError("is no safetensors file: its header cannot be read") from None
    last = max((entry.end for entry in entries), default=8 + length)
    if last > size:
        raise FileError(f"is not whole: {last} bytes by its header, {size} there are")
    return metadata, entries


def _entry(name: str, value: Dict[str, Any], base: int) -> Entry:
    first, end = (int(offset) for offset in value["data_offsets"])
    shape = tuple(int(size) for size in value["shape"])
    elements = 1
    for size in shape:
        elements *= size
    wide: Optional[int] = width(value["dtype"])
    if not 0 <= first <= end or min(shape, default=0) < 0 or wide and elements * wide != end - first:
        raise ValueError
    return Entry(layer_name(name), str(value["dtype"]), shape, base + first, base + end)


def _may_mix(shape: Tuple[int, ...]) -> bool:
    return len(shape) >= 2 and shape[-1] == shape[-2] and 2 <= shape[-1] <= 64
