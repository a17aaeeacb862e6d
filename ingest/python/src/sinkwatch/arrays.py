"""Arrays of any library as bytes on the host, known by what they can do, never by import."""

from __future__ import annotations

import ctypes
import sys
from typing import Any, Dict, NamedTuple, Optional, Tuple

_TORCH = {
    "float64": "F64",
    "float32": "F32",
    "float16": "F16",
    "bfloat16": "BF16",
    "float8_e4m3fn": "F8_E4M3",
    "float8_e5m2": "F8_E5M2",
    "int64": "I64",
    "int32": "I32",
    "int16": "I16",
    "int8": "I8",
    "uint8": "U8",
}
_NUMPY = {**_TORCH, "uint16": "U16", "uint32": "U32", "uint64": "U64"}
_BUFFER = {
    "d": "F64",
    "f": "F32",
    "e": "F16",
    "q": "I64",
    "i": "I32",
    "h": "I16",
    "b": "I8",
    "B": "U8",
    "H": "U16",
    "I": "U32",
    "Q": "U64",
}
_WIDTHS: Dict[str, int] = {
    "F64": 8,
    "F32": 4,
    "F16": 2,
    "BF16": 2,
    "F8_E4M3": 1,
    "F8_E5M2": 1,
    "I64": 8,
    "I32": 4,
    "I16": 2,
    "I8": 1,
    "U64": 8,
    "U32": 4,
    "U16": 2,
    "U8": 1,
}


class HostTensor(NamedTuple):
    """Values on the host, row-major and little-endian.

    ``data`` looks into the array's own memory where it can, and keeps that alive.
    """

    dtype: str
    shape: Tuple[int, ...]
    data: memoryview


class UnusableArray(ValueError):
    """An array that no safetensors document can hold, or none that a monitor could read."""


def torch_of(value: Any) -> Any:
    """The torch module if ``value`` is one of its tensors; torch is never imported for it."""
    torch = sys.modules.get("torch")
    tensor = getattr(torch, "Tensor", None)
    return torch if tensor is not None and isinstance(value, tensor) else None


def host_tensor(value: Any) -> HostTensor:
    """Looks at an array of torch, numpy, jax, or anything that has a buffer.

    Raises UnusableArray with one line that says what is wrong.
    """
    if sys.byteorder != "little":
        raise UnusableArray("this machine is big-endian; safetensors is little-endian")
    torch = torch_of(value)
    if torch is not None:
        return _of_torch(torch, value)
    if hasattr(value, "addressable_shards") and not getattr(value, "is_fully_addressable", True):
        raise UnusableArray("is spread over processes: publish each addressable shard with its rows")
    if hasattr(value, "__array_interface__"):
        return _of_numpy(value)
    if not isinstance(value, (bytes, bytearray, memoryview)) and hasattr(value, "__array__"):
        return _of_numpy(value.__array__())
    try:
        view = memoryview(value)
    except TypeError:
        raise UnusableArray(f"is a {type(value).__name__}, which is no array") from None
    return _of_buffer(view)


def _of_torch(torch: Any, value: Any) -> HostTensor:
    if getattr(value, "is_meta", False) or value.device.type == "meta":
        raise UnusableArray("is on the meta device: it has no values")
    if value.layout != torch.strided:
        raise UnusableArray("is sparse: publish its to_dense()")
    if getattr(value, "is_quantized", False):
        raise UnusableArray("is quantized: publish its dequantize()")
    dtype = _TORCH.get(str(value.dtype).replace("torch.", ""))
    if dtype is None:
        raise UnusableArray(f"has values of type {value.dtype}, which a monitor does not read")
    shape = _checked(tuple(int(size) for size in value.shape))
    # resolve_neg: a view may say by a bit that its values are to be negated
    host = value.detach().to("cpu").contiguous().resolve_neg()
    count = host.numel() * host.element_size()
    if count == 0:
        return HostTensor(dtype, shape, memoryview(b""))
    # not through numpy, which torch may have been built without and which has no bfloat16
    raw = (ctypes.c_ubyte * count).from_address(host.data_ptr())
    raw.owner = host  # whoever has the view has the tensor
    return HostTensor(dtype, shape, memoryview(raw).cast("B"))


def _of_numpy(value: Any) -> HostTensor:
    dtype = _NUMPY.get(value.dtype.name)
    if dtype is None:
        raise UnusableArray(f"has values of type {value.dtype.name}, which a monitor does not read")
    shape = _checked(tuple(int(size) for size in value.shape))
    if value.dtype.byteorder == ">":
        value = value.astype(value.dtype.newbyteorder("<"))
    if not value.flags["C_CONTIGUOUS"]:
        value = value.copy(order="C")
    if value.size == 0:
        return HostTensor(dtype, shape, memoryview(b""))
    # as bytes, since memoryview knows no bfloat16; a view of the same memory
    return HostTensor(dtype, shape, memoryview(value.reshape(-1).view("uint8")).cast("B"))


def _of_buffer(view: memoryview) -> HostTensor:
    order, kind = ("@", view.format) if len(view.format) == 1 else (view.format[:1], view.format[1:])
    if kind in ("l", "L"):  # as wide as the machine's long
        kind = {"l4": "i", "l8": "q", "L4": "I", "L8": "Q"}[f"{kind}{view.itemsize}"]
    dtype = _BUFFER.get(kind)
    if dtype is None or order in (">", "!"):
        raise UnusableArray(f"has values of format {view.format!r}, which a monitor does not read")
    shape = _checked(tuple(view.shape or ()))
    if view.nbytes == 0:
        return HostTensor(dtype, shape, memoryview(b""))
    if not view.c_contiguous:
        return HostTensor(dtype, shape, memoryview(view.tobytes()))
    return HostTensor(dtype, shape, view.cast("B"))


def _checked(shape: Tuple[int, ...]) -> Tuple[int, ...]:
    if not shape:
        raise UnusableArray("is a single number: a layer has one dimension or more")
    return shape


def width(dtype: str) -> Optional[int]:
    """Bytes of one value of a safetensors type; None for types that a monitor does not read."""
    return _WIDTHS.get(dtype)
