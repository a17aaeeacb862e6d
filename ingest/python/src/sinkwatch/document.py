"""A step's layers as safetensors documents: the bodies that the monitor reads."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from .arrays import HostTensor

KINDS = ("doubly-stochastic", "sinkhorn-logits", "transport-plan", "dense", "ignore")
OBSERVABILITIES = ("exact", "sampled", "isotropic-proxy", "static-proxy")
ACTIVATIONS = ("float32", "float16", "bfloat16", "float8")

# A monitor reads a header of 1 MiB at most; what a layer adds to it is far less than this.
_HEADER_CHARACTERS = 256 * 1024
_JOINED = 256 * 1024
_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_CANARY = "sinkwatch.canary."
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class Layer(NamedTuple):
    """One tensor of a step, or some rows of one."""

    name: str
    tensor: HostTensor
    rows: Optional[Tuple[int, int]] = None
    shape: Optional[Tuple[int, ...]] = None
    kind: Optional[str] = None
    observability: Optional[str] = None
    position: Optional[int] = None
    learning_rate: Optional[float] = None
    weight_decay: Optional[float] = None


class Origin(NamedTuple):
    """What holds for all layers of a step."""

    attempt: int = 0
    operators: Optional[int] = None
    activation: Optional[str] = None
    publish: Optional[str] = None


class Document(NamedTuple):
    """A safetensors document as pieces that are sent one after the other."""

    pieces: Sequence[memoryview]
    length: int
    layers: int


def run_name(run: str) -> str:
    """The name itself, if it can be a run's; ValueError otherwise."""
    if not isinstance(run, str) or not _RUN.fullmatch(run):
        raise ValueError(
            f"run {run!r}: letters, digits, '.', '_' and '-', 128 at most, a letter or digit first"
        )
    if run.startswith(_CANARY):
        raise ValueError(f"run {run!r}: names that begin with {_CANARY} are the monitors' own")
    return run


def whole_number(value: Any, what: str, least: int = 0, most: int = 10**18 - 1) -> int:
    """The number itself, if it is one in that range; ValueError otherwise."""
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        number = least - 1
    if number != value or not least <= number <= most:
        raise ValueError(f"{what} {value!r}: a whole number of {least} or more is expected")
    return number


def choice(value: Optional[str], what: str, choices: Sequence[str]) -> Optional[str]:
    """The word itself, if it is one of those or None; ValueError otherwise."""
    if value is not None and value not in choices:
        raise ValueError(f"{what} {value!r}: one of {', '.join(choices)} is expected")
    return value


def layer_name(name: str) -> str:
    """The name itself, if it can be a layer's; ValueError otherwise."""
    if not isinstance(name, str) or not 1 <= len(name) <= 256 or _CONTROL.search(name):
        raise ValueError(f"layer {name!r}: 1 to 256 characters without control characters")
    return name


def documents(layers: Sequence[Layer], origin: Origin) -> List[Document]:
    """The layers in as few documents as can be.

    A document tells one learning rate and one weight decay, and its header stays small.
    """
    groups: Dict[Tuple[Optional[float], Optional[float]], List[Layer]] = {}
    for layer in layers:
        groups.setdefault((layer.learning_rate, layer.weight_decay), []).append(layer)
    return [
        _document(part, _metadata(part, origin)) for group in groups.values() for part in _parts(group)
    ]


def _parts(layers: List[Layer]) -> Iterator[List[Layer]]:
    part: List[Layer] = []
    size = 0
    for layer in layers:
        # the name stands in the header and, escaped, in up to five keys
        size += 400 + 36 * len(layer.name)
        if part and size > _HEADER_CHARACTERS:
            yield part
            part, size = [], 0
        part.append(layer)
    if part:
        yield part


def _metadata(layers: Sequence[Layer], origin: Origin) -> Dict[str, str]:
    metadata = {"sinkwatch.attempt": str(origin.attempt)}
    if origin.operators:
        metadata["sinkwatch.operators"] = str(origin.operators)
    if origin.activation is not None:
        metadata["sinkwatch.activation"] = origin.activation
    if origin.publish is not None:
        metadata["sinkwatch.publish"] = origin.publish
    if layers[0].learning_rate is not None:
        metadata["sinkwatch.learning-rate"] = repr(layers[0].learning_rate)
    if layers[0].weight_decay is not None:
        metadata["sinkwatch.weight-decay"] = repr(layers[0].weight_decay)
    for layer in layers:
        if layer.rows is not None and layer.shape is not None:
            metadata[f"sinkwatch.rows.{layer.name}"] = f"{layer.rows[0]}:{layer.rows[1]}"
            metadata[f"sinkwatch.shape.{layer.name}"] = ",".join(map(str, layer.shape))
        if layer.kind is not None:
            metadata[f"sinkwatch.kind.{layer.name}"] = layer.kind
        if layer.observability is not None:
            metadata[f"sinkwatch.observability.{layer.name}"] = layer.observability
        if layer.position is not None:
            metadata[f"sinkwatch.index.{layer.name}"] = str(layer.position)
    return metadata


def _document(layers: Sequence[Layer], metadata: Dict[str, str]) -> Document:
    header: Dict[str, Any] = {"__metadata__": metadata}
    end = 0
    for layer in layers:
        first, end = end, end + layer.tensor.data.nbytes
        header[layer.name] = {
            "dtype": layer.tensor.dtype,
            "shape": list(layer.tensor.shape),
            "data_offsets": [first, end],
        }
    begin = header_bytes(header)
    pieces = list(_joined([memoryview(begin), *(layer.tensor.data for layer in layers)]))
    return Document(pieces, len(begin) + end, len(layers))


def header_bytes(header: Dict[str, Any]) -> bytes:
    """How a document begins: the header's length, the header, blanks up to a multiple of 8."""
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


def _joined(pieces: Sequence[memoryview]) -> Iterator[memoryview]:
    """Puts small pieces together, so that many mixers are not as many packets."""
    small = bytearray()
    for piece in pieces:
        if piece.nbytes < _JOINED:
            small += piece
        if small and (piece.nbytes >= _JOINED or len(small) >= _JOINED):
            yield memoryview(bytes(small))
            small = bytearray()
        if piece.nbytes >= _JOINED:
            yield piece
    if small:
        yield memoryview(bytes(small))
