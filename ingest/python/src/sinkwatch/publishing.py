"""Publishes tensors and waits for the monitor's answer: for everything that is no torch module."""

from __future__ import annotations

import logging
import time
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple
from urllib.parse import quote

from .arrays import UnusableArray, host_tensor
from .connection import Connection, Unreachable, left_out
from .document import (
    ACTIVATIONS,
    KINDS,
    OBSERVABILITIES,
    Document,
    Layer,
    Origin,
    choice,
    documents,
    layer_name,
    run_name,
    whole_number,
)
from .endpoint import Endpoint, SettingError, disabled, endpoint
from .patterns import of_some, said_of
from .shards import UnsupportedShard, piece

log = logging.getLogger("sinkwatch")

_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 5.0

_SUMMED = ("tensors", "shards", "bytes")


class PublishError(Exception):
    """Tensors were not published; the text says why in one line.

    ``status`` is the monitor's HTTP status, None when it gave no answer or was not asked.
    """

    def __init__(self, line: str, status: Optional[int] = None) -> None:
        super().__init__(line)
        self.status = status


def publish(
    tensors: Mapping[str, Any],
    run: str,
    step: int,
    *,
    url: Optional[str] = None,
    attempt: int = 0,
    rows: Optional[Mapping[str, Tuple[int, int]]] = None,
    shapes: Optional[Mapping[str, Sequence[int]]] = None,
    kinds: Optional[Mapping[str, str]] = None,
    observability: Optional[Mapping[str, str]] = None,
    indexes: Optional[Mapping[str, int]] = None,
    operators: Optional[int] = None,
    activation: Optional[str] = None,
    learning_rate: Optional[float] = None,
    weight_decay: Optional[float] = None,
    publication: Optional[str] = None,
    user: Optional[str] = None,
    password: Optional[str] = None,
    ca: Optional[str] = None,
    certificate: Optional[str] = None,
    key: Optional[str] = None,
    timeout: float = 60.0,
) -> Dict[str, Any]:
    """Sends arrays of torch, numpy or jax, or buffers, by name; the monitor's answer.

    That is ``run``, ``step``, how many ``tensors``, ``shards`` and ``bytes`` it passes on, and
    ``leftOut``, a line for each tensor that it does not.

    ``rows``, ``shapes``, ``kinds`` and ``observability`` go by names or by patterns of names, as
    ``{"*.mixer_logits": "sinkhorn-logits"}``; a name wins over patterns, of these the first one.
    ``indexes`` goes by names. One that is no tensor's is an error.

    ``rows`` and ``shapes`` tell of tensors that are rows ``[first, end)`` of one that is seen as a
    matrix of [all but the last dimension, last]. A DTensor tells its own rows. ``publication`` is
    a word that ranks agree on which publish rows of the same tensors, another one each time they
    do: with it rows of two times never make a whole. Whole tensors need none.

    Tries again within ``timeout`` seconds while the monitor is busy or away. Raises PublishError,
    and nothing else.
    """
    if disabled():
        return {}
    try:
        path = step_path(run, step)
        origin = Origin(
            whole_number(attempt, "attempt", 0, 2**31 - 1),
            None if operators is None else whole_number(operators, "operators", 1, 2**31 - 1),
            choice(activation, "activation", ACTIVATIONS),
            None if publication is None else str(publication),
        )
        layers = []
        patterns: Dict[str, Optional[Mapping[str, Any]]] = {
            "rows": rows,
            "shapes": shapes,
            "kinds": kinds,
            "observability": observability,
        }
        for what, said in patterns.items():
            of_some(what, said or {}, tensors)
        for name in indexes or {}:
            if name not in tensors:
                raise ValueError(f"indexes {name!r}: no tensor has such a name")
        for name, value in tensors.items():
            layer = _layer(name, value, said_of(name, rows or {}), said_of(name, shapes or {}))
            if layer is not None:
                index = (indexes or {}).get(name)
                layers.append(
                    layer._replace(
                        kind=choice(said_of(name, kinds or {}), "kind", KINDS),
                        observability=choice(
                            said_of(name, observability or {}), "observability", OBSERVABILITIES
                        ),
                        position=None if index is None else whole_number(index, "index", 0, 2**31 - 1),
                        learning_rate=None if learning_rate is None else float(learning_rate),
                        weight_decay=None if weight_decay is None else float(weight_decay),
                    )
                )
        door = endpoint(url, user, password, ca, certificate, key)
        ready = documents(layers, origin)
    except (SettingError, ValueError, TypeError, AttributeError) as e:
        raise PublishError(str(e) or type(e).__name__) from None
    return send(door, path, ready, timeout)


def step_path(run: str, step: int) -> str:
    return f"/api/v1/runs/{quote(run_name(run))}/steps/{whole_number(step, 'step')}"


def send(door: Endpoint, path: str, ready: Sequence[Document], timeout: float) -> Dict[str, Any]:
    """Posts documents one after the other; what the monitor answers, its counts summed up."""
    end = time.monotonic() + timeout
    connection = Connection(door, timeout)
    counts: Dict[str, Any] = {}
    try:
        for document in ready:
            add(counts, _post(connection, path, document, end))
    finally:
        connection.close()
    return counts


def add(counts: Dict[str, Any], answer: Mapping[str, Any]) -> None:
    """Adds a further document's answer to those of the same step before it."""
    for name, value in answer.items():
        if name in _SUMMED:
            if isinstance(value, int):
                counts[name] = counts.get(name, 0) + value
        elif name == "leftOut":
            counts[name] = [*counts.get(name, ()), *left_out(answer)]
        else:
            counts.setdefault(name, value)


def _post(connection: Connection, path: str, document: Document, end: float) -> Mapping[str, Any]:
    pause = _FIRST_PAUSE
    said = False
    while True:
        status: Optional[int] = None
        wait = 0.0
        try:
            answer = connection.post(path, document)
            if 200 <= answer.status < 300:
                return answer.body
            status, line = answer.status, f"{connection.endpoint} refuses: {answer.line}"
            if not answer.passing:
                raise PublishError(line, status)
            wait = answer.retry_after or 0.0
        except Unreachable as e:
            line = f"{connection.endpoint} cannot be reached: {e}"
        wait = max(wait, pause)
        pause = min(_LONGEST_PAUSE, 2 * pause)
        left = end - time.monotonic()
        if wait >= left:
            raise PublishError(line, status)
        if not said:
            log.warning("%s; it is tried again for %.0f s", line, left)
            said = True
        time.sleep(wait)


def _layer(
    name: str, value: Any, rows: Optional[Tuple[int, int]], shape: Optional[Sequence[int]]
) -> Optional[Layer]:
    layer_name(name)
    if (rows is None) != (shape is None):
        raise ValueError(f"layer {name}: rows and shapes are said together")
    try:
        if rows is not None and shape is not None:
            tensor = host_tensor(value)
            whole = tuple(whole_number(size, f"layer {name}: size") for size in shape)
            first, last = (whole_number(row, f"layer {name}: row") for row in rows)
            _check(name, tensor.shape, first, last, whole)
            return Layer(name, tensor, (first, last), whole)
        held = piece(value)
        if held is None:
            return None
        return Layer(name, host_tensor(held.value), held.rows, held.shape)
    except (UnusableArray, UnsupportedShard) as e:
        raise ValueError(f"layer {name} {e}") from None


def _check(name: str, held: Tuple[int, ...], first: int, last: int, whole: Tuple[int, ...]) -> None:
    if not whole or whole[-1] == 0:
        raise ValueError(f"layer {name}: the shape {list(whole)} has no rows")
    height = 1
    for size in whole[:-1]:
        height *= size
    values = 1
    for size in held:
        values *= size
    if not first < last <= height or values != (last - first) * whole[-1]:
        raise ValueError(
            f"layer {name}: {list(held)} is not rows {first}:{last} of {height} of {list(whole)}"
        )
