import logging
import os
import subprocess
import sys
import textwrap
import time
import threading
import unittest
from unittest import mock

import torch

import sinkwatch
from sinkwatch import lifetime
from sinkwatch.delivery import CAPACITY

from .models import Network, train
from .stand_in import Monitor, environment, free_port, threads, until

STEPS = 30


class FailuresTest(unittest.TestCase):
    """A monitor that is away, hangs, fails or comes late: the training does not notice."""

    def setUp(self):
        clean = environment()
        clean.__enter__()
        self.addCleanup(clean.__exit__, None, None, None)
        self.model = Network()
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.01)

    def train(self, url, steps=STEPS, **settings):
        watcher = sinkwatch.watch(
            self.model, optimizer=self.optimizer, run="r", url=url, every=1, **settings
        )
        self.addCleanup(watcher.close, 0)
        train(self.model, self.optimizer, steps)
        return watcher

    def all_are_counted(self, watcher, snapshots=STEPS + 1):
        stats = watcher.stats
        self.assertEqual(stats.snapshots, snapshots)
        self.assertEqual(stats.sent + stats.pending + sum(stats.dropped.values()), snapshots)
        self.assertLessEqual(stats.pending, CAPACITY)
        return stats

    def test_nobody_listens(self):
        with self.assertLogs("sinkwatch", logging.WARNING) as logs:
            watcher = self.train(f"http://127.0.0.1:{free_port()}")
            until(lambda: watcher.stats.state == "unreachable")
            for _ in range(3):
                train(self.model, self.optimizer, 1)
        stats = self.all_are_counted(watcher, STEPS + 4)
        self.assertGreaterEqual(stats.dropped["unreachable"], 1)
        self.assertIn("refused", stats.last_error.lower())
        self.assertEqual(len(logs.output), 1, "one line, not one a step")
        self.assertIn("cannot be reached", logs.output[0])
        watcher.close()
        self.assertEqual(threads(), [])
        self.assertEqual(self.all_are_counted(watcher, STEPS + 4).dropped["closed"], CAPACITY)

    def test_no_thread_can_be_begun(self):
        no_thread = mock.patch.object(
            threading.Thread, "start", side_effect=RuntimeError("can't start new thread")
        )
        with Monitor() as monitor:
            watcher = sinkwatch.watch(self.model, run="r", url=monitor.url)
            with self.assertLogs("sinkwatch", logging.WARNING) as logs, no_thread:
                watcher.snapshot(1)
                watcher.snapshot(2)
                with sinkwatch.watch(self.model, run="r", url=monitor.url) as other:
                    other.snapshot(1)
            self.assertEqual(len(logs.output), 2, "one of each watcher")
            self.assertEqual(watcher.stats.dropped, {"failed": 2})
            self.all_are_counted(watcher, 2)
            watcher.snapshot(3)
            self.assertTrue(watcher.flush(60))
            self.assertEqual([b.step for b in monitor.bodies], [3], "it goes on with the next one")
            watcher.close()

    def test_what_does_not_end_as_it_should_ends_no_training(self):
        with Monitor() as monitor:
            for leave in (lambda w: w.close(), lambda w: w.__exit__(), lambda w: lifetime._at_exit()):
                watcher = sinkwatch.watch(self.model, run="r", url=monitor.url)
                failing = mock.patch.object(watcher._delivery, "close", side_effect=RuntimeError("no"))
                with self.assertLogs("sinkwatch", logging.WARNING) as logs, failing:
                    leave(watcher)
                self.assertEqual(len(logs.output), 1)
                watcher._delivery.close(1)

    def test_it_hangs(self):
        with Monitor(hang=True) as monitor:
            at_once = mock.patch("sinkwatch.delivery._PATIENCE", 0.0)
            with self.assertLogs("sinkwatch", logging.WARNING) as logs, at_once:
                watcher = self.train(monitor.url)
            self.assertEqual(len(logs.output), 1, "one line when it begins")
            self.assertIn("more slowly than they come, or not at all", logs.output[0])
            stats = self.all_are_counted(watcher)
            self.assertEqual((stats.sent, stats.pending), (0, CAPACITY))
            self.assertEqual(stats.dropped, {"slow": STEPS + 1 - CAPACITY})
            self.assertFalse(watcher.flush(0.05))
            with self.assertLogs("sinkwatch", logging.WARNING) as logs:
                watcher.close(0.1)  # while the thread waits for an answer that never comes
                watcher.close(0.1)
            self.assertEqual(len(logs.output), 1)
            self.assertIn(f"{STEPS + 1} of {STEPS + 1} snapshots were not sent", logs.output[0])
            self.assertIn(f"(slow: {STEPS + 1 - CAPACITY}, closed: {CAPACITY})", logs.output[0])
            self.assertEqual(threads(), [])
            self.assertEqual(self.all_are_counted(watcher).dropped["closed"], CAPACITY)

    def test_it_hangs_in_the_middle_of_a_large_body(self):
        self.model.large = torch.nn.Parameter(torch.zeros(4000, 4000))
        with Monitor(hang=True) as monitor:
            watcher = self.train(monitor.url, steps=2, dense=True)
            until(lambda: watcher._delivery._sending)
            watcher.close(0.1)
            self.assertEqual(threads(), [])

    def test_an_answer_that_takes_too_long_is_no_answer(self):
        with Monitor(hang=True) as monitor, self.assertLogs("sinkwatch", logging.WARNING) as logs:
            watcher = self.train(monitor.url, steps=1, timeout=0.2)
            until(lambda: watcher.stats.state == "unreachable")
        self.assertIn("no answer in time", logs.output[0])

    def test_it_fails_and_recovers(self):
        with Monitor() as monitor, self.assertLogs("sinkwatch", logging.INFO) as logs:
            monitor.answers = [500, 500]
            watcher = self.train(monitor.url, steps=1)
            self.assertTrue(watcher.flush(60))
            self.assertEqual(watcher.stats.sent, 2)
            self.assertEqual([status for status, *_ in monitor.requests], [500, 500, 202, 202])
            self.assertEqual([b.step for b in monitor.bodies], [0, 1])
            self.assertEqual(watcher.stats.last_error, "500 says 500")
        self.assertEqual([r.levelname for r in logs.records], ["WARNING", "INFO"])

    def test_it_always_fails(self):
        with Monitor() as monitor:
            monitor.always = 500
            with self.assertLogs("sinkwatch", logging.WARNING) as logs:
                watcher = self.train(monitor.url)
                until(lambda: watcher.stats.last_error)
                train(self.model, self.optimizer, 3)
            self.all_are_counted(watcher, STEPS + 4)
            self.assertEqual(watcher.stats.sent, 0)
            self.assertEqual(len(logs.output), 1)

    def test_back_pressure_is_waited_out_as_long_as_it_says(self):
        with Monitor() as monitor:
            monitor.answers, monitor.retry_after = [429], 1
            begin = time.monotonic()
            with self.assertLogs("sinkwatch", logging.WARNING) as logs:
                watcher = self.train(monitor.url, steps=1)
                self.assertTrue(watcher.flush(60))
            self.assertGreaterEqual(time.monotonic() - begin, 1)
            self.assertEqual(watcher.stats.sent, 2)
            self.assertIn("is busy: 429", logs.output[0])

    def test_a_long_wait_ends_with_the_job(self):
        with Monitor() as monitor:
            monitor.answers, monitor.retry_after = [503], 250
            watcher = self.train(monitor.url, steps=1)
            until(lambda: watcher.stats.state == "busy")
            watcher.close()
            self.assertEqual([b.step for b in monitor.bodies], [0, 1], "once more at the end")
            self.assertEqual(threads(), [])

    def test_what_is_refused_is_not_tried_again(self):
        for status in (400, 401, 403, 404, 413):
            with self.subTest(status), Monitor() as monitor:
                monitor.always = status
                with self.assertLogs("sinkwatch", logging.WARNING) as logs:
                    watcher = self.train(monitor.url, steps=3)
                    watcher.flush(60)
                stats = watcher.stats
                self.assertEqual(stats.state, "refused")
                self.assertEqual(len(monitor.requests), stats.dropped["refused"])
                self.assertEqual(len(logs.output), 1)
                self.assertIn(f"{status} says {status}", logs.output[0])
                watcher.close()

    def test_connections_that_are_reset(self):
        with Monitor() as monitor:
            monitor.reset = True
            with self.assertLogs("sinkwatch", logging.WARNING) as logs:
                watcher = self.train(monitor.url, steps=2)
                until(lambda: watcher.stats.state == "unreachable")
            self.assertEqual(len(logs.output), 1)
            monitor.reset = False
            self.assertTrue(watcher.flush(60))
            self.assertEqual(watcher.stats.state, "reachable")

    def test_it_starts_late(self):
        port = free_port()
        with self.assertLogs("sinkwatch", logging.INFO) as logs:
            watcher = self.train(f"http://127.0.0.1:{port}")
            until(lambda: watcher.stats.state == "unreachable")
            with Monitor(port=port) as monitor:
                self.assertTrue(watcher.flush(60))
                self.assertEqual(monitor.bodies[-1].step, STEPS, "the newest was kept")
        self.assertEqual([r.levelname for r in logs.records], ["WARNING", "INFO"])
        self.all_are_counted(watcher)

    def test_a_restart_between_two_snapshots_costs_none(self):
        with Monitor() as monitor:
            watcher = self.train(monitor.url, steps=1)
            self.assertTrue(watcher.flush(60))
            port = monitor.port
        with Monitor(port=port) as monitor, self.assertNoLogs("sinkwatch", logging.WARNING):
            train(self.model, self.optimizer, 1)
            self.assertTrue(watcher.flush(60))
            self.assertEqual(monitor.bodies[-1].step, 2)

    def test_a_forked_worker_sends_nothing_and_disturbs_nothing(self):
        with Monitor() as monitor:
            watcher = self.train(monitor.url, steps=1)
            watcher.flush(60)
            child = os.fork()
            if child == 0:
                try:
                    watcher.snapshot(50)
                    self.optimizer.step()
                    good = not threads() and watcher.stats.state == "disabled"
                    good = good and watcher.flush(1) and not watcher.stop_if()
                    watcher.close()
                    os._exit(0 if good else 1)
                finally:
                    os._exit(2)
            self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)
            train(self.model, self.optimizer, 1)
            self.assertTrue(watcher.flush(60))
            self.assertEqual([b.step for b in monitor.bodies], [0, 1, 2])
            self.assertEqual(monitor.connections, 1)

    def test_workers_that_load_data_are_forks(self):
        with Monitor() as monitor:
            watcher = self.train(monitor.url, steps=1)
            loader = torch.utils.data.DataLoader(torch.ones(8, 4, 4), num_workers=2)
            self.assertEqual(len(list(loader)), 8)
            train(self.model, self.optimizer, 1)
            self.assertTrue(watcher.flush(60))
            self.assertEqual(monitor.bodies[-1].step, 2)


class ExitTest(unittest.TestCase):
    """The interpreter ends: what waits is sent if that can be done in short time."""

    SCRIPT = textwrap.dedent(
        """
        import sys, torch, sinkwatch
        from tests.models import Network, train
        model = Network()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        watcher = sinkwatch.watch(model, optimizer=optimizer, run="r", url=sys.argv[1], every=1)
        train(model, optimizer, 1)
        watcher.stop_if()
        """
    )

    def run_script(self, url):
        with environment():
            return subprocess.run(
                [sys.executable, "-c", self.SCRIPT, url], capture_output=True, text=True, timeout=120
            )

    def test_the_last_snapshots_are_sent(self):
        with Monitor() as monitor:
            done = self.run_script(monitor.url)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertEqual([b.step for b in monitor.bodies], [0, 1])

    def test_a_monitor_that_hangs_holds_nobody_up(self):
        with Monitor(hang=True) as monitor:
            done = self.run_script(monitor.url)
            self.assertEqual((done.returncode, len(done.stderr.splitlines())), (0, 1), done.stderr)
            self.assertIn("run r: 2 of 2 snapshots were not sent", done.stderr)
