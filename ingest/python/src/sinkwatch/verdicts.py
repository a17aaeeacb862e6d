"""What the monitor says of a run, asked in the background for loops that stop themselves."""

from __future__ import annotations

import logging
import threading
from typing import Any, Callable, Dict, Mapping, Optional, Tuple
from urllib.parse import quote

from . import lifetime
from .connection import Connection, Unreachable, one_line
from .document import run_name
from .endpoint import Endpoint, SettingError, attempt_number, disabled, endpoint

log = logging.getLogger("sinkwatch")

INTERVAL = 5.0


class Verdicts:
    """Asks every few seconds from the first question on. Never raises, never waits.

    What an earlier attempt of the run was told does not count, nor within ``attempt`` what was
    said of steps before ``first()``, nor anything of it while that is None.
    """

    def __init__(
        self,
        run: str,
        door: Endpoint,
        attempt: int = 0,
        first: Callable[[], Optional[int]] = lambda: 0,
        interval: float = INTERVAL,
    ) -> None:
        self._run = run
        self._attempt = attempt
        self._first = first
        self._connection = Connection(door, timeout=10.0)
        self._interval = interval
        self._closed = threading.Event()
        self._thread: Optional[threading.Thread] = None
        self._verdict: Mapping[str, Any] = {}
        self._warned = False

    def fires(self, alarm: Optional[str] = None) -> bool:
        """Whether that alarm fires as far as is known, or with none whether the verdict is stop."""
        try:
            if self._thread is None and not self._closed.is_set():
                thread = threading.Thread(target=self._ask, name="sinkwatch-verdicts", daemon=True)
                thread.start()
                self._thread = thread  # only one that runs can be joined
            verdict = self._verdict
            if not self._ours(verdict):
                return False
            if alarm is None:
                return bool(verdict.get("verdict") == "stop")
            return any(
                one.get("alarm") == alarm
                and one.get("state") == "firing"
                and one.get("silencedUntil") is None
                for one in verdict.get("alarms") or ()
            )
        except (RuntimeError, MemoryError) as e:  # no thread can be begun: the next call tries again
            self._warn(one_line(f"{type(e).__name__}: {e}"))
        except Exception as e:  # an answer of another shape
            log.debug("verdict of run %s: %s", self._run, e)
        return False

    def close(self, seconds: float = 1.0) -> None:
        self._closed.set()
        self._connection.abort()
        if self._thread is not None:
            self._thread.join(seconds)
            self._thread = None
        self._connection.close()

    def abandon(self) -> None:
        """In a forked child: the thread is the parent's."""
        self._closed = threading.Event()
        self._closed.set()
        self._thread = None

    def _ours(self, verdict: Mapping[str, Any]) -> bool:
        """Whether it is of this attempt's steps, or of a later attempt."""
        attempt, step = verdict.get("attempt"), verdict.get("step")
        if not isinstance(attempt, int) or attempt < self._attempt:
            return False
        if attempt > self._attempt:
            return True
        first = self._first()
        return first is not None and isinstance(step, int) and step >= first

    def _ask(self) -> None:
        while not self._closed.is_set():
            try:
                answer = self._connection.get(f"/api/v1/runs/{quote(self._run)}/verdict")
                if answer.status == 200:
                    self._verdict = answer.body
                elif answer.status == 404:  # the monitor has forgotten the run, and so its alarms
                    self._verdict = {}
                elif answer.status in (401, 403):
                    self._warn(answer.line)
            except Unreachable as e:
                log.debug("verdict of run %s: %s", self._run, e)
            except Exception as e:
                self._warn(f"{type(e).__name__}: {e}")
            self._closed.wait(self._interval)

    def _warn(self, line: str) -> None:
        if not self._warned and not self._closed.is_set():
            self._warned = True
            log.warning("run %s: its verdict cannot be read: %s", self._run, line)


_shared: Dict[Tuple[Any, ...], Optional[Verdicts]] = {}


def stop_if(
    alarm: Optional[str] = None,
    *,
    run: str,
    attempt: Optional[int] = None,
    url: Optional[str] = None,
    user: Optional[str] = None,
    password: Optional[str] = None,
    ca: Optional[str] = None,
    certificate: Optional[str] = None,
    key: Optional[str] = None,
) -> bool:
    """Whether that alarm fires for the run, or with none whether the monitor says to stop.

    Asks in the background, every five seconds from the first call on, which is False. Never raises
    and never waits: what is wrong is one warning, and False. An alarm that somebody has silenced
    does not count, nor does what was said of attempts before ``attempt`` (default:
    SINKWATCH_ATTEMPT, then 0). Of several processes that train together let one ask and tell the
    others, since they may hear of it at different steps.
    """
    if disabled():
        return False
    place = (run, attempt, url, user, password, ca, certificate, key)
    if place not in _shared:
        try:
            door = endpoint(url, user, password, ca, certificate, key)
            shared = Verdicts(run_name(run), door, attempt_number(attempt))
            lifetime.begin(shared)
            _shared[place] = shared
        except (SettingError, ValueError) as e:
            log.warning("sinkwatch.stop_if is off: %s", e)
            _shared[place] = None
    verdicts = _shared[place]
    return verdicts is not None and verdicts.fires(alarm)
