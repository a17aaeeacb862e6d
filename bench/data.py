"""The data of a run: made once, as raw little-endian files that both sides read."""
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np


class Data:
    """A directory that is gone when its `with` block ends, however it ends."""

    def __init__(self, parent):
        self.parent = parent

    def __enter__(self):
        self.directory = Path(tempfile.mkdtemp(prefix="sinkwatch-bench-", dir=self.parent))
        return self

    def __exit__(self, *failure):
        shutil.rmtree(self.directory, ignore_errors=True)

    def write(self, name, values):
        file = self.directory / name
        values.tofile(file)
        return file

    def room(self):
        return shutil.disk_usage(self.directory).free


def normal(rows, columns, seed):
    return np.random.default_rng(seed).standard_normal((rows, columns), np.float32)


def bfloat16(values):
    """Rounded to nearest, ties away from zero, which is as good here."""
    bits = values.view(np.uint32)
    return ((bits + 0x8000) >> 16).astype(np.uint16)


def stochastic(logits):
    """Sinkhorn of the logits in F32, converged to F32's own rounding."""
    p = np.exp(logits)
    columns = np.ones(p.shape[1], np.float32)
    for _ in range(12 if len(p) > 256 else 100):
        rows = 1 / (p @ columns)
        columns = 1 / (rows @ p)
    p *= rows[:, None]
    p *= columns
    return p


def drifting(n, steps, seed):
    """Doubly stochastic matrices of logits that move by 1e-3 of their size at each step."""
    std, drift = 0.5, 1e-3
    logits = std * normal(n, n, seed)
    for step in range(steps):
        yield stochastic(logits)
        logits += std * drift * normal(n, n, seed + 1 + step)


def checkpoint(directory, blocks, width):
    """A safetensors file of BF16 layers, `width` to 2 `width` wide; its path and [(name, rows, columns, offset)].

    Normal values, columns of different sizes: a bulk without a gap, which is the hard case.
    """
    shapes = [("self_attn.q_proj", 1, 1), ("self_attn.k_proj", 1, 1), ("self_attn.v_proj", 1, 1),
              ("self_attn.o_proj", 1, 1), ("mlp.gate_proj", 2, 1), ("mlp.up_proj", 2, 1), ("mlp.down_proj", 1, 2),
              ("adapter.down", 1, 2), ("mixer.proj", 2, 2)]
    layers, header, end = [], {}, 0
    for block in range(blocks):
        for name, tall, wide in shapes:
            rows, columns = tall * width, wide * width
            name = f"model.layers.{block}.{name}.weight"
            header[name] = {"dtype": "BF16", "shape": [rows, columns], "data_offsets": [end, end + 2 * rows * columns]}
            layers.append([name, rows, columns, end])
            end += 2 * rows * columns
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    file = directory / "model.safetensors"
    random = np.random.default_rng(7)
    with open(file, "wb") as out:
        out.write(len(text).to_bytes(8, "little") + text)
        for layer in layers:
            _, rows, columns, offset = layer
            layer[3] = 8 + len(text) + offset
            scale = 0.02 * np.exp(0.3 * random.standard_normal(columns)).astype(np.float32)
            for _ in range(0, rows, 512):
                part = random.standard_normal((min(512, rows), columns), np.float32) * scale
                bfloat16(part).tofile(out)
    return file, layers
