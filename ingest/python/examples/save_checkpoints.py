#!/usr/bin/python3
"""Trains the character transformer of train_mhc.py and writes checkpoints; knows nothing of us.

    ingest/python/examples/save_checkpoints.py CHECKPOINTS &
    ./sinkwatch publish CHECKPOINTS --run my-run --watch
"""
import argparse
import json
import os

import torch
from torch.nn import functional
from train_mhc import DECAY, MIXER_LR, Model, batches, initial_logits


def save(model, path):
    """As the library safetensors does, which Debian does not have."""
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, tensor in model.state_dict().items():
        raw = tensor.float().contiguous().numpy().tobytes()
        header[name] = {
            "dtype": "F32",
            "shape": list(tensor.shape),
            "data_offsets": [len(data), len(data) + len(raw)],
        }
        data += raw
    text = json.dumps(header).encode()
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(f"{path}.part", "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + data)
    os.replace(f"{path}.part", path)


def main():
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("directory", help="where DIRECTORY/step-N/model.safetensors are written")
    cli.add_argument("--setting", choices=["healthy", "collapse", "frozen"], default="collapse")
    cli.add_argument("--steps", type=int, default=160, help="(default: %(default)s)")
    cli.add_argument("--every", type=int, default=16, help="steps between checkpoints (default: %(default)s)")
    given = cli.parse_args()

    torch.manual_seed(1)
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    with open("/usr/share/common-licenses/GPL-3", encoding="utf-8") as file:
        characters = file.read()
    alphabet = sorted(set(characters))
    text = torch.tensor([alphabet.index(c) for c in characters])
    model = Model(len(alphabet), lambda: initial_logits(given.setting))
    mixers = [p for name, p in model.named_parameters() if name.endswith("H_res_logits")]
    others = [p for name, p in model.named_parameters() if not name.endswith("H_res_logits")]
    decay = DECAY / MIXER_LR if given.setting == "collapse" else 0.0
    optimizer = torch.optim.AdamW(
        [dict(params=others, lr=3e-3, weight_decay=0.01), dict(params=mixers, lr=MIXER_LR, weight_decay=decay)]
    )
    for step in range(given.steps + 1):
        if step % given.every == 0:
            save(model, os.path.join(given.directory, f"step-{step}", "model.safetensors"))
        inputs, targets = batches(text)
        loss = functional.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
    print(f"loss {loss.item():.4f}")


if __name__ == "__main__":
    main()
