import logging
import unittest
from unittest import mock

import torch
from torch import nn

import sinkwatch
from sinkwatch.copying import HostCopies
from sinkwatch.sampling import Samples, picked

from .stand_in import Monitor, environment

N = 3
TOKENS = 10


class Mixer(nn.Module):
    """Applies to each token a mixer of its own, and hands it out."""

    def __init__(self):
        super().__init__()
        self.scores = nn.Linear(N, N * N)

    def forward(self, x):
        p = self.scores(x).reshape(*x.shape[:-1], N, N)
        for _ in range(50):
            p = p.log_softmax(-1).log_softmax(-2)
        return (p.exp() @ x[..., None]).squeeze(-1), p.exp()


class Layers(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(Mixer() for _ in range(3))
        self.seen = []
        self.watcher = None

    def forward(self, x):
        self.seen.append([])
        for index, layer in enumerate(self.layers):
            x, p = layer(x)
            self.seen[-1].append(p.detach().clone())
            if self.watcher is not None:
                self.watcher.sample(f"layers.{index}", p)
        return x


def of_output(module, inputs, output):
    return output[1]


class SamplingTest(unittest.TestCase):
    def setUp(self):
        clean = environment()
        clean.__enter__()
        self.addCleanup(clean.__exit__, None, None, None)
        torch.manual_seed(4)
        self.monitor = Monitor()
        self.addCleanup(self.monitor.close)
        self.model = Layers()
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.01)

    def watch(self, **settings):
        settings = {"run": "r", "url": self.monitor.url, "every": 2, **settings}
        watcher = sinkwatch.watch(self.model, **settings)
        self.addCleanup(watcher.close)
        return watcher

    def train(self, steps, watcher, passes=1):
        for _ in range(steps):
            for _ in range(passes):
                self.model(torch.randn(TOKENS, N)).sum().backward()
            self.optimizer.step()
            watcher.flush(60) if watcher.stats.pending else None

    def check(self, body, seen, most):
        self.assertEqual(body.names, [f"layers.{i}" for i in range(3)])
        self.assertEqual(body.metadata["sinkwatch.operators"], "3")
        for name, matrices in zip(body.names, seen):
            expected = matrices[picked(torch, TOKENS, most)]
            self.assertEqual(body.header[name]["shape"], [min(most, TOKENS), N, N])
            self.assertEqual(body.floats(name), expected.flatten().tolist())
            self.assertEqual(body.metadata[f"sinkwatch.kind.{name}"], "doubly-stochastic")
            self.assertEqual(body.metadata[f"sinkwatch.observability.{name}"], "sampled")
            self.assertNotIn(f"sinkwatch.index.{name}", body.metadata)

    def test_hooks_sample_the_same_tokens_of_every_layer_at_due_steps(self):
        watcher = self.watch(optimizer=self.optimizer, mixers={"layers.?": of_output}, tokens=4)
        self.train(5, watcher)
        watcher.close(60)
        self.assertEqual([b.step for b in self.monitor.bodies], [0, 2, 4])
        for body in self.monitor.bodies:
            self.check(body, self.model.seen[body.step], 4)

    def test_code_samples_where_the_mixer_is_made(self):
        watcher = self.model.watcher = self.watch(optimizer=self.optimizer)
        self.train(3, watcher, passes=2)
        watcher.close(60)
        self.assertEqual([b.step for b in self.monitor.bodies], [0, 2])
        for body in self.monitor.bodies:
            self.check(body, self.model.seen[2 * body.step], 64)  # the first of two micro batches

    def test_who_takes_snapshots_has_the_pass_that_follows(self):
        watcher = self.model.watcher = self.watch()
        self.model(torch.randn(TOKENS, N))  # no step is known yet
        watcher.snapshot(10)
        for _ in range(3):
            self.model(torch.randn(TOKENS, N))
        self.assertTrue(watcher.flush(60))
        self.assertEqual([b.step for b in self.monitor.bodies], [10])
        self.check(self.monitor.bodies[0], self.model.seen[1], 64)

    def test_evaluation_is_not_sampled(self):
        watcher = self.model.watcher = self.watch(optimizer=self.optimizer)
        self.model.eval()
        self.model(torch.randn(TOKENS, N))
        self.model.train()
        self.train(1, watcher)
        watcher.close(60)
        self.check(self.monitor.bodies[0], self.model.seen[1], 64)

    def test_layers_without_numbers_are_ordered_as_they_are_applied(self):
        watcher = self.watch(optimizer=self.optimizer)
        for name in ("zeta", "alpha"):
            watcher.sample(name, torch.eye(N).expand(2, N, N))
        self.optimizer.step()
        watcher.flush(60)
        metadata = self.monitor.bodies[0].metadata
        self.assertEqual(metadata["sinkwatch.index.zeta"], "0")
        self.assertEqual(metadata["sinkwatch.index.alpha"], "1")

    def test_a_proxy_in_the_weights_gives_way_to_samples(self):
        self.model.hc_attn_base = nn.Parameter(torch.zeros(24))
        self.model.hc_attn_fn = nn.Parameter(torch.zeros(24, 8))  # of the same mixers
        holder = nn.Module()
        holder.layers = nn.ModuleList([self.model])  # layers.0.hc_attn_base
        for mixers, names in (
            (None, ["layers.0.hc_attn_base", "layers.0.hc_attn_fn"]),
            ({"layers.0.layers.?": of_output}, []),
        ):
            watcher = sinkwatch.watch(holder, run="r", url=self.monitor.url, mixers=mixers)
            begin = len(self.monitor.bodies)
            watcher.snapshot(0)
            self.model(torch.randn(TOKENS, N))
            watcher.close(60)
            found = [n for b in self.monitor.bodies[begin:] for n in b.names if "hc_attn_" in n]
            self.assertEqual(sorted(found), names)

    def test_what_is_no_mixer_is_said_once(self):
        watcher = self.watch(optimizer=self.optimizer, every=1)
        with self.assertLogs("sinkwatch", logging.WARNING) as logs:
            for _ in range(3):
                watcher.sample("wide", torch.ones(2, 3))
                watcher.sample("list", [[1.0]])
                watcher.sample("bad\nname", torch.eye(2))
                self.optimizer.step()
        self.assertEqual(len([line for line in logs.output if "not published" in line]), 1)
        self.assertEqual(set(watcher.stats.unsupported), {"wide", "list", "bad\nname"})
        self.assertNotIn("failed", watcher.stats.dropped)

    def test_samples_of_large_matrices_are_fewer(self):
        watcher = self.watch(optimizer=self.optimizer)
        watcher.sample("layers.0", torch.eye(1024).expand(8, 8, 1024, 1024))
        self.optimizer.step()
        watcher.flush(60)
        self.assertEqual(self.monitor.bodies[0].header["layers.0"]["shape"], [4, 1024, 1024])

    def test_indices_are_spread_evenly(self):
        self.assertEqual(picked(torch, 10, 2).tolist(), [2, 7])
        self.assertEqual(picked(torch, 3, 64).tolist(), [0, 1, 2])
        for batch, most in ((1000, 64), (65, 64), (10**9, 7)):
            spread = [(2 * i + 1) * batch // (2 * most) for i in range(most)]
            self.assertEqual(picked(torch, batch, most).tolist(), spread)

    def test_what_is_picked_is_reckoned_without_a_copy_from_the_host(self):
        samples = Samples(2)
        with mock.patch.object(torch, "tensor", side_effect=AssertionError("a copy")):
            samples.take("a", torch.eye(3).expand(10, 3, 3), HostCopies())
        self.assertEqual(picked(torch, 10, 2, "meta").device.type, "meta")
        self.assertEqual(tuple(samples.layers(False)[0][0].tensor.shape), (2, 3, 3))
