"""The one line in a training script."""

from __future__ import annotations

import logging
import sys
from typing import Any, Dict, Mapping, Optional, Tuple

from .document import ACTIVATIONS, KINDS, Origin, choice, run_name, whole_number
from .endpoint import Endpoint, SettingError, attempt_number, disabled, endpoint, setting
from .rules import profile_name
from .sampling import Mixers
from .selection import Selection
from .watcher import Watcher

log = logging.getLogger("sinkwatch")


def watch(
    model: Any,
    *,
    run: Optional[str] = None,
    optimizer: Any = None,
    every: int = 100,
    step: int = 0,
    url: Optional[str] = None,
    attempt: Optional[int] = None,
    profile: Optional[str] = None,
    dense: bool = False,
    kinds: Optional[Mapping[str, str]] = None,
    mixers: Optional[Mixers] = None,
    tokens: int = 64,
    activation: Optional[str] = None,
    operators: Optional[int] = None,
    whole: Optional[bool] = None,
    user: Optional[str] = None,
    password: Optional[str] = None,
    ca: Optional[str] = None,
    certificate: Optional[str] = None,
    key: Optional[str] = None,
    timeout: float = 30.0,
) -> Watcher:
    """Publishes the mixers of a torch module every so many optimizer steps, in the background.

    model       a torch.nn.Module, wrapped and compiled as it may be
    run         the job's name (default: SINKWATCH_RUN)
    optimizer   one or several: their steps are counted and their rates published; without it call
                ``step`` after each step, or ``snapshot``
    every       steps from snapshot to snapshot; the state before the first step is one too
    step        steps taken so far, when resuming
    url         http://, https:// or unix:/PATH of the monitor (default: SINKWATCH_URL, then
                http://127.0.0.1:8321)
    attempt     restarts of the run so far, counted up when it resumes from an older step than it
                has published (default: SINKWATCH_ATTEMPT, then 0)
    profile     the family whose names decide (default: all)
    dense       every other weight matrix too
    kinds       patterns of names to kinds, for tensors that no profile knows
    mixers      patterns of module paths to "output", or to a function of (module, inputs, output)
                that returns [..., n, n]: sampled in the forward pass
    tokens      most matrices of a sample
    activation  float32, float16, bfloat16 or float8: what the activations are rounded to
    operators   how many mixers a step has, when this process does not know all
    whole       whether this process publishes what it holds whole (default: rank 0 does)
    timeout     seconds for an answer

    Raises ValueError for arguments that are wrong, and nothing after that. What is wrong in the
    environment is one warning, and nothing is published. With SINKWATCH_DISABLED=1 nothing is.
    """
    if not hasattr(model, "named_modules") or "torch" not in sys.modules:
        raise TypeError(f"model: a torch.nn.Module is expected, not a {type(model).__name__}")
    every = whole_number(every, "every", 1)
    tokens = whole_number(tokens, "tokens", 1)
    step = whole_number(step, "step")
    profile = profile_name(profile)
    wanted: Dict[str, str] = dict(kinds or {})
    for kind in wanted.values():
        choice(kind, "kind", KINDS)
    choice(activation, "activation", ACTIVATIONS)
    if operators is not None:
        operators = whole_number(operators, "operators", 1, 2**31 - 1)
    door: Optional[Endpoint] = None
    name, count = run or "", attempt or 0
    if not disabled():
        try:
            name, count = _identity(run, attempt)
            door = endpoint(url, user, password, ca, certificate, key)
        except SettingError as e:
            if not e.environment:
                raise
            log.warning("sinkwatch is off: %s", e)
    selection = Selection(model, profile, dense, wanted, bool(mixers))
    origin = Origin(count, operators, activation)
    watcher = Watcher(
        model,
        name,
        door,
        every,
        origin,
        selection,
        tokens,
        step,
        timeout,
        whole,
        bool(mixers),
    )
    if door is not None:
        try:
            watcher.attach(optimizer, mixers)
        except (TypeError, ValueError):
            watcher.close(0)
            raise
    return watcher


def _identity(run: Optional[str], attempt: Optional[int]) -> Tuple[str, int]:
    name, from_environment = setting(run, "SINKWATCH_RUN")
    if name is None:
        raise SettingError("run: a name is expected", False)
    try:
        name = run_name(name)
    except ValueError as e:
        raise SettingError(str(e), from_environment) from None
    return name, attempt_number(attempt)
