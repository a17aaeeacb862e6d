import unittest

import torch

import sinkwatch

from .models import Network
from .stand_in import Monitor, environment


class Watched(unittest.TestCase):
    """A model, its optimizer, and a monitor that takes what it publishes."""

    def setUp(self):
        torch.manual_seed(1)
        clean = environment()
        clean.__enter__()
        self.addCleanup(clean.__exit__, None, None, None)
        self.monitor = Monitor()
        self.addCleanup(self.monitor.close)
        self.model = Network()
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=0.01, weight_decay=0.1)

    def watch(self, model=None, **settings):
        settings = {"run": "r", "url": self.monitor.url, "every": 2, **settings}
        watcher = sinkwatch.watch(self.model if model is None else model, **settings)
        self.addCleanup(watcher.close)
        return watcher
