"""Which tensors of a model are mixers, by name: the rules of the monitor's profiles, no others.

The monitor's own list is profiles.yaml; a test compares the two.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple, Optional, Pattern, Sequence, Tuple

_MOST_BLOCKS = 2**31 - 1


class Rule(NamedTuple):
    """A family's tensors: ``layer`` matches their whole name, its first group is the block."""

    profile: str
    layer: Pattern[str]
    observability: str
    logits: str

    def matches(self, name: str) -> bool:
        match = self.layer.fullmatch(name)
        return match is not None and int(match.group(1)) <= _MOST_BLOCKS

    def fits(self, shape: Sequence[int]) -> bool:
        """Whether a tensor of that shape can hold what the rule looks for."""
        if self.logits == "matrix":
            return len(shape) >= 2 and shape[-1] == shape[-2] and math.prod(shape) > 0
        if self.logits == "stream-bias":
            elements = math.prod(shape)
            n = math.isqrt(elements + 1) - 1
            return n > 0 and n * (n + 2) == elements
        return len(shape) == 2 and shape[1] >= shape[0] > 0


def _rule(profile: str, layer: str, observability: str, logits: str) -> Rule:
    return Rule(profile, re.compile(layer, re.ASCII), observability, logits)


RULES: Tuple[Rule, ...] = (
    _rule("tokenbender", r"(?:.*\.)?h\.(\d+)\.hc_(attn|mlp)\.H_res_logits", "exact", "matrix"),
    _rule(
        "deepseek-v4",
        r"(?:model\.)?layers\.(\d+)\.hc_(attn|ffn)_base",
        "static-proxy",
        "stream-bias",
    ),
    _rule(
        "deepseek-v4-hf",
        r"(?:model\.)?layers\.(\d+)\.(attn_hc|ffn_hc)\.base",
        "static-proxy",
        "stream-bias",
    ),
    _rule(
        "deepseek-v4-hf-sigmoid",
        r"(?:model\.)?layers\.(\d+)\.(attn_hc|ffn_hc)\.base",
        "static-proxy",
        "stream-bias",
    ),
    _rule(
        "megatron",
        r"(?:.*\.)?layers\.(\d+)\.(self_attention|mlp)_hyper_connection\.bias",
        "static-proxy",
        "stream-bias",
    ),
    _rule("lucidrains", r"(?:.*\.)?(\d+)\.(?:.*\.)?static_alpha", "static-proxy", "last-columns"),
)
PROFILES: Tuple[str, ...] = tuple(dict.fromkeys(rule.profile for rule in RULES)) + ("generic",)


def profile_name(profile: Optional[str]) -> str:
    """The profile itself, ``auto`` for None; ValueError when there is none of that name."""
    name = profile or "auto"
    if name != "auto" and name not in PROFILES:
        raise ValueError(f"there is no profile {name!r}; choose one of auto, {', '.join(PROFILES)}")
    return name


def rule_for(name: str, profile: str = "auto") -> Optional[Rule]:
    """The rule that knows a layer of that name, as the monitor would choose it."""
    for rule in RULES:
        if profile in ("auto", rule.profile) and rule.matches(name):
            return rule
    return None
