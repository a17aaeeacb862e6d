"""Rows of a sharded parameter, told from what this process holds of it: nobody gathers.

Reads what torch's DTensor (FSDP2, tensor parallel) says of itself, and Megatron's parameters.
"""

from __future__ import annotations

import math
import sys
from typing import Any, List, NamedTuple, Optional, Tuple


class UnsupportedShard(ValueError):
    """What this process holds is no range of rows; the text says why."""


class Piece(NamedTuple):
    """What this process holds: ``value`` whole, or its ``rows`` of a tensor of ``shape``.

    ``replica`` tells that every process of a group holds the same and one has to speak.
    """

    value: Any
    rows: Optional[Tuple[int, int]] = None
    shape: Optional[Tuple[int, ...]] = None
    replica: bool = True


def distributed(value: Any) -> bool:
    """Whether that is a torch DTensor or behaves like one."""
    return hasattr(value, "placements") and hasattr(value, "device_mesh")


def piece(value: Any) -> Optional[Piece]:
    """What this process has to publish of a tensor; None when that is somebody else's, or nothing.

    Raises UnsupportedShard.
    """
    if distributed(value):
        return _of_dtensor(value)
    if getattr(value, "tensor_model_parallel", False) and hasattr(value, "partition_dim"):
        return _of_megatron(value)
    # ZeRO-3 leaves an empty parameter, FSDP1 a flat one, that say so themselves
    if hasattr(value, "ds_id") and value.numel() != getattr(value, "ds_numel", value.numel()):
        raise UnsupportedShard("ZeRO-3 has it in parts: publish within GatheredParameters")
    if getattr(value, "_fsdp_flattened", False) and value.dim() == 1:
        # whole within summon_full_params: a matrix shows it, a vector looks like a part
        raise UnsupportedShard("FSDP1 has it flattened: use fully_shard, or summon_full_params")
    return Piece(value)


def _of_dtensor(value: Any) -> Optional[Piece]:
    shape = tuple(int(size) for size in value.shape)
    local = getattr(value, "_local_tensor", None)
    if local is None:
        local = value.to_local()
    mesh = value.device_mesh
    coordinate = mesh.get_coordinate()
    if coordinate is None:
        return None  # this process is not of the mesh
    inner: List[Tuple[int, int]] = []
    outer: List[Tuple[int, int]] = []
    for axis, placement in enumerate(value.placements):
        size = int(mesh.size(axis))
        if placement.is_partial():
            raise UnsupportedShard("it is a partial sum")
        if placement.is_replicate() or size == 1:
            if coordinate[axis] != 0:
                return None  # the first of the replicas speaks
            continue
        if placement.dim % max(1, len(shape)) != 0:
            raise UnsupportedShard(
                f"it is sharded by dimension {placement.dim}, and rows are of dimension 0"
            )
        # strided: what stands to the right of it was cut first
        strided = getattr(placement, "split_factor", 1) > 1
        (outer if strided else inner).append((int(coordinate[axis]), size))
    if not inner and not outer:
        return Piece(local, replica=False)
    first, count = 0, shape[0]
    for rank, size in inner + outer[::-1]:
        chunk = -(-count // size)
        begin = min(rank * chunk, count)
        first, count = first + begin, min(begin + chunk, count) - begin
    return _rows(local, first, count, shape)


def _of_megatron(value: Any) -> Optional[Piece]:
    state = sys.modules.get("megatron.core.parallel_state")
    if state is None:
        raise UnsupportedShard("it is tensor parallel, and which part of it cannot be told")
    size = int(state.get_tensor_model_parallel_world_size())
    if size == 1:
        return Piece(value)
    if value.partition_dim != 0 or getattr(value, "partition_stride", 1) != 1:
        raise UnsupportedShard(
            f"it is cut by dimension {value.partition_dim}, and rows are of dimension 0"
        )
    if int(state.get_data_parallel_rank()) != 0:
        return None
    count = int(value.shape[0])
    first = count * int(state.get_tensor_model_parallel_rank())
    shape = (count * size,) + tuple(int(s) for s in value.shape[1:])
    return _rows(value, first, count, shape)


def _rows(local: Any, first: int, count: int, shape: Tuple[int, ...]) -> Optional[Piece]:
    """Rows of the tensor seen as a matrix of [all but the last dimension, last]."""
    if int(local.shape[0]) != count:
        raise UnsupportedShard(f"it holds {int(local.shape[0])} rows and should hold {count}")
    if count == 0:
        return None
    if len(shape) == 1:
        # as a column, which has rows; what a rule reads is the values, not the shape
        return Piece(local.reshape(-1, 1), (first, first + count), (shape[0], 1), False)
    height = math.prod(shape[1:-1])
    rows = (first * height, (first + count) * height)
    return Piece(local.reshape(-1, shape[-1]), rows, shape, False)
