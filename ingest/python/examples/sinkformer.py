#!/usr/bin/python3
"""A Sinkformer learns to write words backwards; its attention is sampled while it does.

Attention that Sinkhorn makes doubly stochastic is nowhere in the weights: it is a matrix a head and
a sentence. So the layer offers it where it is made, and the watcher takes 32 of them at steps that
are due, the same sentences in every layer.

    --setting healthy    attention learns which letter stands where
    --setting collapse   weight decay on queries and keys: attention turns uniform, whatever the letters
"""
import argparse
import math

import torch
from torch import nn
from torch.nn import functional

import sinkwatch  # ours

LETTERS, LENGTH, DIM, HEADS, LAYERS, BATCH = 26, 8, 32, 2, 2, 32


def sinkhorn(scores, iterations=20):
    """Doubly stochastic in the log domain."""
    for _ in range(iterations):
        scores = scores - scores.logsumexp(-1, keepdim=True)
        scores = scores - scores.logsumexp(-2, keepdim=True)
    return scores.exp()


class Attention(nn.Module):
    def __init__(self, name):
        super().__init__()
        self.name, self.watcher = name, None
        self.query, self.key = (nn.Linear(DIM, DIM, bias=False) for _ in range(2))
        self.value, self.out = nn.Linear(DIM, DIM), nn.Linear(DIM, DIM)
        for weight in (self.query.weight, self.key.weight):
            nn.init.normal_(weight, std=0.5 / DIM**0.25)

    def forward(self, x):
        q, k, v = (
            part(x).view(*x.shape[:2], HEADS, DIM // HEADS).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
        mixer = sinkhorn(q @ k.transpose(-1, -2) / math.sqrt(DIM // HEADS))
        if self.watcher is not None:  # ours
            self.watcher.sample(self.name, mixer)  # ours
        return self.out((mixer @ v).transpose(1, 2).flatten(2))


class Sinkformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.letter, self.place = nn.Embedding(LETTERS, DIM), nn.Embedding(LENGTH, DIM)
        self.attention = nn.ModuleList(Attention(f"layers.{i}.attention") for i in range(LAYERS))
        self.norms = nn.ModuleList(nn.LayerNorm(DIM) for _ in range(LAYERS))
        self.feed = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(DIM), nn.Linear(DIM, 2 * DIM), nn.GELU(), nn.Linear(2 * DIM, DIM))
            for _ in range(LAYERS)
        )
        self.head = nn.Linear(DIM, LETTERS)

    def forward(self, words):
        x = self.letter(words) + self.place.weight
        for norm, attention, feed in zip(self.norms, self.attention, self.feed):
            x = x + attention(norm(x))
            x = x + feed(x)
        return self.head(x)


def main():
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--url", help="the monitor (default: SINKWATCH_URL, then http://127.0.0.1:8321)")
    cli.add_argument("--run", default="sinkformer", help="(default: %(default)s)")
    cli.add_argument("--setting", choices=["healthy", "collapse"], default="healthy")
    cli.add_argument("--steps", type=int, default=240, help="(default: %(default)s)")
    given = cli.parse_args()

    torch.manual_seed(1)
    torch.set_num_threads(1)
    model = Sinkformer()
    sharp = [p for a in model.attention for p in (a.query.weight, a.key.weight)]
    rest = [p for p in model.parameters() if all(p is not q for q in sharp)]
    decay = 8.0 if given.setting == "collapse" else 0.0
    optimizer = torch.optim.AdamW(
        [dict(params=rest, lr=3e-3), dict(params=sharp, lr=3e-3, weight_decay=decay)]
    )

    watcher = sinkwatch.watch(  # ours
        model, optimizer=optimizer, run=given.run, url=given.url, every=10, tokens=32, activation="float32"
    )
    for attention in model.attention:  # ours
        attention.watcher = watcher  # ours
    for step in range(given.steps + 1):
        words = torch.randint(LETTERS, (BATCH, LENGTH))
        loss = functional.cross_entropy(model(words).flatten(0, 1), words.flip(1).flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        if step % 60 == 0:
            print(f"step {step:5d}  loss {loss.item():.4f}", flush=True)
    watcher.close()  # ours
    print(watcher.stats)


if __name__ == "__main__":
    main()
