#!/usr/bin/python3
"""Two processes train one network over gloo; each owns half of the rows of every mixer.

Nobody gathers anything for the monitor: each process publishes its own rows, and the monitor puts
them together. The mixers' logits decay to 0, so the mixers turn uniform.

    ingest/python/examples/row_shards.py --url http://127.0.0.1:8321
"""
import argparse
import os
import tempfile

import torch
from torch import distributed, multiprocessing
from torch.nn import functional

import sinkwatch  # ours

RANKS, LAYERS, STREAMS, DIM, BATCH = 2, 4, 8, 16, 64
EPSILON, ITERATIONS = 1e-6, 20


def mixer(logits):
    """Softmax over rows, then columns and rows in turns: the site rule of hyper-connections."""
    p = logits.softmax(-1) + EPSILON
    p = p / (p.sum(-2, keepdim=True) + EPSILON)
    for _ in range(ITERATIONS - 1):
        p = p / (p.sum(-1, keepdim=True) + EPSILON)
        p = p / (p.sum(-2, keepdim=True) + EPSILON)
    return p


def whole(rows, rank):
    """All rows of a mixer's logits; a gradient only for those that this process owns."""
    parts = [torch.empty_like(rows) for _ in range(RANKS)]
    distributed.all_gather(parts, rows.detach())
    parts[rank] = rows
    return torch.cat(parts)


def train(rank, store, given):
    distributed.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=RANKS)
    torch.set_num_threads(1)
    torch.manual_seed(1)  # the same on both
    height = STREAMS // RANKS
    logits = [3 * torch.eye(STREAMS) + 0.3 * torch.randn(STREAMS, STREAMS) for _ in range(LAYERS)]
    owned = [torch.nn.Parameter(x[rank * height : (rank + 1) * height].clone()) for x in logits]
    embed = torch.nn.Linear(DIM, STREAMS)
    optimizer = torch.optim.AdamW(
        [dict(params=owned, lr=1e-3, weight_decay=20.0), dict(params=embed.parameters(), lr=1e-2)]
    )
    target = torch.randn(DIM, STREAMS)
    for step in range(given.steps + 1):
        if step % 10 == 0:
            send(given, rank, step, owned, [whole(rows, rank).detach() for rows in owned])
        inputs = torch.randn(BATCH, DIM)  # the same on both, so that embed stays the same
        x = embed(inputs)
        for rows in owned:
            x = x @ mixer(whole(rows, rank)).T
        loss = functional.mse_loss(x, inputs @ target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if rank == 0 and step % 50 == 0:
            print(f"step {step:5d}  loss {loss.item():.4f}", flush=True)
    distributed.barrier()


def send(given, rank, step, owned, gathered):
    height = STREAMS // RANKS
    names = [f"layers.{i}.mixer" for i in range(LAYERS)]
    kinds = dict.fromkeys(names, "sinkhorn-logits")
    sinkwatch.publish(  # ours
        dict(zip(names, owned)),
        given.run,
        step,
        url=given.url,
        rows=dict.fromkeys(names, (rank * height, (rank + 1) * height)),
        shapes=dict.fromkeys(names, (STREAMS, STREAMS)),
        kinds=kinds,
        operators=LAYERS,
        activation="float32",
    )
    if given.whole and rank == 0:  # to compare with
        sinkwatch.publish(
            dict(zip(names, gathered)),
            f"{given.run}-whole",
            step,
            url=given.url,
            kinds=kinds,
            operators=LAYERS,
            activation="float32",
        )


def main():
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--url", help="the monitor (default: SINKWATCH_URL, then http://127.0.0.1:8321)")
    cli.add_argument("--run", default="row-shards", help="(default: %(default)s)")
    cli.add_argument("--steps", type=int, default=200, help="(default: %(default)s)")
    cli.add_argument("--whole", action="store_true", help="publish whole mixers too, as the run RUN-whole")
    given = cli.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        multiprocessing.spawn(train, (os.path.join(directory, "store"), given), nprocs=RANKS)


if __name__ == "__main__":
    main()
