import copy
import logging
import sys

import torch

from .models import MIXERS, train
from .stand_in import threads
from .watched import Watched


class WatchTest(Watched):
    def test_the_steps_that_are_due_are_published_from_the_first_state_on(self):
        before = copy.deepcopy(self.model)
        watcher = self.watch(optimizer=self.optimizer)
        train(self.model, self.optimizer, 4, watcher=watcher)
        self.assertEqual([b.step for b in self.monitor.bodies], [0, 2, 4])
        for body in self.monitor.bodies:
            self.assertEqual(body.path, f"/api/v1/runs/r/steps/{body.step}")
            self.assertEqual(body.names, MIXERS)
            self.assertEqual(body.metadata["sinkwatch.operators"], "4")
            self.assertEqual(body.metadata["sinkwatch.attempt"], "0")
            self.assertEqual(body.metadata["sinkwatch.learning-rate"], "0.01")
            self.assertEqual(body.metadata["sinkwatch.weight-decay"], "0.1")
        first = before.h[1].hc_mlp.H_res_logits.flatten().tolist()
        last = self.model.h[1].hc_mlp.H_res_logits.flatten().tolist()
        self.assertEqual(self.monitor.bodies[0].floats(MIXERS[3]), first)
        self.assertEqual(self.monitor.bodies[2].floats(MIXERS[3]), last)
        stats = watcher.stats
        self.assertEqual((stats.snapshots, stats.sent, stats.pending, stats.dropped), (3, 3, 0, {}))
        self.assertEqual(stats.state, "reachable")
        self.assertGreater(stats.bytes, 3 * 4 * 64)
        self.assertEqual(self.monitor.connections, 1, "the connection is kept")

    def test_closing_takes_hooks_and_threads_away(self):
        with self.watch(optimizer=self.optimizer):
            train(self.model, self.optimizer, 2)
        self.assertEqual([b.step for b in self.monitor.bodies], [0, 2])
        self.assertEqual(threads(), [])
        self.assertNotIn("step", vars(self.optimizer))
        train(self.model, self.optimizer, 2)
        self.assertEqual(len(self.monitor.bodies), 2)

    def test_a_copy_is_of_its_step_whatever_comes_after(self):
        watcher = self.watch()
        with torch.no_grad():
            self.model.h[0].hc_attn.H_res_logits.fill_(1)
            watcher.snapshot(7)
            self.model.h[0].hc_attn.H_res_logits.fill_(2)
        watcher.flush(60)
        self.assertEqual(self.monitor.bodies[0].floats(MIXERS[0]), [1.0] * 16)

    def test_what_goes_wrong_in_here_stays_in_here(self):
        watcher = self.watch(optimizer=self.optimizer, every=1)
        watcher._selection.capture = None  # not callable
        with self.assertLogs("sinkwatch", logging.WARNING) as logs:
            train(self.model, self.optimizer, 3)
            watcher.snapshot("x")
        self.assertEqual(len(logs.output), 1)
        self.assertEqual(watcher.stats.dropped["failed"], watcher.stats.snapshots)
        self.assertGreaterEqual(watcher.stats.dropped["failed"], 4)

    def test_no_framework_is_imported_for_us(self):
        import subprocess

        code = "import sinkwatch, sys; sys.exit(bool({'torch', 'numpy', 'jax'} & set(sys.modules)))"
        self.assertEqual(subprocess.run([sys.executable, "-c", code]).returncode, 0)
