#!/usr/bin/python3
"""Trains a small transformer with manifold-constrained hyper-connections and publishes its weights.

A character-level model of a licence text: 4 layers, each with two hyper-connections over n = 4
residual streams, so 8 mixers H_res that a log-domain Sinkhorn makes doubly stochastic (temperature
0.05, 10 iterations). Every few steps their logits go to the Kafka topic `sinkwatch.weights`, one
safetensors document a record. Nothing of sinkwatch is imported: see `safetensors` and `Publisher`
for all that it takes.

    --setting healthy    a moderate initialisation, no decay on the mixers' logits
    --setting collapse   the same, with weight decay on the logits: the mixers turn uniform
    --setting frozen     logits 0 on the diagonal and -8 off it: the mixers stay the identity

Needs Debian's python3-torch, python3-numpy and, to publish, python3-confluent-kafka.
"""
import argparse
import json
import math
import os
import re
import signal
import sys
import time

APT = "apt-get install python3-torch python3-numpy python3-confluent-kafka"
signal.signal(signal.SIGINT, signal.SIG_DFL)  # torch's import turns Ctrl-C into a failure of its own
try:
    import numpy  # noqa: F401  (torch hands out bytes through it)
    import torch
    from torch import nn
    from torch.nn import functional
except ImportError as missing:
    sys.exit(f"train_mhc: {missing}: {APT}, and run this with /usr/bin/python3")
signal.signal(signal.SIGINT, signal.default_int_handler)

TOPIC = "sinkwatch.weights"
SHARD_BYTES = 768 * 1024
STREAMS, LAYERS, DIM, HEADS, CONTEXT, BATCH = 4, 4, 64, 4, 64, 4
TEMPERATURE, ITERATIONS = 0.05, 10
MIXER_LR = 2e-5  # the temperature makes a step of the logits twenty times as long
DECAY = 0.016  # share of the mixers' logits that a step takes away, in the setting collapse


# ---------------------------------------------------------------- publishing


def safetensors(tensors, metadata):
    """One safetensors document: header length, JSON header, the tensors' bytes in a row."""
    header, offset = {"__metadata__": metadata}, 0
    for name, tensor in tensors.items():
        end = offset + tensor.numel() * 4
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    data = b"".join(t.detach().float().contiguous().numpy().tobytes() for t in tensors.values())
    return len(text).to_bytes(8, "little") + text + data


def shards(name, tensor):
    """Cuts a tensor that is too large for one record into rows: (tensor, metadata) each."""
    matrix = tensor.reshape(-1, tensor.shape[-1])
    rows = max(1, SHARD_BYTES // (matrix.shape[1] * 4))
    if matrix.shape[0] <= rows:
        yield tensor, {}
        return
    shape = ",".join(map(str, tensor.shape))
    for first in range(0, matrix.shape[0], rows):
        part = matrix[first : first + rows]
        yield part, {"sinkwatch.rows": f"{first}:{first + len(part)}", "sinkwatch.shape": shape}


class Publisher:
    """Puts each step's weights on the topic; training goes on while librdkafka sends."""

    def __init__(self, servers, run):
        from confluent_kafka import Producer

        self.run, self.lost, self.reason = run, 0, None
        self.producer = Producer(
            {
                "bootstrap.servers": servers,
                "partitioner": "murmur2_random",  # Java's: what belongs together stays together
                "linger.ms": 5,
                "log_level": 0,
                "error_cb": lambda error: None,  # deliveries report what failed
            }
        )

    def await_topic(self, seconds):
        """The monitor creates the topic with its partitions; a producer must not, with fewer."""
        deadline = time.monotonic() + seconds
        while TOPIC not in self.producer.list_topics(timeout=10).topics:
            if time.monotonic() > deadline:
                raise SystemExit(f"train_mhc: no topic {TOPIC}: start `sinkwatch monitor`, which creates it")
            time.sleep(0.5)

    def publish(self, name, tensor, metadata):
        block = re.match(r".*?\d+", name)
        key = f"{self.run}/{block[0] if block else name}"
        for part, rows in shards(name, tensor):
            value = safetensors({name: part}, {**metadata, **rows})
            try:
                self.producer.produce(TOPIC, key=key, value=value, on_delivery=self.delivered)
            except BufferError as full:
                self.delivered(full, None)
            self.producer.poll(0)

    def delivered(self, error, _message):
        if error is not None:
            self.lost, self.reason = self.lost + 1, error

    def flush(self, seconds):
        """Waits for what is on its way; how many records did not arrive."""
        return self.producer.flush(seconds) + self.lost


# ---------------------------------------------------------------- the model


def sinkhorn(logits):
    """Doubly stochastic in the log domain: rows, then columns, ITERATIONS times."""
    z = logits / TEMPERATURE
    for _ in range(ITERATIONS):
        z = z - z.logsumexp(-1, keepdim=True)
        z = z - z.logsumexp(-2, keepdim=True)
    return z.exp()


class HyperConnection(nn.Module):
    """Reads a branch's input from the streams, mixes the streams, writes the output back."""

    def __init__(self, index, logits):
        super().__init__()
        self.H_res_logits = nn.Parameter(logits)
        self.H_pre_logits = nn.Parameter(functional.one_hot(torch.tensor(index % STREAMS), STREAMS) * 2.0)
        self.H_post_logits = nn.Parameter(torch.randn(STREAMS) * 0.5)

    def forward(self, streams, branch):
        output = branch(torch.einsum("s,bcsd->bcd", self.H_pre_logits.softmax(0), streams))
        # row s tells where stream s goes: as a map of streams, the transpose is applied
        mixed = torch.einsum("st,bcsd->bctd", sinkhorn(self.H_res_logits), streams)
        return mixed + torch.einsum("t,bcd->bctd", self.H_post_logits.softmax(0), output)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.c_attn, self.c_proj = nn.Linear(DIM, 3 * DIM), nn.Linear(DIM, DIM)
        self.register_buffer("future", torch.ones(CONTEXT, CONTEXT, dtype=torch.bool).triu(1), persistent=False)

    def forward(self, x):
        batch, length, _ = x.shape
        q, k, v = self.c_attn(x).view(batch, length, 3, HEADS, DIM // HEADS).permute(2, 0, 3, 1, 4)
        scores = (q @ k.transpose(-1, -2)) / math.sqrt(DIM // HEADS)
        weights = scores.masked_fill(self.future[:length, :length], -math.inf).softmax(-1)
        return self.c_proj((weights @ v).transpose(1, 2).reshape(batch, length, DIM))


class Block(nn.Module):
    def __init__(self, layer, logits):
        super().__init__()
        self.hc_attn, self.hc_mlp = (HyperConnection(2 * layer + i, logits()) for i in range(2))
        self.attn = nn.Sequential(nn.LayerNorm(DIM), Attention())
        self.mlp = nn.Sequential(nn.LayerNorm(DIM), nn.Linear(DIM, 2 * DIM), nn.GELU(), nn.Linear(2 * DIM, DIM))

    def forward(self, streams):
        return self.hc_mlp(self.hc_attn(streams, self.attn), self.mlp)


class Model(nn.Module):
    def __init__(self, vocabulary, logits):
        super().__init__()
        self.vocabulary = vocabulary
        self.transformer = nn.ModuleDict(
            {
                "wte": nn.Embedding(vocabulary, DIM),
                "pairs": nn.Embedding(vocabulary**2, DIM),  # a character with the one before it
                "wpe": nn.Embedding(CONTEXT, DIM),
                "h": nn.ModuleList(Block(layer, logits) for layer in range(LAYERS)),
                "ln_f": nn.LayerNorm(DIM),
            }
        )
        self.lm_head = nn.Linear(DIM, vocabulary, bias=False)
        for embedding in ("wte", "pairs", "wpe"):
            nn.init.normal_(self.transformer[embedding].weight, std=0.1)

    def forward(self, text):
        before = functional.pad(text[:, :-1], (1, 0))
        part = self.transformer
        x = part.wte(text) + part.pairs(before * self.vocabulary + text) + part.wpe.weight[: text.shape[1]]
        streams = x.unsqueeze(2).expand(-1, -1, STREAMS, -1)
        for block in part.h:
            streams = block(streams)
        return self.lm_head(part.ln_f(streams.sum(2)))


# ---------------------------------------------------------------- training


def initial_logits(setting):
    if setting == "frozen":
        return torch.full((STREAMS, STREAMS), -8.0).fill_diagonal_(0.0)
    return TEMPERATURE * (2.8 * torch.eye(STREAMS) + 0.15 * torch.randn(STREAMS, STREAMS))


def sigma2(logits):
    return torch.linalg.svdvals(sinkhorn(logits.detach().double()))[1].item()


def batches(text):
    starts = torch.randint(len(text) - CONTEXT, (BATCH,))
    window = text[starts[:, None] + torch.arange(CONTEXT + 1)]
    return window[:, :-1], window[:, 1:]


def published(model, dense):
    """The tensors of a snapshot: the mixers' logits, and if asked every other weight matrix."""
    for name, parameter in model.named_parameters():
        if name.endswith("H_res_logits"):
            yield name, parameter, {}
        elif dense and parameter.dim() == 2:
            yield name, parameter, {"sinkwatch.kind": "dense"}


def snapshot(model, step, arguments, publisher):
    metadata = {
        "sinkwatch.run": arguments.run,
        "sinkwatch.step": str(step),
        "sinkwatch.operators": str(2 * LAYERS),
        "sinkwatch.activation": "float32",
    }
    if publisher:
        for name, tensor, kind in published(model, arguments.dense):
            publisher.publish(name, tensor.detach(), {**metadata, **kind})
    if arguments.save:
        folder = os.path.join(arguments.save, f"step-{step}")
        os.makedirs(folder, exist_ok=True)
        tensors = {name: tensor for name, tensor, _ in published(model, arguments.dense)}
        # whole or not at all: someone may be watching the directory
        partial = os.path.join(folder, ".model.safetensors.partial")
        with open(partial, "wb") as file:
            file.write(safetensors(tensors, metadata))
        os.replace(partial, os.path.join(folder, "model.safetensors"))


def train(arguments, publisher):
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(1)  # tensors this small gain nothing from more
    torch.set_flush_denormal(True)  # frozen mixers are full of them, and they are slow
    with open(arguments.text, encoding="utf-8") as file:
        characters = file.read()
    alphabet = sorted(set(characters))
    text = torch.tensor([alphabet.index(c) for c in characters])
    if len(text) <= CONTEXT:
        raise SystemExit(f"train_mhc: {arguments.text} has no more than {CONTEXT} characters")

    model = Model(len(alphabet), lambda: initial_logits(arguments.setting))
    mixers = [p for name, p in model.named_parameters() if name.endswith("H_res_logits")]
    others = [p for name, p in model.named_parameters() if not name.endswith("H_res_logits")]
    # decoupled decay takes lr * weight_decay of every logit a step, whatever its gradient
    decay = DECAY / MIXER_LR if arguments.setting == "collapse" else 0.0
    optimizer = torch.optim.AdamW(
        [dict(params=others, lr=3e-3, weight_decay=0.01), dict(params=mixers, lr=MIXER_LR, weight_decay=decay)]
    )
    for step in range(arguments.steps + 1):
        inputs, targets = batches(text)
        loss = functional.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
        if step % arguments.every == 0 or step == arguments.steps:
            snapshot(model, step, arguments, publisher)
            gains = [sigma2(logits) for logits in mixers]
            said = f"loss {loss.item():.4f}  sigma2 {min(gains):.4f} to {max(gains):.4f}"
            print(f"step {step:5d}  {said}", flush=True)
        if step < arguments.steps:
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()


def arguments():
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--bootstrap-servers", metavar="HOST:PORT", help="Kafka; without it nothing is published")
    cli.add_argument("--run", help="the run's name (default: mhc-SETTING)")
    cli.add_argument("--setting", choices=["healthy", "collapse", "frozen"], default="healthy")
    cli.add_argument("--steps", type=int, default=200, help="optimizer steps (default: %(default)s)")
    cli.add_argument("--every", type=int, default=8, help="steps from snapshot to snapshot (default: %(default)s)")
    cli.add_argument("--seed", type=int, default=1, help="(default: %(default)s)")
    cli.add_argument("--dense", action="store_true", help="publish every weight matrix, not the mixers alone")
    cli.add_argument("--save", metavar="DIR", help="also write DIR/step-N/model.safetensors")
    cli.add_argument("--text", default="/usr/share/common-licenses/GPL-3", help="what to learn (default: %(default)s)")
    given = cli.parse_args()
    given.run = given.run or f"mhc-{given.setting}"
    if given.steps < 1 or given.every < 1:
        cli.error("--steps and --every are 1 or more")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", given.run):
        cli.error("--run: letters, digits, '.', '_' and '-', 128 at most, a letter or digit first")
    return given


def main():
    given, publisher = arguments(), None
    try:
        if given.bootstrap_servers:
            from confluent_kafka import KafkaException

            publisher = Publisher(given.bootstrap_servers, given.run)
            try:
                publisher.await_topic(30)
            except KafkaException as unreachable:
                reason = unreachable.args[0].str()
                return f"train_mhc: cannot reach Kafka at {given.bootstrap_servers}: {reason}"
        train(given, publisher)
        lost = publisher.flush(30) if publisher else 0
        if lost:
            return f"train_mhc: {lost} records did not reach {given.bootstrap_servers}: {publisher.reason or 'no answer'}"
    except ImportError as missing:
        return f"train_mhc: {missing}: {APT}, and run this with /usr/bin/python3"
    except OSError as unusable:
        return f"train_mhc: {unusable}"
    except KeyboardInterrupt:
        if publisher:
            publisher.flush(5)
        print("stopped", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
