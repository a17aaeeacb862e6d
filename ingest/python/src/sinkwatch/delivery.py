"""Snapshots on their way to the monitor: at most two, the oldest dropped, every end counted."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Callable, Deque, Dict, List, Mapping, Optional, Tuple

from .connection import Answer, Connection, Unreachable, left_out, one_line
from .document import Document
from .endpoint import Endpoint

log = logging.getLogger("sinkwatch")

# One being sent and one that waits: what training may lose is host memory for these.
CAPACITY = 2
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
# Dropping is told when it has gone on for so long, and anew after so many sent without any.
_PATIENCE = 1.0
_CAUGHT_UP = 10


@dataclass(frozen=True)
class Stats:
    """What became of the snapshots so far.

    ``state`` is ``new``, ``reachable``, ``busy``, ``unreachable``, ``refused`` or ``disabled``;
    ``dropped`` counts by reason: ``busy``, ``slow``, ``unreachable``, ``refused``, ``closed``,
    ``failed``. ``snapshots`` is the sum of ``sent``, ``pending`` and all that was dropped; one in
    which nothing turns out to be a mixer is none.
    """

    snapshots: int = 0
    sent: int = 0
    pending: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    bytes: int = 0
    state: str = "new"
    last_error: Optional[str] = None
    unsupported: Tuple[str, ...] = ()


class _Pending:
    """A snapshot that waits; its documents are made by the thread that sends them."""

    def __init__(self, step: int, prepare: Callable[[], List[Document]]) -> None:
        self.step = step
        self.prepare: Optional[Callable[[], List[Document]]] = prepare
        self.documents: List[Document] = []

    def ready(self) -> None:
        if self.prepare is not None:
            prepare, self.prepare = self.prepare, None
            self.documents = prepare()


class Delivery:
    """One daemon thread, begun with the first snapshot. ``offer`` never waits and never raises."""

    def __init__(
        self,
        endpoint: Endpoint,
        path: Callable[[int], str],
        timeout: float,
        who: str,
        refuse: Callable[[str, str], None],
    ) -> None:
        """``refuse`` hears of layers that the monitor leaves out, and why."""
        self._connection = Connection(endpoint, timeout)
        self._path = path
        self._who = who
        self._refuse = refuse
        self._place = str(endpoint)
        self._changed = threading.Condition()
        self._queue: Deque[_Pending] = deque()
        self._thread: Optional[threading.Thread] = None
        self._sending = False
        self._closing = False
        self._abandoned = False
        self._slow_since: Optional[float] = None
        self._slow_sent = 0
        self._slow_told = True
        self._snapshots = self._sent = self._bytes = 0
        self._dropped: Dict[str, int] = {}
        self._state = "new"
        self._error: Optional[str] = None
        self.first: Optional[int] = None
        """The step that was sent first, None before that."""

    def stats(self) -> Stats:
        with self._changed:
            return Stats(
                self._snapshots,
                self._sent,
                len(self._queue),
                dict(self._dropped),
                self._bytes,
                self._state,
                self._error,
            )

    def offer(self, step: int, prepare: Callable[[], List[Document]]) -> None:
        """Takes a snapshot; the oldest that is not being sent makes room for it."""
        begins = False
        with self._changed:
            if self._closing or self._abandoned:
                return
            if self._thread is None and not self._started():
                return
            self._snapshots += 1
            if len(self._queue) >= CAPACITY:
                at = 1 if self._sending else 0
                del self._queue[at]
                reason = self._state if self._state in ("unreachable", "busy") else "slow"
                self._drop(reason)
                begins = reason == "slow" and self._begins()
            self._queue.append(_Pending(step, prepare))
            self._changed.notify_all()
        if begins:
            slow = "%s: %s takes snapshots more slowly than they come, or not at all: the oldest is dropped"
            log.warning(slow + "; training goes on", self._who, self._place)

    def _begins(self) -> bool:
        """Whether it is to be told now that snapshots come faster than they are taken."""
        now = time.monotonic()
        if self._slow_since is None or self._sent - self._slow_sent >= _CAUGHT_UP:
            self._slow_since, self._slow_told = now, False
        self._slow_sent = self._sent
        begins = not self._slow_told and now - self._slow_since >= _PATIENCE
        self._slow_told = self._slow_told or begins
        return begins

    def _started(self) -> bool:
        """Begins the thread; where none can be begun, the snapshot has failed and the next tries."""
        thread = threading.Thread(target=self._run, name="sinkwatch", daemon=True)
        try:
            thread.start()
        except (RuntimeError, MemoryError) as e:
            self.failed(e)
            return False
        self._thread = thread  # only one that runs can be joined
        return True

    def failed(self, error: Exception) -> None:
        """A snapshot could not be taken: that is ours to bear, not the training's."""
        with self._changed:
            self._snapshots += 1
            self._drop("failed")
            first = self._dropped["failed"] == 1
            self._error = one_line(f"{type(error).__name__}: {error}")
        if first:
            log.warning("%s: a snapshot could not be taken: %s", self._who, self._error)

    def flush(self, seconds: float) -> bool:
        """Waits until nothing is on its way, at most so long; whether nothing is."""
        end = time.monotonic() + seconds
        with self._changed:
            while self._queue and not self._abandoned:
                left = end - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(left)
            return not self._queue

    def close(self, seconds: float) -> None:
        """Sends what waits, each once more and at most so long together; then no thread is left."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
            thread = self._thread
            closed = self._dropped.get("closed", 0)
        if thread is not None and not self._abandoned:
            thread.join(max(0.0, seconds))
            if thread.is_alive():
                self._connection.abort()
                thread.join(1.0)
        with self._changed:
            while self._queue:
                self._queue.popleft()
                self._drop("closed")
            self._changed.notify_all()
            untold = self._dropped.get("closed", 0) > closed or not self._slow_told
            self._slow_told = True
            lost, of = dict(self._dropped), self._snapshots
        if untold:
            why = ", ".join(f"{reason}: {count}" for reason, count in lost.items())
            counts = f"{sum(lost.values())} of {of} snapshots"
            log.warning("%s: %s were not sent to %s (%s)", self._who, counts, self._place, why)
        if thread is None or not thread.is_alive():
            self._connection.close()
            self._thread = None

    def abandon(self) -> None:
        """In a forked child: the thread is the parent's, and so is the connection."""
        self._changed = threading.Condition()
        self._abandoned = True
        self._queue.clear()
        self._thread = None

    def _drop(self, reason: str) -> None:
        self._dropped[reason] = self._dropped.get(reason, 0) + 1

    def _run(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            with self._changed:
                while not self._queue and not self._closing:
                    self._changed.wait()
                if not self._queue:
                    return
                pending = self._queue[0]
                self._sending = True
            wait = self._send(pending)
            with self._changed:
                self._sending = False
                if wait is None or self._closing:
                    if self._queue and self._queue[0] is pending:
                        self._queue.popleft()
                        if wait is not None:
                            self._drop("closed")
                    pause = _FIRST_PAUSE
                    self._changed.notify_all()
                    continue
                # the pause ends early when there is no time left
                end = time.monotonic() + max(wait, pause * random.uniform(0.5, 1.0))
                pause = min(_LONGEST_PAUSE, 2 * pause)
                while not self._closing and time.monotonic() < end:
                    self._changed.wait(end - time.monotonic())

    def _send(self, pending: _Pending) -> Optional[float]:
        """None when that snapshot has found its end, else the seconds that the monitor asks for."""
        try:
            pending.ready()
            if not pending.documents:
                with self._changed:
                    self._snapshots -= 1
                return None
            while pending.documents:
                answer = self._connection.post(self._path(pending.step), pending.documents[0])
                if answer.passing:
                    self._said("busy" if answer.status in (408, 425, 429, 503) else "unreachable", answer.line)
                    return min(answer.retry_after or 0.0, 300.0)
                if not 200 <= answer.status < 300:
                    self._refused(answer)
                    return None
                with self._changed:
                    self._bytes += pending.documents[0].length
                    del pending.documents[0]
                self._said("reachable", None)
                for line in left_out(answer.body):
                    name, _, why = line.partition(": ")
                    self._refuse(name, why or "the monitor leaves it out")
        except Unreachable as e:
            self._said("unreachable", str(e))
            return 0.0
        except Exception as e:  # ours, or memory's end: the thread goes on with the next one
            pending.documents.clear()
            with self._changed:
                self._drop("failed")
                first = self._dropped["failed"] == 1
                self._error = one_line(f"{type(e).__name__}: {e}")
            if first:
                log.warning("%s: a snapshot could not be sent: %s", self._who, self._error)
            return None
        with self._changed:
            self._sent += 1
            if self.first is None:
                self.first = pending.step
        return None

    def _refused(self, answer: Answer) -> None:
        self._said("refused", answer.line)
        with self._changed:
            self._drop("refused")

    def _said(self, state: str, line: Optional[str]) -> None:
        with self._changed:
            before, self._state = self._state, state
            changed = before != state or (state == "refused" and line != self._error)
            if line is not None:
                self._error = line
        if not changed or self._closing and state == "unreachable":
            return
        if state == "reachable":
            log.info("%s: %s takes snapshots", self._who, self._place)
        elif state == "refused":
            log.warning("%s: %s refuses a snapshot: %s", self._who, self._place, line)
        elif state == "busy":
            log.warning("%s: %s is busy: %s; training goes on", self._who, self._place, line)
        else:
            log.warning("%s: %s cannot be reached: %s; training goes on", self._who, self._place, line)
