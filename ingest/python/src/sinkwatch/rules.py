"""Which weights of a model are mixers, by name: the rules of the monitor's profiles, no others.

The monitor has a file for each; a test compares them with these. Rules for tensors that are sampled
are left out: those are no weights, and their publisher says what they are.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple, Optional, Pattern, Sequence, Tuple

_MOST_BLOCKS = 2**31 - 1


class Rule(NamedTuple):
    """A family's tensors: ``layer`` matches their whole name, its first group is the block.

    The mixers may be made of other tensors as well, whose names have one of ``others`` in place of ``end``.
    """

    profile: str
    layer: Pattern[str]
    observability: str
    logits: str
    end: str = ""
    others: Tuple[str, ...] = ()

    def matches(self, name: str) -> bool:
        match = self.layer.fullmatch(name)
        return match is not None and int(match.group(1)) <= _MOST_BLOCKS

    def contributes(self, name: str) -> bool:
        """Whether it is one of those other tensors."""
        return any(
            name.endswith(other) and self.matches(name[: len(name) - len(other)] + self.end)
            for other in self.others
        )

    def fits(self, shape: Sequence[int]) -> bool:
        """Whether a tensor of that shape can hold what the rule looks for."""
        if self.logits == "matrix":
            return len(shape) >= 2 and shape[-1] == shape[-2] and math.prod(shape) > 0
        if self.logits == "stream-bias":
            elements = math.prod(shape)
            n = math.isqrt(elements + 1) - 1
            return n > 0 and n * (n + 2) == elements
        if self.logits == "last-columns":
            return len(shape) == 2 and shape[1] >= shape[0] > 0
        return math.prod(shape) > 0  # coefficients of a construction, which the monitor counts


def _rule(
    profile: str, layer: str, observability: str, logits: str, end: str = "", *others: str
) -> Rule:
    return Rule(profile, re.compile(layer, re.ASCII), observability, logits, end, others)


_LOGITS = r"(?:.*\.)?h\.(\d+)\.hc_(attn|mlp)\.H_res_logits"
_HF = r"(?:model\.)?layers\.(\d+)\.(attn_hc|ffn_hc)\.base"
_MEGATRON = r"(?:.*\.)?layers\.(\d+)\.(self_attention|mlp)_hyper_connection\.bias"
_STATIC = r"(?:.*\.)?(\d+)\.(?:.*\.)?static_alpha"
_STATIC_PARTS = ("static_alpha", "dynamic_alpha_fn", "residual_scale", "norm.gamma")
_MEGATRON_PARTS = ("bias", "mapping_proj.weight", "alpha_res")
_MAXTEXT_PARTS = ("res_beta", "res_alpha", "res_alpha_scale", "mhc_norm.scale", "mhc_norm-scale")
_MAXTEXT = r"(?:.*[.-])?layers_(\d+)[.-]mhc_(attention|mlp)[.-]res_beta"

# in the order in which the monitor asks them
RULES: Tuple[Rule, ...] = (
    _rule("tokenbender", _LOGITS, "exact", "matrix", "H_res_logits", "H_res_alpha_logit"),
    _rule("tokenbender-orthostochastic", _LOGITS, "exact", "matrix"),
    _rule("tokenbender-orthostochastic-5", _LOGITS, "exact", "matrix"),
    _rule(
        "deepseek-v4",
        r"(?:model\.)?layers\.(\d+)\.hc_(attn|ffn)_base",
        "static-proxy",
        "stream-bias",
        "base",
        "fn",
        "scale",
    ),
    _rule("deepseek-v4-hf", _HF, "static-proxy", "stream-bias", "base", "fn", "scale"),
    _rule("deepseek-v4-hf-sigmoid", _HF, "static-proxy", "stream-bias", "base", "fn", "scale"),
    _rule("megatron", _MEGATRON, "static-proxy", "stream-bias", *_MEGATRON_PARTS),
    _rule("megatron-exp", _MEGATRON, "static-proxy", "stream-bias", *_MEGATRON_PARTS),
    _rule("maxtext", _MAXTEXT, "static-proxy", "matrix", *_MAXTEXT_PARTS),
    _rule("maxtext-columns", _MAXTEXT, "static-proxy", "matrix", *_MAXTEXT_PARTS),
    _rule("maxtext-lite", _MAXTEXT, "static-proxy", "weights", *_MAXTEXT_PARTS),
    _rule("lucidrains", _STATIC, "static-proxy", "last-columns", *_STATIC_PARTS),
    _rule("mhc-lite", _STATIC, "static-proxy", "after-pre", *_STATIC_PARTS),
    _rule("kromhc", _STATIC, "static-proxy", "after-pre", *_STATIC_PARTS),
)
_ISOTROPIC = "-isotropic"
PROFILES: Tuple[str, ...] = tuple(rule.profile for rule in RULES) + (
    "sinkformer",
    "transport-plan",
    "generic",
)


def profile_name(profile: Optional[str]) -> str:
    """The profile itself, ``auto`` for None; ValueError when there is none of that name."""
    name = profile or "auto"
    if name != "auto" and name not in PROFILES and name not in _of_tokens():
        raise ValueError(f"there is no profile {name!r}; choose one of auto, {', '.join(PROFILES)}")
    return name


def _of_tokens() -> Tuple[str, ...]:
    """Names of the profiles by which what depends on the token is looked at as well."""
    return tuple(r.profile + _ISOTROPIC for r in RULES if r.others and r.observability != "exact")


def part_of(name: str, profile: str = "auto") -> Optional[Rule]:
    """The rule whose mixers are made of the tensor of that name as well, as the monitor would choose it."""
    for rule in RULES:
        chosen = ("auto", rule.profile + _ISOTROPIC) if rule.observability != "exact" else ("auto", rule.profile)
        if profile in chosen and rule.contributes(name):
            return rule
    return None


def rule_for(name: str, profile: str = "auto", shape: Optional[Sequence[int]] = None) -> Optional[Rule]:
    """The rule that knows a layer of that name, as the monitor would choose it.

    Of several families that use the name it is the first one that the shape fits.
    """
    known = None
    for rule in RULES:
        if profile in ("auto", rule.profile, rule.profile + _ISOTROPIC) and rule.matches(name):
            if shape is None or rule.fits(shape):
                return rule
            known = known or rule
    return known
