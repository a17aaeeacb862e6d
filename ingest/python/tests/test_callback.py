import importlib.util
import os
import subprocess
import sys
import tempfile
import textwrap
import types
import unittest
from unittest import mock

import torch

import sinkwatch

from .models import MIXERS, Network
from .stand_in import Monitor, threads, until
from .trainers import HuggingFaceTrainer, LightningTrainer
from .watched import Watched

# one of two processes; a collective in each step stands in for the gradients' exchange
RANK = textwrap.dedent(
    """
    import sys
    import torch
    import torch.distributed as dist
    import sinkwatch
    from tests.models import Network
    from tests.trainers import HuggingFaceTrainer
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{sys.argv[2]}", rank=int(sys.argv[1]), world_size=2)
    model = Network()
    callback = sinkwatch.Callback(run="r", url=sys.argv[3], every=2, stop_if=True, whole=True)
    job = HuggingFaceTrainer(model, torch.optim.SGD(model.parameters(), lr=0.01), callback)
    job.train(10**9, lambda: dist.all_reduce(torch.zeros(1)))
    print(job.state.global_step)
    """
)


class CallbackTest(Watched):
    def setUp(self):
        super().setUp()
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
