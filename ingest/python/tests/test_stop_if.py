import threading
import unittest
from unittest import mock

import sinkwatch
from sinkwatch import verdicts

from .models import Network
from .stand_in import Monitor, environment, threads, until

# the defaults of a Verdicts that asks often
FAST = (0, lambda: 0, 0.02)


class StopTest(unittest.TestCase):
    def setUp(self):
        self.addCleanup(self.end_what_is_shared)
        clean = environment()
        clean.__enter__()
        self.addCleanup(clean.__exit__, None, None, None)
        self.monitor = Monitor()
        self.addCleanup(self.monitor.close)

    @staticmethod
    def end_what_is_shared():
        for one in verdicts._shared.values():
            if one is not None:
                one.close()
        verdicts._shared.clear()

    def test_an_alarm_that_fires(self):
        alarm = {"alarm": "DepthCollapse", "severity": "critical", "state": "firing", "chain": "n4"}
        other = {"alarm": "GainSpread", "severity": "warning", "state": "pending", "chain": "n4"}
        silenced = dict(alarm, alarm="SnrCollapse", silencedUntil=1900000000000)
        said = {"verdict": "warn", "attempt": 0, "step": 5, "alarms": [alarm, other, silenced]}
        self.monitor.verdict = said
        ask = {"run": "r", "url": self.monitor.url}
        until(lambda: sinkwatch.stop_if("DepthCollapse", **ask))
        self.assertFalse(sinkwatch.stop_if("GainSpread", **ask), "it only waits")
        self.assertFalse(sinkwatch.stop_if("SnrCollapse", **ask), "it is silenced")
        self.assertFalse(sinkwatch.stop_if("HomogeneityTrap", **ask))
        self.assertFalse(sinkwatch.stop_if(**ask), "the verdict is to warn")
        self.assertEqual(self.monitor.requests[0][1], "/api/v1/runs/r/verdict")
        self.assertEqual(self.monitor.connections, 1)

    def test_what_is_no_answer_is_no_reason_to_stop(self):
        ours = {"attempt": 1, "step": 5}  # and so looked at
        strange = ({"alarms": 3, **ours}, {"alarms": [None], **ours}, {"verdict": None, **ours})
        for verdict in ([], "text", {"verdict": "stop"}, *strange):
            self.monitor.verdict = verdict
            watcher = sinkwatch.watch(Network(), run="r", url=self.monitor.url)
            asked = len(self.monitor.requests)
            self.assertFalse(watcher.stop_if())
            self.monitor.wait(lambda: len(self.monitor.requests) > asked)
            self.assertFalse(watcher.stop_if("X"))
            watcher.close()
        self.assertFalse([t for t in threads() if t.name == "sinkwatch"])

    def test_a_monitor_that_hangs_holds_nobody_up(self):
        before = len(threads())
        with Monitor(hang=True) as monitor:
            watcher = sinkwatch.watch(Network(), run="r", url=monitor.url)
            for _ in range(100):
                self.assertFalse(watcher.stop_if())
            watcher.close()
            self.assertEqual(len(threads()), before)

    def test_what_is_wrong_is_one_warning(self):
        with self.assertLogs("sinkwatch") as logs:
            for _ in range(3):
                self.assertFalse(sinkwatch.stop_if(run="no spaces", url=self.monitor.url))
        self.assertEqual(len(logs.output), 1)

    def answers(self, watcher):
        """Waits until the watcher has taken in an answer that was asked for after this call."""
        asked = len(self.monitor.requests)
        self.monitor.wait(lambda: len(self.monitor.requests) >= asked + 2)

    def test_what_the_predecessor_was_told_stops_no_resumed_run(self):
        with mock.patch.object(verdicts.Verdicts.__init__, "__defaults__", FAST):
            watcher = sinkwatch.watch(Network(), run="r", url=self.monitor.url, attempt=1, step=100)
            self.addCleanup(watcher.close)
            told = {"verdict": "stop", "alarms": []}
            self.assertFalse(watcher.stop_if())
            for when in ("nothing is sent", "step 100 is sent"):
                for attempt, step, stops in ((0, 900, False), (1, 99, False), (2, 3, True)):
                    self.monitor.verdict = {**told, "attempt": attempt, "step": step}
                    self.answers(watcher)
                    self.assertEqual(watcher.stop_if(), stops, (when, attempt, step))
                self.monitor.verdict = {**told, "attempt": 1, "step": 100}
                self.answers(watcher)
                self.assertEqual(watcher.stop_if(), when != "nothing is sent")
                watcher.snapshot(100)
                self.assertTrue(watcher.flush(60))

    def test_a_run_that_the_monitor_forgot_has_no_verdict(self):
        self.monitor.verdict = {"verdict": "stop", "attempt": 0, "step": 1, "alarms": []}
        with mock.patch.object(verdicts.Verdicts.__init__, "__defaults__", FAST):
            until(lambda: sinkwatch.stop_if(run="r", url=self.monitor.url))
            self.monitor.verdict_status = 404
            until(lambda: not sinkwatch.stop_if(run="r", url=self.monitor.url))

    def test_the_attempt_that_asks_is_told(self):
        self.monitor.verdict = {"verdict": "stop", "attempt": 2, "step": 1, "alarms": []}
        ask = {"run": "r", "url": self.monitor.url}
        until(lambda: sinkwatch.stop_if(attempt=2, **ask))
        with environment(SINKWATCH_ATTEMPT="3"):
            asked = len(self.monitor.requests)
            with mock.patch.object(verdicts.Verdicts.__init__, "__defaults__", FAST):
                self.assertFalse(sinkwatch.stop_if(**ask))
            self.monitor.wait(lambda: len(self.monitor.requests) >= asked + 2)
            self.assertFalse(sinkwatch.stop_if(**ask))

    def test_no_thread_can_be_begun(self):
        watcher = sinkwatch.watch(Network(), run="r", url=self.monitor.url)
        self.addCleanup(watcher.close)
        with self.assertLogs("sinkwatch") as logs, mock.patch.object(
            threading.Thread, "start", side_effect=RuntimeError("can't start new thread")
        ):
            for _ in range(3):
                self.assertFalse(watcher.stop_if())
            watcher._verdicts.close()
        self.assertEqual(len(logs.output), 1)
        self.assertIn("can't start new thread", logs.output[0])
