#!/usr/bin/python3
"""What watching costs the training: steps with and without us in turns, in one process.

Two copies of one model train on the same batches. Of each pair of steps one copy is watched, the
order changes from pair to pair. Then the same with a monitor that is stopped, hangs, answers 500, or
starts late. A snapshot is every weight matrix, not the mixers alone, so that there is something to
see. Peak memory is that of two processes of their own, one watched and one not.

    /usr/bin/python3 ingest/python/bench/overhead.py [--steps 300] [--every 100] [--width 128] [--case hanging]
"""
import argparse
import contextlib
import json
import logging
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(HOME / "src"), str(HOME)]

import torch  # noqa: E402
from torch import nn  # noqa: E402

import sinkwatch  # noqa: E402
from tests.stand_in import Monitor, free_port  # noqa: E402

CASES = ("reachable", "stopped", "hanging", "500", "late")


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm, self.up, self.down = nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.hc_mlp = nn.Module()
        self.hc_mlp.H_res_logits = nn.Parameter(torch.randn(4, 4))

    def forward(self, x):
        mix = self.hc_mlp.H_res_logits.softmax(-1)
        x = (mix @ x.reshape(len(x), 4, -1)).flatten(-2)
        return x + self.down(torch.relu(self.up(self.norm(x))))


class Model(nn.Module):
    def __init__(self, width, layers=6):
        super().__init__()
        self.h = nn.ModuleList(Block(width) for _ in range(layers))

    def forward(self, x):
        for block in self.h:
            x = block(x)
        return x


def made(width):
    torch.manual_seed(1)
    model = Model(width)
    return model, torch.optim.AdamW(model.parameters(), lr=1e-4)


def step(model, optimizer, batch):
    """Seconds on the clock, and on a processor: the second is what a busy machine cannot blur."""
    begin, worked = time.perf_counter(), time.thread_time()
    optimizer.zero_grad(set_to_none=True)
    model(batch).pow(2).mean().backward()
    optimizer.step()
    return time.perf_counter() - begin, time.thread_time() - worked


@contextlib.contextmanager
def monitor(case):
    """A process of its own: it must not share our interpreter's lock."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    if case == "stopped":
        yield url
        return
    door = subprocess.Popen([sys.executable, __file__, "--serve", case, "--port", str(port)], stdout=subprocess.PIPE)
    try:
        if case != "late":
            door.stdout.readline()
        yield url
    finally:
        door.terminate()
        door.wait()


def serve(case, port):
    if case == "late":
        time.sleep(3)
    with Monitor(port=port, hang=case == "hanging") as door:
        if case == "500":
            door.always = 500
        print("ready", flush=True)
        while True:
            time.sleep(1)
            del door.bodies[:]


def measured(case, given):
    (watched, ours), (plain, theirs) = made(given.width), made(given.width)
    batches = [torch.randn(given.batch, given.width) for _ in range(8)]
    for i in range(10):  # the first ones are slow for reasons of their own
        step(watched, ours, batches[i % 8]), step(plain, theirs, batches[i % 8])
    with monitor(case) as url:
        watcher = sinkwatch.watch(watched, optimizer=ours, run="bench", url=url, every=given.every, dense=True)
        times = {True: [], False: []}
        for i in range(given.steps):
            for ours_turn in (True, False) if i % 2 else (False, True):
                model, optimizer = (watched, ours) if ours_turn else (plain, theirs)
                times[ours_turn].append(step(model, optimizer, batches[i % 8]))
        watcher.flush(5)
        stats = watcher.stats
        watcher.close(1)
    return times, stats


def worst(values):
    """The 99th percentile."""
    return sorted(values)[min(len(values) - 1, int(0.99 * len(values)))]


def memory(given, watch):
    """Peak resident memory of a process that trains, in bytes."""
    command = [sys.executable, __file__, "--peak", "watched" if watch else "plain", "--width", str(given.width)]
    with monitor("reachable") as url:
        done = subprocess.run([*command, "--url", url], stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout)


def peak(given):
    model, optimizer = made(given.width)
    batch = torch.randn(given.batch, given.width)
    watcher = None
    if given.peak == "watched":
        watcher = sinkwatch.watch(model, optimizer=optimizer, run="bench", url=given.url, every=20, dense=True)
    for _ in range(81):
        step(model, optimizer, batch)
    if watcher is not None:
        watcher.close()
        assert watcher.stats.sent == 5, watcher.stats
    print(json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024))


def main():
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--steps", type=int, default=300)
    cli.add_argument("--every", type=int, default=100)
    cli.add_argument("--width", type=int, default=128)
    cli.add_argument("--batch", type=int, default=256)
    cli.add_argument("--case", choices=[*CASES, "memory"], action="append", help="only this one; may be repeated")
    cli.add_argument("--serve", choices=CASES, help=argparse.SUPPRESS)
    cli.add_argument("--port", type=int, help=argparse.SUPPRESS)
    cli.add_argument("--peak", choices=["watched", "plain"], help=argparse.SUPPRESS)
    cli.add_argument("--url", help=argparse.SUPPRESS)
    given = cli.parse_args()
    torch.set_num_threads(1)
    logging.disable(logging.CRITICAL)
    if given.serve:
        return serve(given.serve, given.port)
    if given.peak:
        return peak(given)
    model, _ = made(given.width)
    size = sum(p.numel() * 4 for p in model.parameters() if p.dim() >= 2)
    print(f"torch {torch.__version__}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; {given.steps} steps of")
    print(f"each kind in turns, a snapshot of {size / 2**20:.1f} MiB every {given.every} steps\n")
    print("| monitor | median without | with | | 99th percentile without | with | ", end="")
    print("| its processor time without | with | | processor time of all | sent | dropped |")
    print("|" + " --- |" * 13)
    for case in (case for case in CASES if case in (given.case or CASES)):
        times, stats = measured(case, given)
        row = [case]
        for figure, of in ((statistics.median, 0), (worst, 0), (worst, 1)):
            without, watched = (figure([both[of] for both in times[w]]) for w in (False, True))
            row += [f"{without * 1e3:.2f} ms", f"{watched * 1e3:.2f} ms", f"{(watched / without - 1) * 100:+.1f} %"]
        without, watched = (sum(worked for _, worked in times[w]) for w in (False, True))
        row.append(f"{(watched / without - 1) * 100:+.2f} %")
        dropped = ", ".join(f"{n} {why}" for why, n in stats.dropped.items()) or "0"
        print("| " + " | ".join([*row, str(stats.sent), dropped]) + " |", flush=True)
    if given.case and "memory" not in given.case:
        return 0
    peaks = {watch: [memory(given, watch) for _ in range(3)] for watch in (False, True)}
    without, watched = (statistics.median(peaks[watch]) / 2**20 for watch in (False, True))
    print(f"\npeak memory (median of 3 processes): {without:.1f} MiB without, {watched:.1f} MiB with: ", end="")
    print(f"{watched - without:+.1f} MiB, a snapshot is {size / 2**20:.1f} MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
