"""What has a thread ends with the interpreter, in bounded time, and does not live on in a fork."""

from __future__ import annotations

import atexit
import logging
import os
import time
import weakref
from typing import Any

log = logging.getLogger("sinkwatch")

_AT_EXIT = 2.0
_living: "weakref.WeakSet[Any]" = weakref.WeakSet()


def begin(owner: Any) -> None:
    """``owner.close(seconds)`` is called at exit, ``owner.abandon()`` in a forked child."""
    _living.add(owner)


def end(owner: Any) -> None:
    _living.discard(owner)


def _at_exit() -> None:
    last = time.monotonic() + _AT_EXIT
    for owner in list(_living):
        try:
            owner.close(max(0.0, last - time.monotonic()))
        except Exception as e:
            log.warning("at exit: %s: %s", type(e).__name__, e)


def _after_fork() -> None:
    for owner in list(_living):
        owner.abandon()
    _living.clear()


atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
