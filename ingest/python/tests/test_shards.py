import logging
import math
import multiprocessing
import unittest

import torch
from torch import nn

import sinkwatch
from sinkwatch.shards import UnsupportedShard, piece

from .models import Network
from .stand_in import Monitor, environment


class Replicate:
    def is_shard(self, dim=None):
        return False

    def is_replicate(self):
        return True

    def is_partial(self):
        return False


class Shard(Replicate):
    def __init__(self, dim):
        self.dim = dim

    def is_replicate(self):
        return False


class StridedShard(Shard):
    def __init__(self, dim, split_factor):
        super().__init__(dim)
        self.split_factor = split_factor


class Partial(Replicate):
    def is_replicate(self):
        return False

    def is_partial(self):
        return True


class Mesh:
    def __init__(self, sizes, coordinate):
        self._sizes, self._coordinate = sizes, coordinate

    def size(self, axis):
        return self._sizes[axis]

    def get_coordinate(self):
        return self._coordinate


class Distributed(nn.Parameter):
    """As torch.distributed.tensor.DTensor: the global shape, and what this rank holds of it."""

    def __new__(cls, local, shape, placements, mesh):
        made = torch.Tensor._make_subclass(cls, torch.empty(shape, device="meta"), True)
        made._local_tensor, made.placements, made.device_mesh = local, placements, mesh
        return made

    def __init__(self, *_):
        pass


def sharded(whole, rank, ranks):
    """What FSDP2 leaves on a rank: torch.chunk's part of dimension 0."""
    chunks = list(whole.chunk(ranks))
    local = chunks[rank] if rank < len(chunks) else whole[:0]
    return Distributed(local, whole.shape, (Shard(0),), Mesh([ranks], [rank]))


class PiecesTest(unittest.TestCase):
    def test_the_rows_of_all_ranks_make_the_whole(self):
        for shape in ((7, 3), (2, 5), (6, 2, 3), (24,), (1, 4), (8, 8)):
            for ranks in (1, 2, 3, 4, 8):
                with self.subTest(shape=shape, ranks=ranks):
                    whole = torch.arange(float(math.prod(shape))).reshape(shape)
                    found = [piece(sharded(whole, rank, ranks)) for rank in range(ranks)]
                    found = [one for one in found if one is not None]
                    if ranks == 1:
                        self.assertIsNone(found[0].rows)
                        continue
                    end = 0
                    for one in found:
                        self.assertEqual(one.rows[0], end)
                        end = one.rows[1]
                        self.assertEqual(one.value.shape[0], one.rows[1] - one.rows[0])
                        self.assertEqual(math.prod(one.shape), whole.numel())
                        self.assertFalse(one.replica)
                    self.assertEqual(end, math.prod(found[0].shape[:-1]))
                    together = torch.cat([one.value.flatten() for one in found])
                    self.assertTrue(torch.equal(together, whole.flatten()))

    def test_of_replicas_the_first_one_speaks(self):
        whole = torch.ones(4, 4)
        for coordinate, speaks in (([0, 1], True), ([1, 1], False)):
            held = Distributed(whole[2:], (4, 4), (Replicate(), Shard(0)), Mesh([2, 2], coordinate))
            self.assertEqual(piece(held) is not None, speaks)
        for coordinate, speaks in (([0], True), ([1], False)):
            held = Distributed(whole, (4, 4), (Replicate(),), Mesh([2], coordinate))
            self.assertEqual(piece(held) is not None, speaks)
        self.assertIsNone(piece(Distributed(whole, (4, 4), (Shard(0),), Mesh([2], None))))

    def test_rows_that_tensor_parallel_cut_before_fsdp(self):
        whole = torch.arange(16.0).reshape(8, 2)
        for fsdp in range(2):
            for tensor in range(2):
                local = whole.chunk(2)[tensor].chunk(2)[fsdp]
                placements = (StridedShard(0, 2), Shard(0))
                held = piece(Distributed(local, (8, 2), placements, Mesh([2, 2], [fsdp, tensor])))
                self.assertTrue(torch.equal(whole[slice(*held.rows)], held.value))

    def test_what_is_no_range_of_rows_is_said(self):
        mesh = Mesh([2], [0])
        for held, line in (
            (Distributed(torch.ones(4, 2), (4, 4), (Shard(1),), mesh), "by dimension 1"),
            (Distributed(torch.ones(4, 4), (4, 4), (Partial(),), mesh), "partial sum"),
            (Distributed(torch.ones(3, 4), (4, 4), (Shard(0),), mesh), "3 rows and should hold 2"),
        ):
            with self.subTest(line), self.assertRaises(UnsupportedShard) as raised:
                piece(held)
            self.assertIn(line, str(raised.exception))

    def test_flat_and_empty_parameters_say_what_they_are(self):
        flat = nn.Parameter(torch.zeros(8))
        flat._fsdp_flattened = True
        zero = nn.Parameter(torch.zeros(0))
        zero.ds_id, zero.ds_numel = 1, 16
        parallel = nn.Parameter(torch.zeros(4, 4))
        parallel.tensor_model_parallel, parallel.partition_dim = True, 1
        for held, line in ((flat, "FSDP1"), (zero, "ZeRO-3"), (parallel, "tensor parallel")):
            with self.assertRaises(UnsupportedShard) as raised:
                piece(held)
            self.assertIn(line, str(raised.exception))


class WatchedShardsTest(unittest.TestCase):
    def setUp(self):
        clean = environment()
        clean.__enter__()
        self.addCleanup(clean.__exit__, None, None, None)
        self.monitor = Monitor()
        self.addCleanup(self.monitor.close)

    def test_each_rank_publishes_its_rows(self):
        torch.manual_seed(2)
        whole = Network()
        for rank in range(3):
            model = Network()
            for module, other in zip(model.modules(), whole.modules()):
                for name, parameter in other._parameters.items():
                    module._parameters[name] = sharded(parameter.detach(), rank, 3)
            with environment(RANK=str(rank)):
                watcher = sinkwatch.watch(model, run="r", url=self.monitor.url)
                watcher.snapshot(1)
                watcher.close(60)
        name = "h.1.hc_mlp.H_res_logits"
        rows = [body.metadata[f"sinkwatch.rows.{name}"] for body in self.monitor.bodies]
        self.assertEqual(rows, ["0:2", "2:4"], "the third rank has none of 4 rows")
        together = [value for body in self.monitor.bodies for value in body.floats(name)]
        self.assertEqual(together, whole.h[1].hc_mlp.H_res_logits.flatten().tolist())
        for body in self.monitor.bodies:
            self.assertEqual(body.metadata[f"sinkwatch.shape.{name}"], "4,4")
            self.assertEqual(body.metadata["sinkwatch.operators"], "4")
            self.assertEqual(len(body.names), 4)

    def test_what_is_gathered_for_a_while_is_published_then(self):
        model = Network()
        whole = model.h[0].hc_attn.H_res_logits
        part = nn.Parameter(torch.zeros(8))
        whole._fsdp_flattened = part._fsdp_flattened = True
        watcher = sinkwatch.watch(model, run="r", url=self.monitor.url)
        self.addCleanup(watcher.close)
        with self.assertLogs("sinkwatch", logging.WARNING):
            for step, held in enumerate((part, whole, part)):
                model.h[0].hc_attn.H_res_logits = held
                watcher.snapshot(step)
                watcher.flush(60)
        operators = [body.metadata["sinkwatch.operators"] for body in self.monitor.bodies]
        self.assertEqual(operators, ["3", "4", "3"])
        self.assertEqual(len(watcher.stats.unsupported), 1)

    def test_columns_are_said_once_and_counted(self):
        model = Network()
        mesh = Mesh([2], [0])
        for connection in (model.h[0].hc_attn, model.h[0].hc_mlp):
            local = torch.ones(4, 2)
            connection.H_res_logits = Distributed(local, (4, 4), (Shard(1),), mesh)
        watcher = sinkwatch.watch(model, run="r", url=self.monitor.url)
        self.addCleanup(watcher.close)
        with self.assertLogs("sinkwatch", logging.WARNING) as logs:
            for step in range(3):
                watcher.snapshot(step)
                watcher.flush(60)
        self.assertEqual(len(logs.output), 1)
        self.assertIn("sharded by dimension 1", logs.output[0])
        self.assertEqual(len(watcher.stats.unsupported), 2)
        self.assertEqual(self.monitor.bodies[0].metadata["sinkwatch.operators"], "2")


def half(rank, port, store, failures):
    """A gloo process: the first rank publishes what is whole, each its half of the rows."""
    try:
        torch.set_num_threads(1)
        torch.distributed.init_process_group(
            "gloo", init_method=f"file://{store}", rank=rank, world_size=2
        )
        url = f"http://127.0.0.1:{port}"
        torch.manual_seed(3)
        model = Network()
        watcher = sinkwatch.watch(model, run="whole", url=url)
        watcher.snapshot(0)
        watcher.close(60)
        mixer = model.h[0].hc_attn.H_res_logits.detach()
        rows = (2 * rank, 2 * rank + 2)
        sinkwatch.publish(
            {"mixer": mixer[slice(*rows)]}, "halves", 0, rows={"mixer": rows}, shapes={"mixer": (4, 4)}, url=url
        )
        torch.distributed.barrier()
    except BaseException as e:
        failures.put(repr(e))
        raise


class TwoProcessesTest(unittest.TestCase):
    def test_two_gloo_processes_publish_one_run(self):
        import tempfile

        context = multiprocessing.get_context("spawn")
        failures = context.SimpleQueue()
        with environment(), Monitor() as monitor, tempfile.TemporaryDirectory() as directory:
            jobs = [
                context.Process(target=half, args=(rank, monitor.port, f"{directory}/store", failures))
                for rank in range(2)
            ]
            for job in jobs:
                job.start()
            for job in jobs:
                job.join(180)
            self.assertEqual([job.exitcode for job in jobs], [0, 0], failures.empty() or failures.get())
            whole = [b for b in monitor.bodies if "/whole/" in b.path]
            self.assertEqual(len(whole), 1, "the first rank alone")
            halves = sorted(
                (b for b in monitor.bodies if "/halves/" in b.path),
                key=lambda body: body.metadata["sinkwatch.rows.mixer"],
            )
            together = [value for body in halves for value in body.floats("mixer")]
            self.assertEqual(together, whole[0].floats("h.0.hc_attn.H_res_logits"))
