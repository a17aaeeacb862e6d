import copy
import logging
import sys
import unittest
import warnings

import torch
from torch import nn

import sinkwatch

from .models import MIXERS, STREAMS, Network, train
from .stand_in import Monitor, environment, threads


class WatchTest(unittest.TestCase):
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

    def test_wrappers_leave_no_trace_in_names(self):
        class Wrapper(nn.Module):
            def __init__(self, name, inner):
                super().__init__()
                self.add_module(name, inner)

        self.model.h[0] = Wrapper("_checkpoint_wrapped_module", self.model.h[0])
        self.model.h[1].hc_attn = Wrapper("_fsdp_wrapped_module", self.model.h[1].hc_attn)
        wrapped = Wrapper("_orig_mod", Wrapper("module", self.model))
        watcher = self.watch(wrapped)
        watcher.snapshot(0)
        watcher.flush(60)
        self.assertEqual(self.monitor.bodies[0].names, MIXERS)

    def test_a_doubly_stochastic_tensor_is_found_by_its_values(self):
        self.model.mixer = nn.Parameter(torch.full((3, 8, 8), 1 / 8))
        self.model.register_buffer("plan", torch.eye(5))
        self.model.register_buffer("mask", torch.ones(6, 6, dtype=torch.bool))
        self.model.other = nn.Parameter(torch.full((8, 8), 1.0))
        watcher = self.watch()
        for step in range(2):
            watcher.snapshot(step)
            watcher.flush(60)
        for body in self.monitor.bodies:
            self.assertEqual(body.names, ["mixer", "plan", *MIXERS])
            self.assertEqual(body.metadata["sinkwatch.operators"], "6")
            self.assertNotIn("sinkwatch.kind.mixer", body.metadata)

    def test_dense_layers_are_published_if_asked(self):
        watcher = self.watch(dense=True, kinds={"h.1.dense.weight": "ignore"})
        watcher.snapshot(0)
        watcher.flush(60)
        body = self.monitor.bodies[0]
        self.assertEqual(sorted(body.names), sorted([*MIXERS, "h.0.dense.weight"]))
        self.assertEqual(body.metadata["sinkwatch.kind.h.0.dense.weight"], "dense")
        self.assertEqual(body.metadata["sinkwatch.operators"], "4")

    def test_kinds_tell_what_no_profile_knows(self):
        self.model.gate = nn.Parameter(torch.randn(4, 4))
        watcher = self.watch(profile="generic", kinds={"ga*": "sinkhorn-logits"}, activation="float32")
        watcher.snapshot(0)
        watcher.flush(60)
        body = self.monitor.bodies[0]
        self.assertEqual(body.names, ["gate"])
        self.assertEqual(body.metadata["sinkwatch.kind.gate"], "sinkhorn-logits")
        self.assertEqual(body.metadata["sinkwatch.activation"], "float32")

    def test_parameters_of_half_precision_are_published_as_they_are(self):
        self.model.bfloat16()
        watcher = self.watch()
        watcher.snapshot(0)
        watcher.flush(60)
        entry = self.monitor.bodies[0].header[MIXERS[0]]
        self.assertEqual((entry["dtype"], entry["shape"]), ("BF16", [4, 4]))

    def test_a_shape_that_cannot_be_a_mixer_is_said_once_and_counted(self):
        self.model.h[0].hc_attn.H_res_logits = nn.Parameter(torch.zeros(16))  # as FSDP1 flattens
        watcher = self.watch()
        with self.assertLogs("sinkwatch", logging.WARNING) as logs:
            for step in range(3):
                watcher.snapshot(step)
        self.assertEqual(len(logs.output), 1)
        self.assertIn("h.0.hc_attn.H_res_logits", logs.output[0])
        watcher.flush(60)
        self.assertEqual(watcher.stats.unsupported, (MIXERS[0],))
        self.assertEqual(self.monitor.bodies[-1].names, MIXERS[1:])
        self.assertEqual(self.monitor.bodies[-1].metadata["sinkwatch.operators"], "3")

    def test_what_the_monitor_leaves_out_is_said_once_and_counted(self):
        self.monitor.left_out = {MIXERS[1]: "it has no values"}
        watcher = self.watch()
        with self.assertLogs("sinkwatch", logging.WARNING) as logs:
            for step in range(2):
                watcher.snapshot(step)
                watcher.flush(60)
        self.assertEqual(len(logs.output), 1)
        self.assertIn(f"{MIXERS[1]} is not published: it has no values", logs.output[0])
        self.assertEqual(watcher.stats.unsupported, (MIXERS[1],))
        self.assertEqual([b.metadata["sinkwatch.operators"] for b in self.monitor.bodies], ["4", "3"])

    def test_a_meta_parameter_is_left_out(self):
        self.model.h[0].hc_attn.H_res_logits = nn.Parameter(torch.zeros(4, 4, device="meta"))
        watcher = self.watch()
        with self.assertLogs("sinkwatch", logging.WARNING):
            watcher.snapshot(0)
            watcher.flush(60)
        self.assertEqual(self.monitor.bodies[0].names, MIXERS[1:])

    def test_a_model_without_mixers_is_said_once(self):
        watcher = self.watch(nn.Linear(3, 3))
        with self.assertLogs("sinkwatch", logging.WARNING) as logs:
            for step in range(3):
                watcher.snapshot(step)
                watcher.flush(60)
        self.assertEqual(len(logs.output), 1)
        self.assertIn("no mixer", logs.output[0])
        self.assertEqual(self.monitor.bodies, [])

    def test_what_goes_wrong_in_here_stays_in_here(self):
        watcher = self.watch(optimizer=self.optimizer, every=1)
        watcher._selection.capture = None  # not callable
        with self.assertLogs("sinkwatch", logging.WARNING) as logs:
            train(self.model, self.optimizer, 3)
            watcher.snapshot("x")
        self.assertEqual(len(logs.output), 1)
        self.assertEqual(watcher.stats.dropped["failed"], watcher.stats.snapshots)
        self.assertGreaterEqual(watcher.stats.dropped["failed"], 4)

    def test_another_rank_publishes_nothing_that_is_whole(self):
        with environment(RANK="1"):
            watcher = self.watch()
            watcher.snapshot(0)
            self.assertEqual(watcher.stats.snapshots, 0)
            watcher = self.watch(whole=True)
            watcher.snapshot(1)
            watcher.flush(60)
        self.assertEqual([b.step for b in self.monitor.bodies], [1])

    def test_arguments_that_are_wrong_are_said_at_once(self):
        for settings, line in (
            ({"run": "no spaces"}, "run 'no spaces'"),
            ({"run": None}, "run: a name"),
            ({"every": 0}, "every 0"),
            ({"every": 1.5}, "every 1.5"),
            ({"step": -1}, "step -1"),
            ({"profile": "nosuch"}, "no profile 'nosuch'"),
            ({"kinds": {"x": "nosuch"}}, "kind 'nosuch'"),
            ({"activation": "int8"}, "activation 'int8'"),
            ({"url": "ftp://x"}, "url 'ftp://x'"),
            ({"attempt": -1}, "attempt -1"),
            ({"mixers": {"nosuch.*": "output"}}, "nosuch"),
            ({"mixers": {"h.0": "input"}}, "'output' or a function"),
        ):
            with self.subTest(line), self.assertRaises(ValueError) as raised:
                self.watch(**settings)
            self.assertIn(line, str(raised.exception))
        with self.assertRaises(TypeError):
            sinkwatch.watch([1, 2], run="r")
        with self.assertRaises(TypeError):
            self.watch(optimizer=self.model)
        self.assertEqual(threads(), [])
        self.assertEqual([m for m in self.model.modules() if m._forward_hooks], [])

    def test_an_environment_that_is_wrong_stops_no_training(self):
        for variables in (
            {"SINKWATCH_URL": "nonsense"},
            {"SINKWATCH_RUN": "no spaces"},
            {"SINKWATCH_ATTEMPT": "x"},
            {"SINKWATCH_USER": "alone"},
            {"SINKWATCH_URL": "https://127.0.0.1:1", "SINKWATCH_CA": "/nosuch.pem"},
        ):
            with self.subTest(variables), environment(**variables):
                run = None if "SINKWATCH_RUN" in variables else "r"
                with self.assertLogs("sinkwatch", logging.WARNING) as logs:
                    watcher = sinkwatch.watch(self.model, optimizer=self.optimizer, run=run)
                train(self.model, self.optimizer, 1)
                self.assertEqual(len(logs.output), 1)
                self.assertEqual(watcher.stats.state, "disabled")
                self.assertFalse(watcher.stop_if())
                watcher.close()

    def test_the_environment_tells_where_and_who(self):
        with environment(
            SINKWATCH_URL=self.monitor.url,
            SINKWATCH_RUN="e",
            SINKWATCH_ATTEMPT="2",
            SINKWATCH_USER="u",
            SINKWATCH_PASSWORD="p\u00e4ss",
        ):
            watcher = sinkwatch.watch(self.model)
            self.addCleanup(watcher.close)
        watcher.snapshot(5)
        watcher.flush(60)
        _, path, headers = self.monitor.requests[0]
        self.assertEqual(path, "/api/v1/runs/e/steps/5")
        self.assertEqual(headers["Authorization"], "Basic dTpww6Rzcw==")
        self.assertEqual(headers["Content-Type"], "application/octet-stream")
        self.assertEqual(self.monitor.bodies[0].metadata["sinkwatch.attempt"], "2")

    def test_disabled_is_off(self):
        with environment(SINKWATCH_DISABLED="1", SINKWATCH_URL="nonsense"):
            watcher = sinkwatch.watch(
                self.model, optimizer=self.optimizer, mixers={"h.*.hc_attn": "output"}
            )
            train(self.model, self.optimizer, 2)
            watcher.snapshot(1)
            watcher.sample("x", torch.eye(2))
            self.assertTrue(watcher.flush())
            watcher.close()
        self.assertEqual((watcher.stats.state, watcher.stats.snapshots), ("disabled", 0))
        self.assertNotIn("step", vars(self.optimizer))

    @unittest.skipUnless(hasattr(torch, "compile"), "this torch compiles nothing")
    def test_a_compiled_model_is_watched_by_its_own_names(self):
        compiled = torch.compile(self.model, backend="eager")
        watcher = self.watch(compiled, optimizer=self.optimizer)
        train(compiled, self.optimizer, 2, watcher=watcher)
        self.assertEqual([b.step for b in self.monitor.bodies], [0, 2])
        self.assertEqual(self.monitor.bodies[0].names, MIXERS)

    def test_no_framework_is_imported_for_us(self):
        import subprocess

        code = "import sinkwatch, sys; sys.exit(bool({'torch', 'numpy', 'jax'} & set(sys.modules)))"
        self.assertEqual(subprocess.run([sys.executable, "-c", code]).returncode, 0)
