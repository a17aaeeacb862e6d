"""Counts optimizer steps and reads what the optimizer does to a parameter."""

from __future__ import annotations

import functools
import types
from typing import Any, Callable, Dict, List, Optional, Tuple

Rates = Tuple[Optional[float], Optional[float]]
Remove = Callable[[], None]


def due(step: int, before: int, every: int) -> bool:
    """Whether a multiple of ``every`` came after the step ``before``, even where steps were jumped.

    A step before that one is a resume: a multiple itself, or none yet.
    """
    return step % every == 0 if step < before else step // every != before // every


def optimizers(given: Any) -> List[Any]:
    """One optimizer or several, without what Accelerate and others put around them."""
    if given is None:
        return []
    listed = list(given) if isinstance(given, (list, tuple)) else [given]
    return [_inner(optimizer) for optimizer in listed]


def _inner(optimizer: Any) -> Any:
    while getattr(optimizer, "optimizer", None) is not None:
        optimizer = optimizer.optimizer
    if not hasattr(optimizer, "param_groups") or not hasattr(optimizer, "step"):
        raise TypeError(f"{type(optimizer).__name__} is no optimizer: it lacks param_groups or step")
    return optimizer


def on_step(optimizer: Any, before: Callable[[], None], after: Callable[[], None]) -> Remove:
    """Calls back around every step that the optimizer really takes; returns what undoes it."""
    if hasattr(optimizer, "register_step_pre_hook") and hasattr(
        optimizer, "register_step_post_hook"
    ):
        pre = optimizer.register_step_pre_hook(lambda *_: before())
        post = optimizer.register_step_post_hook(lambda *_: after())

        def remove() -> None:
            pre.remove()
            post.remove()

        return remove
    return _wrap(optimizer, before, after)


def _wrap(optimizer: Any, before: Callable[[], None], after: Callable[[], None]) -> Remove:
    original = optimizer.step

    # with the original's attributes, and a method again: learning rate schedulers look for both
    @functools.wraps(getattr(original, "__func__", original))
    def step(_self: Any, *args: Any, **named: Any) -> Any:
        before()
        result = original(*args, **named)
        after()
        return result

    bound = types.MethodType(step, optimizer)
    own = "step" in vars(optimizer)
    optimizer.step = bound

    def remove() -> None:
        if vars(optimizer).get("step") is not bound:
            return  # somebody wrapped it again: what is within stays, and does nothing
        if own:
            optimizer.step = original
        else:
            del optimizer.step

    return remove


def rates(optimizers: List[Any]) -> Dict[int, Rates]:
    """Learning rate and weight decay by the identity of each parameter."""
    found: Dict[int, Rates] = {}
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            both = (_number(group.get("lr")), _number(group.get("weight_decay")))
            if both != (None, None):
                for parameter in group["params"]:
                    found[id(parameter)] = both
    return found


def _number(value: Any) -> Optional[float]:
    """A rate that is a number, or a tensor that can be read without waiting for a device."""
    if value is None:
        return None
    device = getattr(value, "device", None)
    if device is not None and getattr(device, "type", "cpu") != "cpu":
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if 0 <= number < float("inf") else None
