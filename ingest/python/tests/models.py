"""Small modules whose tensors are named as the profiles know them."""

import torch
from torch import nn

STREAMS = 4


class Connection(nn.Module):
    def __init__(self):
        super().__init__()
        self.H_res_logits = nn.Parameter(torch.randn(STREAMS, STREAMS))

    def forward(self, x):
        return self.H_res_logits.softmax(-1) @ x


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.hc_attn, self.hc_mlp = Connection(), Connection()
        self.dense = nn.Linear(STREAMS, STREAMS)

    def forward(self, x):
        return self.dense(self.hc_mlp(self.hc_attn(x)))


class Network(nn.Module):
    """Two blocks: four mixers that tokenbender's profile knows."""

    def __init__(self):
        super().__init__()
        self.h = nn.ModuleList(Block() for _ in range(2))

    def forward(self, x):
        for block in self.h:
            x = block(x)
        return x


MIXERS = [f"h.{b}.hc_{site}.H_res_logits" for b in range(2) for site in ("attn", "mlp")]


def train(model, optimizer, steps, micro_batches=1, watcher=None):
    """With a watcher, waits after each step until its snapshot is sent."""
    for _ in range(steps):
        optimizer.zero_grad()
        for _ in range(micro_batches):
            model(torch.ones(STREAMS, STREAMS)).pow(2).sum().backward()
        optimizer.step()
        if watcher is not None:
            assert watcher.flush(60), watcher.stats
