"""Follows a model while it trains and sends its mixers, without the training noticing."""

from __future__ import annotations

import functools
import logging
import os
import sys
from dataclasses import replace
from typing import Any, Callable, List, Optional, TypeVar
from urllib.parse import quote

from . import lifetime
from .connection import one_line
from .copying import HostCopies
from .delivery import Delivery, Stats
from .document import Document, Origin, documents, layer_name, whole_number
from .endpoint import Endpoint
from .sampling import Mixers, Samples, hook, numbered
from .selection import Captured, Selection
from .steps import due, on_step, optimizers, rates
from .verdicts import Verdicts

log = logging.getLogger("sinkwatch")

_Method = TypeVar("_Method", bound=Callable[..., Any])


def _guarded(method: _Method) -> _Method:
    """Nothing that goes wrong in here reaches the training loop."""

    @functools.wraps(method)
    def guarded(self: "Watcher", *args: Any, **named: Any) -> Any:
        if self._delivery is None:
            return None
        try:
            return method(self, *args, **named)
        except Exception as e:
            self._delivery.failed(e)
            return None

    return guarded  # type: ignore[return-value]


class _Gathering:
    """A snapshot that samples may still come to."""

    def __init__(self, step: int, tokens: int) -> None:
        self.step = step
        self.copies = HostCopies()
        self.captured: Optional[List[Captured]] = None
        self.samples = Samples(tokens)


class Watcher:
    """What ``watch`` returns. Its methods never raise and never wait, but ``flush`` and ``close``.

    To be used by the thread that trains.
    """

    def __init__(
        self,
        model: Any,
        run: str,
        door: Optional[Endpoint],
        every: int,
        origin: Origin,
        selection: Selection,
        tokens: int,
        step: int,
        timeout: float,
        whole: Optional[bool],
        sampled: bool,
    ) -> None:
        self.run = run
        self._model = model
        self._torch = sys.modules["torch"]
        self.every = every
        self._origin = origin
        self._selection = selection
        self._tokens = tokens
        self._step = step
        self._whole = whole
        self._sampled = sampled
        self._single = False
        self._optimizers: List[Any] = []
        self._handles: List[Callable[[], None]] = []
        self._gathering: Optional[_Gathering] = None
        self._told_unobservable = False
        self._delivery: Optional[Delivery] = None
        self._verdicts: Optional[Verdicts] = None
        if door is not None:
            path = f"/api/v1/runs/{quote(run)}/steps/"
            who = f"run {run}"
            self._delivery = Delivery(
                door, lambda at: path + str(at), timeout, who, selection.refuse
            )
            delivery = self._delivery
            self._verdicts = Verdicts(run, door, origin.attempt, lambda: delivery.first)
            lifetime.begin(self)

    @property
    def stats(self) -> Stats:
        """What became of the snapshots so far."""
        if self._delivery is None:
            return Stats(state="disabled")
        return replace(self._delivery.stats(), unsupported=tuple(self._selection.unsupported))

    @_guarded
    def step(self, step: Optional[int] = None) -> None:
        """Says that an optimizer step has been taken: the next one, or that of the number ``step``.

        Takes a snapshot when one is due. Not needed when ``watch`` was given the optimizer.
        """
        self._release()
        before = self._step
        self._step = before + 1 if step is None else whole_number(step, "step")
        if due(self._step, before, self.every):
            self._begin(self._step)

    @_guarded
    def snapshot(self, step: int) -> None:
        """Takes a snapshot now, as that of ``step``, whether one is due or not."""
        self._release()
        self._step = whole_number(step, "step")
        self._single = True
        self._begin(self._step)

    @_guarded
    def sample(self, name: str, matrix: Any) -> None:
        """Offers the mixers ``[..., n, n]`` that a forward pass applies in the layer ``name``.

        Kept for steps that are due, the first of a name, and of those ``tokens`` at most. May be
        a function without arguments that returns them, called only then.
        """
        self._sampled = True
        if (
            self._single
            and self._gathering is not None
            and name in self._gathering.samples
        ):
            self._release()  # the next pass begins, and who takes snapshots does not count steps
        gathering = self._gathering
        if gathering is None or name in gathering.samples or not self._speaks():
            return
        if not getattr(self._model, "training", True):
            return
        try:
            layer_name(name)
            matrix = matrix() if callable(matrix) and not hasattr(matrix, "shape") else matrix
            gathering.samples.take(name, matrix, gathering.copies)
        except ValueError as e:
            self._selection.refuse(name, str(e))

    def stop_if(self, alarm: Optional[str] = None) -> bool:
        """Whether that alarm fires for the run, or with none whether the monitor says to stop.

        Asked in the background: the first call begins to ask and is False. What was said of earlier
        attempts, or of steps before the first that this watcher has sent, does not count.
        """
        return self._verdicts is not None and self._verdicts.fires(alarm)

    def flush(self, seconds: float = 10.0) -> bool:
        """Waits until all snapshots are sent, at most so long; whether they are."""
        if self._delivery is None:
            return True
        self._release()
        return self._delivery.flush(seconds)

    def close(self, seconds: float = 10.0) -> None:
        """Takes the hooks away, waits at most so long for what is on its way, ends the threads."""
        handles, self._handles = self._handles, []
        for remove in handles:
            self._end(remove)
        delivery, verdicts = self._delivery, self._verdicts
        if delivery is None:
            return
        self._release()
        lifetime.end(self)
        if verdicts is not None:
            self._end(verdicts.close)
        self._end(functools.partial(delivery.close, seconds))

    def _end(self, what: Callable[[], None]) -> None:
        """One thing that is to end, whatever became of the others: the script ends as it would."""
        try:
            what()
        except Exception as e:
            line = one_line(f"{type(e).__name__}: {e}")
            log.warning("run %s: something did not end as it should: %s", self.run, line)

    def abandon(self) -> None:
        """In a forked child, such as a worker that loads data: nothing is taken and nothing sent."""
        if self._delivery is not None:
            self._delivery.abandon()
        if self._verdicts is not None:
            self._verdicts.abandon()
        self._delivery = self._verdicts = None

    def __enter__(self) -> "Watcher":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def attach(self, optimizer: Any, mixers: Optional[Mixers]) -> None:
        """Counts the steps of the last of these optimizers, looks at these modules' mixers."""
        self._optimizers = optimizers(optimizer)
        if mixers:
            handles = hook(self._model, mixers, self.sample, self._torch)
            self._handles += [handle.remove for handle in handles]
        if self._optimizers:
            self._handles.append(on_step(self._optimizers[-1], self._before, self.step))
            if self._step % self.every == 0:
                self._gathering = _Gathering(self._step, self._tokens)

    @_guarded
    def follow(self, optimizer: Any, step: int) -> None:
        """For trainers, which count steps themselves: begins at ``step`` and reads the rates."""
        self._optimizers = optimizers(optimizer)
        if step % self.every == 0:
            self._begin(step)

    @_guarded
    def _before(self) -> None:
        """As the next step begins: the first one shows what training starts from."""
        self._release()

    @_guarded
    def _release(self) -> None:
        gathering, self._gathering = self._gathering, None
        if gathering is None or self._delivery is None:
            return
        if gathering.captured is None:
            self._capture(gathering)
        gathering.copies.done(self._torch)
        if not gathering.captured and not len(gathering.samples):
            self._nothing()
            return
        self._delivery.offer(gathering.step, functools.partial(self._prepare, gathering))

    def _begin(self, step: int) -> None:
        gathering = _Gathering(step, self._tokens)
        self._capture(gathering)
        self._gathering = gathering
        if not self._sampled:
            self._release()

    def _capture(self, gathering: _Gathering) -> None:
        gathering.captured = self._selection.capture(
            self._torch, gathering.copies, rates(self._optimizers), self._speaks()
        )

    def _prepare(self, gathering: _Gathering) -> List[Document]:
        """In the sender's thread."""
        gathering.copies.wait()
        layers = self._selection.layers(self._torch, gathering.captured or [])
        operators = self._selection.operators()
        names = [layer.name for layer in layers]
        sampled, refused = gathering.samples.layers(not operators)
        if numbered([layer.name for layer in sampled]):
            sampled = [layer._replace(position=None) for layer in sampled]
        for name, why in refused.items():
            self._selection.refuse(name, why)
        layers += [layer for layer in sampled if layer.name not in names]
        operators += len(sampled)
        if not layers:
            self._nothing()
        known = self._origin.operators or operators
        return documents(layers, self._origin._replace(operators=known or None))

    def _speaks(self) -> bool:
        """Whether this process publishes what it holds whole: the first one of a group does."""
        if self._whole is not None:
            return self._whole
        dist = getattr(self._torch, "distributed", None)
        if dist is not None and dist.is_available() and dist.is_initialized():
            return bool(dist.get_rank() == 0)
        return os.environ.get("RANK", "0") in ("", "0")

    def _nothing(self) -> None:
        if not self._told_unobservable and self._speaks():
            self._told_unobservable = True
            log.warning(
                "run %s: the model has no mixer that can be seen: say mixers=, kinds= or dense=True",
                self.run,
            )
