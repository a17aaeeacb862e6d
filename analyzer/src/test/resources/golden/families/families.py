#!/usr/bin/env python3
"""Makes the files of this folder: tensors as the code of some model families names and shapes them,
and what an independent reading in NumPy says of their operators. Needs NumPy only.

    families.py            writes *.safetensors and *.jsonl beside itself

Each family is written down once more here from its public code, step by step, all entries divided in
place; singular values are those of numpy.linalg.svd.
"""
import itertools
import json
import math
import os

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
RANDOM = np.random.default_rng(20260105)


def save(name, tensors):
    header, data = {}, b""
    for key, values in tensors.items():
        raw = np.ascontiguousarray(values, dtype="<f4").tobytes()
        header[key] = dict(dtype="F32", shape=list(values.shape), data_offsets=[len(data), len(data) + len(raw)])
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(os.path.join(HERE, name), "wb") as out:
        out.write(len(text).to_bytes(8, "little") + text + data)
    return {key: np.asarray(values, dtype="<f4").astype(float) for key, values in tensors.items()}


# ------------------------------------------------------------------ how the families make operators
def softmax(z, axis):
    e = np.exp(z - z.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def clamped(m, iterations, floor):
    for _ in range(iterations):
        m = m / np.maximum(m.sum(1, keepdims=True), floor)
        m = m / np.maximum(m.sum(0, keepdims=True), floor)
    return m


def megatron_exp(bias):
    n = round(math.sqrt(bias.size + 1)) - 1
    return clamped(np.exp(bias[2 * n:].reshape(n, n)), 20, 1e-8)


def maxtext(beta):
    eps = 1e-6
    m = softmax(beta, 1) + eps
    m = m / (m.sum(0, keepdims=True) + eps)
    for _ in range(19):
        m = m / (m.sum(1, keepdims=True) + eps)
        m = m / (m.sum(0, keepdims=True) + eps)
    return m.T


def maxtext_columns(beta):
    return clamped(softmax(beta, 0), 20, 1e-12).T


def permutations(weights):
    n = next(n for n in range(2, 9) if math.factorial(n) == weights.size)
    total = np.zeros((n, n))
    for weight, permutation in zip(softmax(weights, 0), itertools.permutations(range(n))):
        total += weight * np.eye(n)[list(permutation)]
    return total.T


def mhc_lite(alpha):
    n = next(n for n in range(2, 9) if math.factorial(n) + n == alpha.size)
    return permutations(alpha[n:])


def kromhc(alpha):
    factors = next(k for k in range(1, 9) if 2**k + 2 * k == alpha.size)
    product = np.eye(1)
    for pair in alpha[2**factors:].reshape(factors, 2):
        p = softmax(pair, 0)
        product = np.kron(product, p[0] * np.eye(2) + p[1] * np.eye(2)[::-1])
    return product.T


STEPS = ((7.2086, -15.5131, 9.0178), (3.9623, -2.5813, 0.4542), (3.9466, -2.5765, 0.4544), (3.8991, -2.5671, 0.4566),
         (3.7186, -2.5308, 0.4653), (3.1390, -2.3073, 0.4733), (2.1715, -1.5246, 0.3885), (1.8648, -1.2224, 0.3577))


def orthostochastic(logits, steps=STEPS):
    x = logits / (np.linalg.norm(logits) + 1e-7)
    for a, b, c in steps:
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x * x).T


# ------------------------------------------------------------------ figures
def figures(p, a, b):
    """Of diag(a)^-1/2 P diag(b)^-1/2; a and b are what rows and columns are meant to sum to."""
    m, n = p.shape
    rows, columns = p.sum(1) / a, p.sum(0) / b
    w = np.abs(p) / np.abs(p).sum(1, keepdims=True)
    entropy = -np.where(w > 0, w * np.log(np.where(w > 0, w, 1)), 0).sum(1).mean() / math.log(n)
    t = p / np.sqrt(np.outer(a, b))
    u, v = np.sqrt(a / a.sum()), np.sqrt(b / b.sum())
    left, right = np.eye(m) - np.outer(u, u), np.eye(n) - np.outer(v, v)
    sums = np.concatenate([rows, columns])
    sigma = np.linalg.svd(t, compute_uv=False)
    gain = np.linalg.norm(left @ t @ right, 2)
    square, least = (t * t).sum(), min(m, n)
    found = dict(
        detailGain=gain, sigma1=sigma[0], sigma2=sigma[1],
        rowResidual=np.abs(rows - 1).max(), columnResidual=np.abs(columns - 1).max(),
        leakToDetail=np.linalg.norm(left @ t @ v), leakToMean=np.linalg.norm(u @ t @ right), meanGain=abs(u @ t @ v),
        gainForward=np.abs(rows).max(), gainBackward=np.abs(columns).max(), gainSpread=np.abs(np.log(np.abs(sums))).max(),
        entropy=entropy, barycenterDistance=np.linalg.norm(t - np.outer(u, v)) / math.sqrt(least - 1),
        permutationDistance=1 - square / least, frobenius=math.sqrt(square), stableRank=square / sigma[0] ** 2,
        effectiveDepth=math.log(0.01) / math.log(gain) if gain < 1 - 1e-12 else math.inf)
    if m == n and np.allclose(a, 1 / n) or np.allclose(a, 1):
        found["identityDistance"] = np.linalg.norm(t - np.eye(n)) / math.sqrt(n)
    return found


def line(layer, kind, observability, tensor, judged):
    whole = {key: (min if key == "entropy" else max)(one[key] for one in judged) for key in judged[0]}
    known = {key: float(value) if math.isfinite(value) else None for key, value in whole.items()}
    return json.dumps(dict(layer=layer, kind=kind, observability=observability, shape=list(tensor.shape), nonFinite=0,
                           batch=len(judged), **known))


def write(name, lines):
    with open(os.path.join(HERE, name + ".jsonl"), "w") as out:
        out.write("\n".join(lines) + "\n")


def family(name, tensors, operator, observability="static-proxy"):
    lines = []
    for layer, tensor in save(name + ".safetensors", tensors).items():
        p = operator(tensor)
        ones = np.ones(len(p))
        lines.append(line(layer, "sinkhorn-logits", observability, tensor, [figures(p, ones, ones)]))
    write(name, lines)


def balanced(z, a, b):
    k = np.exp(z)
    for _ in range(40):
        k *= (a / k.sum(1))[:, None]
        k *= b / k.sum(0)
    return k


def uniform(n):
    return np.full(n, 1 / n)


def main():
    draw = RANDOM.standard_normal
    sharp = draw(24) * 4
    sharp[8:12] -= 30  # the sum of a row is below the clamp
    family("megatron-exp", {
        "decoder.layers.0.self_attention_hyper_connection.bias": draw(24),
        "decoder.layers.0.mlp_hyper_connection.bias": sharp,
        "decoder.layers.1.self_attention_hyper_connection.bias": draw(80) * 2}, megatron_exp)
    scale = np.array([[0], [-40], [0], [3]])
    betas = {"params.decoder.layers_0.mhc_attention.res_beta": draw((4, 4)),
             "params.decoder.layers_0.mhc_mlp.res_beta": draw((4, 4)) * 3 + scale,
             "params-decoder-layers_11-mhc_attention-res_beta": draw((8, 8)) * 2}
    family("maxtext", betas, maxtext)
    family("maxtext-columns", betas, maxtext_columns)
    family("maxtext-lite", {"params.decoder.layers_0.mhc_attention.res_beta": draw(24) * 2,
                            "params.decoder.layers_0.mhc_mlp.res_beta": draw(6)}, permutations)
    start = np.concatenate([-np.ones(4), [0], np.full(23, -8)])
    family("mhc-lite", {"transformer.h.0.hc_attn.static_alpha": start, "transformer.h.0.hc_mlp.static_alpha": draw(28),
                        "transformer.h.1.hc_attn.static_alpha": draw(9) * 3}, mhc_lite)
    family("kromhc", {"transformer.h.0.hc_attn.static_alpha": draw(8), "transformer.h.0.hc_mlp.static_alpha": draw(14) * 2,
                      "transformer.h.1.hc_attn.static_alpha": draw(24)}, kromhc)

    lines = []
    heads = np.stack([balanced(draw((12, 12)), uniform(12), uniform(12)) for _ in range(3)])
    sampled = {"layers.0.attention": heads, "layers.1.attention": balanced(draw((70, 70)), uniform(70), uniform(70))}
    for layer, tensor in save("sinkformer.safetensors", sampled).items():
        n = tensor.shape[-1]
        judged = [figures(p, uniform(n), uniform(n)) for p in tensor.reshape(-1, n, n)]
        lines.append(line(layer, "doubly-stochastic", "sampled", tensor, judged))
    write("sinkformer", lines)

    lines = []
    plans = {"match.0": balanced(draw((5, 9)), uniform(5), uniform(9)),
             "match.1": np.stack([balanced(draw((9, 5)) * 2, uniform(9), uniform(5)) for _ in range(2)]),
             "match.2": balanced(draw((80, 70)), uniform(80), uniform(70))}
    for layer, tensor in save("transport-plan.safetensors", plans).items():
        m, n = tensor.shape[-2:]
        judged = [figures(p, uniform(m), uniform(n)) for p in tensor.reshape(-1, m, n)]
        lines.append(line(layer, "transport-plan", "sampled", tensor, judged))
    write("transport-plan", lines)

    lines = []
    a, b = np.append(np.ones(6), 8), np.append(np.ones(8), 6)
    for layer, tensor in save("dustbin.safetensors", {"match.0": balanced(draw((7, 9)), a, b)}).items():
        lines.append(line(layer, "transport-plan", "sampled", tensor, [figures(tensor, a, b)]))
    write("dustbin", lines)

    near = np.diag([1, 0.5, 1e-5, 1e-5]) + draw((4, 4)) * 1e-6  # singular values that no few steps bring to 1
    logits = {"transformer.h.0.hc_attn.H_res_logits": draw((4, 4)), "transformer.h.0.hc_mlp.H_res_logits": near,
              "transformer.h.1.hc_attn.H_res_logits": draw((8, 8)) * 3, "transformer.h.1.hc_mlp.H_res_logits": draw((2, 2)) * 1e-3,
              "transformer.h.2.hc_attn.H_res_logits": draw((12, 12)) / 9}
    family("tokenbender-orthostochastic", logits, orthostochastic, "exact")
    family("tokenbender-orthostochastic-5", logits, lambda z: orthostochastic(z, 5 * [(3, -3.2, 1.2)]), "exact")


if __name__ == "__main__":
    main()
