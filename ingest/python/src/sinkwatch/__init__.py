"""Publishes the mixers of a training job to a sinkwatch monitor: one line, no dependency.

    watcher = sinkwatch.watch(model, optimizer=optimizer, run="my-run")

``watch`` follows a torch module in the background, ``publish`` sends any arrays and waits,
``Callback`` is for trainers, ``stop_if`` for loops that stop themselves.
"""

from .callback import Callback
from .delivery import Stats
from .publishing import PublishError, publish
from .verdicts import stop_if
from .watcher import Watcher
from .watching import watch

__version__ = "0.1.0"
__all__ = ["Callback", "PublishError", "Stats", "Watcher", "publish", "stop_if", "watch"]
