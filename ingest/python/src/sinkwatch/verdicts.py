"""What the monitor says of a run, asked in the background for loops that stop themselves."""

from __future__ import annotations

import logging
import threading
from typing import Any, Dict, Mapping, Optional, Tuple
from urllib.parse import quote

from . import lifetime
from .connection import Connection, Unreachable
from .document import run_name
from .endpoint import Endpoint, SettingError, disabled, endpoint

log = logging.getLogger("sinkwatch")

INTERVAL = 5.0


class Verdicts:
    """Asks every few seconds from the first question on. Never raises, never waits."""

    def __init__(self, run: str, door: Endpoint, interval: float = INTERVAL) -> None:
        self._run = run
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
                self._thread = threading.Thread(
                    target=self._ask, name="sinkwatch-verdicts", daemon=True
                )
                self._thread.start()
            verdict = self._verdict
            if alarm is None:
                return bool(verdict.get("verdict") == "stop")
            return any(
                one.get("alarm") == alarm and one.get("state") == "firing"
                for one in verdict.get("alarms") or ()
            )
        except Exception as e:  # no thread can be begun, or an answer of another shape
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

    def _ask(self) -> None:
        while not self._closed.is_set():
            try:
                answer = self._connection.get(f"/api/v1/runs/{quote(self._run)}/verdict")
                if answer.status == 200:
                    self._verdict = answer.body
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
    url: Optional[str] = None,
    user: Optional[str] = None,
    password: Optional[str] = None,
    ca: Optional[str] = None,
    certificate: Optional[str] = None,
    key: Optional[str] = None,
) -> bool:
    """Whether that alarm fires for the run, or with none whether the monitor says to stop.

    Asks in the background, every five seconds from the first call on, which is False. Never raises
    and never waits: what is wrong is one warning, and False. Of several processes that train
    together let one ask and tell the others, since they may hear of it at different steps.
    """
    if disabled():
        return False
    place = (run, url, user, password, ca, certificate, key)
    if place not in _shared:
        try:
            door = endpoint(url, user, password, ca, certificate, key)
            shared = Verdicts(run_name(run), door)
            lifetime.begin(shared)
            _shared[place] = shared
        except (SettingError, ValueError) as e:
            log.warning("sinkwatch.stop_if is off: %s", e)
            _shared[place] = None
    verdicts = _shared[place]
    return verdicts is not None and verdicts.fires(alarm)
