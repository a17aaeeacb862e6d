"""Which tensors of a model are published, and what their names do not tell."""

from __future__ import annotations

import logging
import math
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Set

from .arrays import UnusableArray, host_tensor
from .copying import HostCopies
from .document import Layer, layer_name
from .names import Place, places
from .patterns import said_of
from .rules import part_of, rule_for
from .shards import Piece, UnsupportedShard, distributed, piece
from .steps import Rates

log = logging.getLogger("sinkwatch")

_MOST_RECOGNISED = 64
_MOST_ELEMENTS = 1 << 20
_MOST_UNSUPPORTED = 1000
_TOLERANCE = 0.1  # the monitor's, of the sums of a doubly stochastic matrix
_OPERATORS = ("doubly-stochastic", "sinkhorn-logits", "transport-plan")


class _Chosen(NamedTuple):
    place: Place
    kind: Optional[str]
    operator: bool
    unknown: bool  # an operator if its values say so


class Captured(NamedTuple):
    """A copy of what this process holds of a tensor."""

    name: str
    copy: Any
    piece: Piece
    kind: Optional[str]
    unknown: bool
    rates: Rates


class Selection:
    """Chooses once, at the first snapshot; what is square and unknown is judged by its values.

    ``capture`` is of the training's thread, ``layers`` of the sender's.
    """

    def __init__(
        self, model: Any, profile: str, dense: bool, kinds: Mapping[str, str], sampled: bool
    ) -> None:
        self._model = model
        self._profile = profile
        self._dense = dense
        self._kinds = dict(kinds)
        self._sampled = sampled
        self._chosen: Optional[List[_Chosen]] = None
        self._recognised: Dict[str, bool] = {}
        self.unsupported: Dict[str, str] = {}
        self._parts: Set[str] = set()
        self._warned = False

    def capture(
        self, torch: Any, copies: HostCopies, rates: Mapping[int, Rates], whole: bool
    ) -> List[Captured]:
        """Copies what this process has to publish: all it holds if ``whole``, else its rows."""
        if self._chosen is None or any(c.place.tensor() is None for c in self._chosen):
            self._chosen = self._choose()
        taken = []
        for chosen in self._chosen:
            name = chosen.place.name
            if chosen.unknown and self._recognised.get(name) is False and not self._dense:
                continue
            tensor = chosen.place.tensor()
            try:
                held = piece(tensor)
            except UnsupportedShard as e:
                self._parts.add(name)
                self.refuse(name, str(e))
                continue
            if name in self._parts:  # it was a part before, and has been gathered
                self._parts.discard(name)
                self.unsupported.pop(name, None)
            if held is None or not whole and held.replica:
                continue
            copy = copies.copy(torch, held.value)
            found = rates.get(id(tensor), (None, None))
            taken.append(Captured(name, copy, held, chosen.kind, chosen.unknown, found))
        return taken

    def layers(self, torch: Any, captured: List[Captured]) -> List[Layer]:
        """What was captured as layers, less what turns out to be no mixer."""
        layers = []
        for one in captured:
            kind = one.kind
            if one.unknown and not self._recognise(torch, one):
                if not self._dense or one.copy.dim() < 2:
                    continue
                kind = "dense"
            try:
                tensor = host_tensor(one.copy)
            except UnusableArray as e:
                self.refuse(one.name, str(e))
                continue
            rows, shape = one.piece.rows, one.piece.shape
            layers.append(
                Layer(
                    one.name,
                    tensor,
                    rows,
                    shape,
                    kind,
                    learning_rate=one.rates[0],
                    weight_decay=one.rates[1],
                )
            )
        return layers

    def operators(self) -> int:
        """How many mixers a step has, counted over all processes."""
        return sum(
            1
            for chosen in self._chosen or ()
            if chosen.place.name not in self.unsupported
            and (self._recognised.get(chosen.place.name, False) if chosen.unknown else chosen.operator)
        )

    def _choose(self) -> List[_Chosen]:
        chosen = []
        for place in places(self._model):
            one = self._decide(place, place.tensor())
            if one is not None:
                chosen.append(one)
        return chosen

    def _decide(self, place: Place, tensor: Any) -> Optional[_Chosen]:
        name, shape = place.name, tuple(tensor.shape)
        kind = said_of(name, self._kinds)
        rule = rule_for(name, self._profile, shape)
        floating = bool(getattr(tensor, "is_floating_point", lambda: True)())
        if kind == "ignore":
            return None
        try:
            layer_name(name)
        except ValueError as e:
            if kind is not None or rule is not None:
                self.refuse(name, str(e))
            return None
        if kind is not None:
            return _Chosen(place, kind, kind in _OPERATORS, False)
        if rule is not None and not (self._sampled and rule.observability != "exact"):
            # a shard that says of itself what it is part of is looked at where it is captured
            if rule.fits(shape) or not self._whole(name, tensor, shape):
                return _Chosen(place, None, True, False)
            return None
        other = part_of(name, self._profile)
        if rule is None and other is not None and not (self._sampled and other.observability != "exact"):
            return _Chosen(place, None, False, False)
        if rule is None and floating and self._square(tensor, shape):
            return _Chosen(place, None, False, True)
        if rule is None and self._dense and place.parameter and floating and len(shape) >= 2:
            return _Chosen(place, "dense", False, False)
        return None

    def _whole(self, name: str, tensor: Any, shape: Any) -> bool:
        """Whether the tensor is all that there is; if so, its shape fits no rule of its name."""
        try:
            piece(tensor)
        except UnsupportedShard:
            return False
        self.refuse(name, f"its shape {list(shape)} holds no mixer as its name says")
        return True

    @staticmethod
    def _square(tensor: Any, shape: Any) -> bool:
        return (
            len(shape) >= 2
            and shape[-1] == shape[-2]
            and 2 <= shape[-1] <= _MOST_RECOGNISED
            and math.prod(shape) <= _MOST_ELEMENTS
            and not distributed(tensor)
        )

    def _recognise(self, torch: Any, one: Captured) -> bool:
        known = self._recognised.get(one.name)
        if known is None:
            known = _doubly_stochastic(one.copy)
            self._recognised[one.name] = known
        return known

    def refuse(self, name: str, why: str) -> None:
        """Counts a layer that cannot be published; the first one is said."""
        if not self._warned:
            self._warned = True
            log.warning("%s is not published: %s", name, why)
        if name not in self.unsupported and len(self.unsupported) < _MOST_UNSUPPORTED:
            self.unsupported[name] = why


def _doubly_stochastic(matrix: Any) -> bool:
    if matrix.device.type != "cpu" or matrix.numel() == 0:
        return False
    values = matrix.double()
    if not bool((values >= 0).all()):
        return False
    return all(bool(((values.sum(axis) - 1).abs() <= _TOLERANCE).all()) for axis in (-1, -2))
