import logging
import unittest

import torch
from torch import nn

from .models import MIXERS, train
from .stand_in import environment
from .watched import Watched


class SelectionTest(Watched):
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
        stats = watcher.stats
        self.assertEqual((stats.snapshots, stats.sent, stats.bytes), (0, 0, 0))

    def test_another_rank_publishes_nothing_that_is_whole(self):
        with environment(RANK="1"):
            watcher = self.watch()
            watcher.snapshot(0)
            self.assertEqual(watcher.stats.snapshots, 0)
            watcher = self.watch(whole=True)
            watcher.snapshot(1)
            watcher.flush(60)
        self.assertEqual([b.step for b in self.monitor.bodies], [1])

    @unittest.skipUnless(hasattr(torch, "compile"), "this torch compiles nothing")
    def test_a_compiled_model_is_watched_by_its_own_names(self):
        compiled = torch.compile(self.model, backend="eager")
        watcher = self.watch(compiled, optimizer=self.optimizer)
        train(compiled, self.optimizer, 2, watcher=watcher)
        self.assertEqual([b.step for b in self.monitor.bodies], [0, 2])
        self.assertEqual(self.monitor.bodies[0].names, MIXERS)
