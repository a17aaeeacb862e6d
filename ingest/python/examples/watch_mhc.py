#!/usr/bin/python3
"""The character transformer of train_mhc.py, watched: two lines more than without us.

    apt-get install python3-torch python3-numpy
    pip install ingest/python           # or PYTHONPATH=ingest/python/src
    ./sinkwatch monitor --embedded-kafka &
    ingest/python/examples/watch_mhc.py --setting collapse
"""
import argparse

import torch
from torch.nn import functional
from train_mhc import DECAY, MIXER_LR, Model, batches, initial_logits

import sinkwatch  # ours


def main():
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--url", help="the monitor (default: SINKWATCH_URL, then http://127.0.0.1:8321)")
    cli.add_argument("--run", default="watch-mhc", help="(default: %(default)s)")
    cli.add_argument("--setting", choices=["healthy", "collapse", "frozen"], default="healthy")
    cli.add_argument("--steps", type=int, default=200, help="(default: %(default)s)")
    cli.add_argument("--stop", action="store_true", help="stop when the monitor says so")
    given = cli.parse_args()

    torch.manual_seed(1)
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)  # frozen mixers are full of them, and they are slow
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

    watcher = sinkwatch.watch(  # ours
        model, optimizer=optimizer, run=given.run, url=given.url, every=8, activation="float32"
    )
    for step in range(given.steps):
        inputs, targets = batches(text)
        loss = functional.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        if step % 50 == 49:
            print(f"step {step + 1:5d}  loss {loss.item():.4f}", flush=True)
        if given.stop and watcher.stop_if():  # ours
            print(f"stopped at step {step + 1}: the monitor says so")
            break
    watcher.close()  # ours; what is on its way arrives
    print(watcher.stats)


if __name__ == "__main__":
    main()
