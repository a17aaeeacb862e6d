import importlib.util
import os
import subprocess
import sys
import tempfile
import textwrap
import threading
import types
import unittest
from unittest import mock

import torch

import sinkwatch
from sinkwatch import verdicts

from .models import MIXERS, Network, train
from .stand_in import Monitor, environment, threads, until

# one of two processes; a collective in each step stands in for the gradients' exchange
RANK = textwrap.dedent(
    """
    import sys
    import torch
    import torch.distributed as dist
    import sinkwatch
    from tests.models import Network
    from tests.test_callback import HuggingFaceTrainer
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{sys.argv[2]}", rank=int(sys.argv[1]), world_size=2)
    model = Network()
    callback = sinkwatch.Callback(run="r", url=sys.argv[3], every=2, stop_if=True, whole=True)
    job = HuggingFaceTrainer(model, torch.optim.SGD(model.parameters(), lr=0.01), callback)
    job.train(10**9, lambda: dist.all_reduce(torch.zeros(1)))
    print(job.state.global_step)
    """
)

# the defaults of a Verdicts that asks often
FAST = (0, lambda: 0, 0.02)

# every event of transformers.TrainerCallback
EVENTS = """init_end train_begin epoch_begin step_begin pre_optimizer_step optimizer_step substep_end step_end
log save evaluate predict prediction_step epoch_end train_end push_begin""".split()


class HuggingFaceTrainer:
    """Calls back as transformers.trainer_callback.CallbackHandler does."""

    def __init__(self, model, optimizer, callback, accumulate=1, start=0):
        self.model, self.optimizer, self.callback = model, optimizer, callback
        self.state = types.SimpleNamespace(global_step=start, max_steps=0)
        self.control = types.SimpleNamespace(should_training_stop=False)
        self.accumulate = accumulate

    def event(self, name, **named):
        result = getattr(self.callback, f"on_{name}")(
            types.SimpleNamespace(output_dir="x"),
            self.state,
            self.control,
            model=self.model,
            processing_class=None,
            optimizer=self.optimizer,
            lr_scheduler=None,
            train_dataloader=None,
            eval_dataloader=None,
            **named,
        )
        if result is not None:
            self.control = result

    def train(self, steps, after=lambda: None):
        for name in EVENTS[:3]:
            self.event(name)
        for _ in range(steps):
            self.event("step_begin")
            for _ in range(self.accumulate - 1):
                self.event("substep_end")
            train(self.model, self.optimizer, 1)
            self.event("optimizer_step")
            self.state.global_step += 1
            self.event("step_end")
            after()
            if self.control.should_training_stop:
                break
        self.event("log", logs={"loss": 1.0})
        self.event("epoch_end")
        self.event("train_end")


class LightningTrainer:
    """Calls back as lightning.pytorch.trainer.call does; global_step counts optimizer steps."""

    def __init__(self, module, optimizer, callback, accumulate=1, start=0):
        self.module, self.optimizers, self.callback = module, [optimizer], callback
        self.accumulate, self.global_step, self.should_stop = accumulate, start, False

    def event(self, name, *arguments):
        hook = getattr(self.callback, name, None)
        if callable(hook):
            hook(self, self.module, *arguments)

    def train(self, steps, after=lambda: None):
        self.event("on_fit_start")
        self.event("on_train_start")
        for index in range(steps * self.accumulate):
            self.event("on_train_batch_start", "batch", index)
            if (index + 1) % self.accumulate == 0:
                train(self.module, self.optimizers[0], 1)
                self.global_step += 1
            self.event("on_train_batch_end", {"loss": 1.0}, "batch", index)
            after()
            if self.should_stop:
                break
        self.event("on_train_end")


class CallbackTest(unittest.TestCase):
    def setUp(self):
        clean = environment()
        clean.__enter__()
        self.addCleanup(clean.__exit__, None, None, None)
        self.monitor = Monitor()
        self.addCleanup(self.monitor.close)
        self.model = Network()
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=0.25)

    def callback(self, **settings):
        return sinkwatch.Callback(run="r", url=self.monitor.url, every=2, **settings)

    def steps(self):
        return [body.step for body in self.monitor.bodies]

    def test_both_trainers_publish_the_steps_that_are_due(self):
        for trainer in (HuggingFaceTrainer, LightningTrainer):
            for accumulate, start, steps in ((1, 0, [0, 2, 4]), (3, 0, [0, 2, 4]), (1, 7, [8, 10])):
                with self.subTest(trainer.__name__, accumulate=accumulate, start=start):
                    del self.monitor.bodies[:]
                    callback = self.callback()
                    job = trainer(self.model, self.optimizer, callback, accumulate, start)
                    job.train(4, lambda: callback.watcher.flush(60))
                    self.assertEqual(self.steps(), steps)
                    self.assertEqual(self.monitor.bodies[0].names, MIXERS)
                    said = self.monitor.bodies[0].metadata["sinkwatch.learning-rate"]
                    self.assertEqual(said, "0.25")
                    self.assertEqual(threads(), [])

    def test_both_trainers_are_told_to_stop(self):
        alarm = {"alarm": "HomogeneityTrap", "severity": "critical", "state": "firing", "layer": "x"}
        self.monitor.verdict = {"run": "r", "verdict": "stop", "attempt": 0, "step": 9, "alarms": [alarm]}
        for trainer in (HuggingFaceTrainer, LightningTrainer):
            for stop_if in (True, "HomogeneityTrap"):
                callback = self.callback(stop_if=stop_if)
                job = trainer(self.model, self.optimizer, callback)
                job.train(10, lambda: until(lambda: callback.watcher.stop_if(stop_if if stop_if is not True else None)))
                self.assertLess(getattr(job, "global_step", None) or job.state.global_step, 10)

    @unittest.skipUnless(torch.distributed.is_available(), "torch without distributed")
    def test_several_ranks_stop_at_the_same_step_whoever_is_told(self):
        told = Monitor()
        self.addCleanup(told.close)
        told.verdict = {"verdict": "stop", "attempt": 0, "step": 9, "alarms": []}
        with tempfile.TemporaryDirectory() as directory:
            ranks = [
                subprocess.Popen(
                    [sys.executable, "-c", RANK, str(rank), os.path.join(directory, "store"), url],
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
                for rank, url in enumerate((self.monitor.url, told.url))
            ]
            try:
                said = [rank.communicate(timeout=180) for rank in ranks]
            finally:
                for rank in ranks:
                    rank.kill()
        self.assertEqual([rank.returncode for rank in ranks], [0, 0], said)
        (one, _), (other, _) = said
        self.assertEqual(one, other)
        self.assertEqual(int(one) % 2, 0)

    @unittest.skipUnless(torch.distributed.is_available(), "torch without distributed")
    def test_ranks_that_cannot_decide_together_go_on(self):
        self.monitor.verdict = {"verdict": "stop", "attempt": 0, "step": 9, "alarms": []}
        dist = torch.distributed
        callback = self.callback(stop_if=True)
        job = LightningTrainer(self.model, self.optimizer, callback)
        with mock.patch.multiple(
            dist,
            is_initialized=lambda: True,
            get_world_size=lambda: 2,
            get_rank=lambda: 0,
            get_backend=lambda: "gloo",
            all_reduce=mock.Mock(side_effect=RuntimeError("connection reset")),
        ), self.assertLogs("sinkwatch") as logs:
            job.train(7, lambda: until(callback.watcher.stop_if))
            self.assertEqual(dist.all_reduce.call_count, 1)
        self.assertEqual(job.global_step, 7)
        off = [line for line in logs.output if "stop_if is off" in line]
        self.assertEqual(len(off), 1)
        self.assertIn("connection reset", off[0])

    def test_a_model_within_is_watched_if_given(self):
        outer = torch.nn.Module()
        outer.net = self.model
        job = HuggingFaceTrainer(self.model, self.optimizer, self.callback(model=self.model))
        job.model, inner = outer, self.model
        job.model.forward = inner.forward
        job.train(1)
        self.assertEqual(self.monitor.bodies[0].names, MIXERS)

    def test_a_class_that_a_trainer_insists_on_is_taken_if_it_is_there(self):
        class Base:
            def state_dict(self):
                return {}

            def on_train_start(self, trainer, pl_module):
                raise AssertionError("ours comes first")

        module = types.ModuleType("lightning.pytorch")
        module.Callback = Base
        sys.modules["lightning.pytorch"], before = module, sys.modules.get("lightning.pytorch")
        try:
            callback = self.callback()
        finally:
            if before is None:
                del sys.modules["lightning.pytorch"]
            else:
                sys.modules["lightning.pytorch"] = before
        self.assertIsInstance(callback, Base)
        self.assertIsInstance(callback, sinkwatch.Callback)
        LightningTrainer(self.model, self.optimizer, callback).train(1)
        self.assertEqual(self.steps(), [0])

    @unittest.skipUnless(importlib.util.find_spec("lightning"), "lightning is not installed")
    def test_lightning_itself(self):
        import lightning.pytorch as lightning

        class Module(lightning.LightningModule):
            def __init__(self):
                super().__init__()
                self.net = Network()

            def training_step(self, batch, index):
                return self.net(batch[0]).pow(2).sum()

            def configure_optimizers(self):
                return torch.optim.SGD(self.parameters(), lr=0.01)

        callback = self.callback()
        trainer = lightning.Trainer(
            max_steps=4, callbacks=[callback], logger=False, enable_checkpointing=False,
            accelerator="cpu", enable_progress_bar=False, enable_model_summary=False,
        )
        trainer.fit(Module(), torch.utils.data.DataLoader(torch.ones(8, 4, 4)))
        self.assertIn(4, self.steps())
        self.assertEqual(self.monitor.bodies[0].names, [f"net.{name}" for name in MIXERS])
        self.assertEqual(self.monitor.bodies[0].metadata["sinkwatch.learning-rate"], "0.01")


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
