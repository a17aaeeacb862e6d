import warnings

import torch

from .models import MIXERS, STREAMS, train
from .watched import Watched


class StepsTest(Watched):
    def test_micro_batches_are_no_steps(self):
        watcher = self.watch(optimizer=self.optimizer)
        train(self.model, self.optimizer, 2, micro_batches=3, watcher=watcher)
        self.assertEqual([b.step for b in self.monitor.bodies], [0, 2])

    def test_a_step_that_a_scaler_skips_is_none(self):
        class Scaler:  # as torch.cuda.amp.GradScaler: no step when a gradient overflowed
            def step(self, optimizer, finite):
                return optimizer.step() if finite else None

        watcher = self.watch(optimizer=self.optimizer)
        for finite in (True, False, False, True):
            self.model(torch.ones(STREAMS, STREAMS)).sum().backward()
            Scaler().step(self.optimizer, finite)
            watcher.flush(60)
        self.assertEqual([b.step for b in self.monitor.bodies], [0, 2])

    def test_a_schedule_before_or_after_us_keeps_working(self):
        for first in (True, False):
            optimizer = torch.optim.SGD(self.model.parameters(), lr=0.5)
            schedule = torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.5) if first else None
            watcher = self.watch(optimizer=optimizer, every=1)
            schedule = schedule or torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.5)
            begin = len(self.monitor.bodies)
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                for _ in range(2):
                    train(self.model, optimizer, 1)
                    schedule.step()
                    watcher.flush(60)
            watcher.close()
            said = [b.metadata["sinkwatch.learning-rate"] for b in self.monitor.bodies[begin:]]
            self.assertEqual(said, ["0.5", "0.5", "0.25"])

    def test_groups_of_other_rates_are_documents_of_their_own(self):
        mixers = [p for n, p in self.model.named_parameters() if n in MIXERS]
        optimizer = torch.optim.AdamW(
            [{"params": mixers[:1], "lr": 1e-5, "weight_decay": 0.5}, {"params": mixers[1:], "lr": 0.1}]
        )
        watcher = self.watch(optimizer=optimizer)
        train(self.model, optimizer, 1)
        watcher.flush(60)
        one, other = self.monitor.bodies
        self.assertEqual((one.names, other.names), (MIXERS[:1], MIXERS[1:]))
        self.assertEqual(one.metadata["sinkwatch.learning-rate"], "1e-05")
        self.assertEqual(other.metadata["sinkwatch.learning-rate"], "0.1")
        self.assertEqual({b.metadata["sinkwatch.operators"] for b in (one, other)}, {"4"})
        self.assertEqual(watcher.stats.sent, 1)

    def test_resuming_goes_on_at_its_step_and_attempt(self):
        watcher = self.watch(optimizer=self.optimizer, step=101, attempt=3)
        train(self.model, self.optimizer, 3, watcher=watcher)
        self.assertEqual([b.step for b in self.monitor.bodies], [102, 104])
        self.assertEqual(self.monitor.bodies[0].metadata["sinkwatch.attempt"], "3")

    def test_steps_that_are_jumped_over_skip_no_snapshot(self):
        watcher = self.watch(every=10)
        for step in (3, 6, 9, 12, 12, 15, 19, 41, 45, 7, 9, 13, 30, 20, 21):
            watcher.step(step)
            watcher.flush(60)
        self.assertEqual([b.step for b in self.monitor.bodies], [12, 41, 13, 30, 20])

    def test_several_optimizers_take_one_step_together(self):
        h = self.model.h
        both = [torch.optim.SGD(h[0].parameters(), lr=0.1), torch.optim.SGD(h[1].parameters(), lr=0.2)]
        watcher = self.watch(optimizer=both, every=1)
        for _ in range(2):
            for optimizer in both:
                optimizer.step()
            watcher.flush(60)
        self.assertEqual(sorted({b.step for b in self.monitor.bodies}), [0, 1, 2])
