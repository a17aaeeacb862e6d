"""One callback for the Hugging Face Trainer and for Lightning, neither of which is imported."""

from __future__ import annotations

import sys
from typing import Any, List, Optional

from .ranks import Together
from .watcher import Watcher
from .watching import watch

# Lightning wants callbacks to be of its class, so that class is taken if it has been imported.
_BASES = (
    ("lightning.pytorch", "Callback"),
    ("pytorch_lightning", "Callback"),
    ("transformers.trainer_callback", "TrainerCallback"),
)


class Callback:
    """Watches the trainer's model: ``Trainer(callbacks=[sinkwatch.Callback(run="my-run")])``.

    Takes what ``watch`` takes, but for optimizer and step, which the trainer tells. ``model`` is
    watched instead of the trainer's. With ``stop_if``, the training is told to stop when that
    alarm fires; True stands for whatever the monitor says to stop for. Where torch.distributed runs
    several processes, they decide it together, once in ``every`` steps, and all of them need the
    callback with ``stop_if``.
    """

    def __new__(cls, *_: Any, **__: Any) -> "Callback":
        bases = _loaded(cls)
        made = type(cls.__name__, (cls, *bases), {"__module__": cls.__module__}) if bases else cls
        return object.__new__(made)

    def __init__(self, *, stop_if: Any = None, model: Any = None, **settings: Any) -> None:
        super().__init__()
        self.watcher: Optional[Watcher] = None
        self._together: Optional[Together] = None
        self._alarm = stop_if
        self._given = model
        self._settings = settings

    def __getattr__(self, name: str) -> Any:
        # trainers call every event that they know of
        if name.startswith("on_"):
            return _nothing
        raise AttributeError(f"{type(self).__name__} has no attribute {name}")

    # ------------------------------------------------ both; Hugging Face: (args, state, control)

    def on_train_end(self, *_: Any, **__: Any) -> None:
        if self.watcher is not None:
            self.watcher.close()

    # ---------------------------------------------------------------------------- Hugging Face

    def on_train_begin(self, args: Any, state: Any, control: Any, **named: Any) -> None:
        self._begin(named.get("model"), named.get("optimizer"), int(state.global_step))

    def on_step_end(self, args: Any, state: Any, control: Any, **named: Any) -> Any:
        if self._step(int(state.global_step)):
            control.should_training_stop = True
        return control

    # ------------------------------------------------------------- Lightning: (trainer, module)

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        self._begin(pl_module, list(trainer.optimizers), int(trainer.global_step))

    def on_train_batch_end(self, trainer: Any, pl_module: Any, *_: Any, **__: Any) -> None:
        if self._step(int(trainer.global_step)):
            trainer.should_stop = True

    def on_exception(self, *_: Any, **__: Any) -> None:
        self.on_train_end()

    # ---------------------------------------------------------------------------------------

    def _begin(self, model: Any, optimizer: Any, step: int) -> None:
        watched = self._given if self._given is not None else model
        self.watcher = watch(watched, step=step, **self._settings)
        self._together = Together(watched, self.watcher.every, step)
        self.watcher.follow(optimizer, step)

    def _step(self, step: int) -> bool:
        """Whether to stop."""
        if self.watcher is None or self._together is None:
            return False
        self.watcher.step(step)
        if not self._alarm:
            return False
        told = self.watcher.stop_if(None if self._alarm is True else self._alarm)
        return self._together.stop(told, step)


def _nothing(*_: Any, **__: Any) -> None:
    """An event that does not concern us."""


def _loaded(cls: type) -> List[Any]:
    found: List[Any] = []
    for module, name in _BASES:
        base = getattr(sys.modules.get(module), name, None)
        if isinstance(base, type) and not issubclass(cls, base) and base not in found:
            found.append(base)
    return found
