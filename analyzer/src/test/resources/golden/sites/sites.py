#!/usr/bin/env python3
"""Makes the files of this folder: sites whose mixer is made of several tensors, and what brute force in
NumPy says of their operators. Needs NumPy only.

    sites.py            writes *.safetensors and *.jsonl beside itself
    sites.py --errors   prints how far quantiles of so many drawn operators are off, in percent

Where the mixer depends on the token, 100,000 inputs are drawn, normalised as the family's code does it and
sent through its code, step by step; the quantiles are those of numpy.linalg.svd of every operator.
"""
import itertools
import json
import math
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "families"))
import families  # noqa: E402

families.HERE = os.path.dirname(os.path.abspath(__file__))
RANDOM = np.random.default_rng(20260214)
INPUTS = 100_000
draw = RANDOM.standard_normal


# ------------------------------------------------------------------ the families' code, for many tokens at once
def scaled(m, iterations, eps):
    for _ in range(iterations):
        m = m / (m.sum(-1, keepdims=True) + eps)
        m = m / (m.sum(-2, keepdims=True) + eps)
    return m


def softmax_eps(z, eps=1e-6):
    m = families.softmax(z, -1) + eps
    return scaled(m / (m.sum(-2, keepdims=True) + eps), 19, eps)


def sigmoid_eps(z, eps=1e-6):
    return scaled(1 / (1 + np.exp(-z)) + eps, 20, eps)


def columns_first(z):
    m = np.exp(z - z.max(-2, keepdims=True))
    for _ in range(20):
        m = m / m.sum(-2, keepdims=True)
        m = m / m.sum(-1, keepdims=True)
    return m


def rms(x, eps=1e-6):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + eps)


def deepseek(t, site, project=softmax_eps):
    fn, base, scale = (t[site + end] for end in ("fn", "base", "scale"))
    n = round(math.sqrt(base.size + 1)) - 1
    x = rms(draw((INPUTS, fn.shape[1])))
    mixes = x @ fn.T
    comb = (mixes[:, 2 * n:] * scale[2] + base[2 * n:]).reshape(-1, n, n)
    return project(comb)


def megatron(t, site):
    weight, bias, alpha = t[site + "mapping_proj.weight"], t[site + "bias"], t[site + "alpha_res"]
    n = round(math.sqrt(bias.size + 1)) - 1
    x = draw((INPUTS, weight.shape[1]))
    r = np.sqrt((x * x).sum(-1, keepdims=True)) / math.sqrt(weight.shape[1])
    h = (x @ weight.T) / r
    return softmax_eps((h[:, 2 * n:] * alpha[0] + bias[2 * n:]).reshape(-1, n, n))


def maxtext(t, site):
    alpha, beta, scale = t[site + "res_alpha"], t[site + "res_beta"], t[site + "res_alpha_scale"]
    x = rms(draw((INPUTS, len(alpha)))) * t[site + "mhc_norm.scale"]
    return softmax_eps((x @ alpha).reshape(-1, *beta.shape) * scale[0] + beta)


def lucidrains(t, site):
    static, fn, scale = t[site + "static_alpha"], t[site + "dynamic_alpha_fn"][0], t[site + "residual_scale"]
    streams, dim = len(static), len(fn)
    x = draw((INPUTS, streams, dim))
    normed = x / np.linalg.norm(x, axis=-1, keepdims=True) * math.sqrt(dim) * (t[site + "norm.gamma"] + 1)
    weight = normed @ fn
    alpha = weight[:, :, -streams:] * scale[0] + static[:, -streams:]
    return columns_first(alpha)


def after_pre(t, site, streams):
    """Coefficients of the residual part, as mHC-lite and KromHC make them of all streams in one row."""
    static, fn, scale = t[site + "static_alpha"], t[site + "dynamic_alpha_fn"], t[site + "residual_scale"]
    x = draw((INPUTS, len(fn)))
    normed = x / np.linalg.norm(x, axis=-1, keepdims=True) * math.sqrt(len(fn)) * (t[site + "norm.gamma"] + 1)
    return scale[0] * (normed @ fn)[:, streams:] + static[streams:]


def mhc_lite(t, site):
    size = t[site + "static_alpha"].size
    streams = next(n for n in range(2, 9) if math.factorial(n) + n == size)
    orders = np.array(list(itertools.permutations(range(streams))))
    weights = families.softmax(after_pre(t, site, streams), -1)
    return (weights @ np.eye(streams)[orders].reshape(len(orders), -1)).reshape(-1, streams, streams)


def kromhc(t, site):
    size = t[site + "static_alpha"].size
    factors = next(k for k in range(1, 9) if 2 ** k + 2 * k == size)
    p = families.softmax(after_pre(t, site, 2 ** factors).reshape(-1, factors, 2), -1)
    result = np.ones((INPUTS, 1, 1))
    for k in range(factors):
        mix = p[:, k, :1, None] * np.eye(2) + p[:, k, 1:, None] * np.eye(2)[::-1]
        result = np.einsum("bij,bkl->bikjl", result, mix).reshape(INPUTS, 2 ** (k + 1), 2 ** (k + 1))
    return result


# ------------------------------------------------------------------ files
def quantiles(name, layers, tensors, operators):
    stored = families.save(name + ".safetensors", tensors)
    lines = []
    for layer, site in layers.items():
        sigma2 = np.linalg.svd(operators(stored, site), compute_uv=False)[:, 1]
        low, median, p95 = np.quantile(sigma2, [0.05, 0.5, 0.95])
        lines.append(json.dumps(dict(layer=layer, p05=low, median=median, p95=p95)))
    families.write(name, lines)


def site(name, base, fn, scale):
    return {name + "fn": fn, name + "base": base, name + "scale": np.array([0.1, 0.2, scale])}


def outputs(n, hidden, std):
    return draw((n * n + 2 * n, n * hidden)) * std / math.sqrt(n * hidden)


def of_all_streams(name, static, streams, std, scale):
    inputs = 24 * streams
    return {name + "static_alpha": static, name + "dynamic_alpha_fn": draw((inputs, static.size)) * std / math.sqrt(inputs),
            name + "residual_scale": np.array([scale]), name + "norm.gamma": draw(inputs) / 3}


def main():
    n, bias = 4, np.concatenate([np.zeros(8), 3 * np.eye(4).ravel()])
    skewed = outputs(n, 64, 0.2) + np.outer(draw(24) * 1.2, draw(256)) / 16
    few = np.outer(draw(24), draw(16)) / 40
    tensors = {
        **site("layers.0.hc_attn_", bias * 0, outputs(n, 64, 1), 0.01),  # fresh
        **site("layers.0.hc_ffn_", np.concatenate([np.zeros(8), draw(16)]), outputs(n, 64, 1), 2.5),  # large scale
        **site("layers.1.hc_attn_", draw(24) * 0.02, outputs(n, 64, 0.05), 1),  # collapsed
        **site("layers.1.hc_ffn_", bias / 3, skewed, 1),
        **site("layers.2.hc_attn_", bias * 0, few, 1),  # so few inputs that their norm tells
        **site("layers.2.hc_ffn_", np.zeros(80), outputs(8, 8, 2), 1),
        **site("layers.3.hc_attn_", bias, outputs(n, 64, 0), 1)}  # no token matters
    sites = {key: key[:-4] for key in tensors if key.endswith("base")}
    quantiles("deepseek-v4-isotropic", sites, tensors, deepseek)
    named = {key.replace("hc_attn_", "attn_hc.").replace("hc_ffn_", "ffn_hc."): value for key, value in tensors.items()
             if key.startswith("layers.0")}
    sites = {key: key[:-4] for key in named if key.endswith("base")}
    quantiles("deepseek-v4-hf-isotropic", sites, named, deepseek)
    quantiles("deepseek-v4-hf-sigmoid-isotropic", sites, named, lambda t, at: deepseek(t, at, sigmoid_eps))

    at = "decoder.layers.0.mlp_hyper_connection."
    quantiles("megatron-isotropic", {at + "bias": at}, {
        at + "mapping_proj.weight": outputs(n, 32, 1.5), at + "bias": bias, at + "alpha_res": np.array([0.8])}, megatron)
    at = "params.decoder.layers_3.mhc_attention."
    quantiles("maxtext-isotropic", {at + "res_beta": at}, {
        at + "mhc_norm.scale": 1 + draw(128) / 2, at + "res_alpha": draw((128, 16)) / 8,
        at + "res_alpha_scale": np.array([1.5]), at + "res_beta": draw((4, 4))}, maxtext)
    at = "layers.5.branches.0."
    quantiles("lucidrains-isotropic", {at + "static_alpha": at}, {
        at + "static_alpha": np.hstack([np.ones((4, 1)), 2 * np.eye(4)]), at + "dynamic_alpha_fn": draw((1, 24, 5)) / 4,
        at + "residual_scale": np.array([1.2]), at + "norm.gamma": draw(24) / 3}, lucidrains)

    # a true static mixer, mixed with the identity by a share that is learned
    tensors = {}
    for layer, logit, logits in (("0.hc_attn", 2.2, draw((4, 4)) / 10), ("0.hc_mlp", -9.0, draw((4, 4))),
                                 ("1.hc_attn", 0.3, draw((8, 8)) / 20)):
        tensors[f"transformer.h.{layer}.H_res_alpha_logit"] = np.array(logit)
        tensors[f"transformer.h.{layer}.H_res_logits"] = logits
    stored = families.save("tokenbender-share.safetensors", tensors)
    lines = []
    for layer, logits in stored.items():
        if not layer.endswith("H_res_logits"):
            continue
        z, size = logits / 0.05, len(logits)
        u, v = np.zeros(size), np.zeros(size)
        for _ in range(10):
            u = -np.log(np.exp(z + v).sum(1))
            v = -np.log(np.exp(z + u[:, None]).sum(0))
        a = 1 / (1 + math.exp(-float(stored[layer.replace("logits", "alpha_logit")])))
        p = ((1 - a) * np.eye(size) + a * np.exp(z + u[:, None] + v)).T
        ones = np.ones(size)
        lines.append(families.line(layer, "sinkhorn-logits", "exact", logits, [families.figures(p, ones, ones)]))
    families.write("tokenbender-share", lines)

    for name, operators, sites in (
            ("mhc-lite-isotropic", mhc_lite, {
                "transformer.h.0.hc_attn.": (np.r_[-np.ones(4), 0, np.full(23, -8)], 4, 1, 0.01),  # fresh
                "transformer.h.0.hc_mlp.": (np.r_[np.zeros(4), draw(24)], 4, 2, 1),
                "transformer.h.1.hc_attn.": (draw(9), 3, 1.5, 1)}),
            ("kromhc-isotropic", kromhc, {
                "transformer.h.0.hc_attn.": (np.r_[-np.ones(4), 0, -8, 0, -8], 4, 1, 0.01),  # fresh
                "transformer.h.0.hc_mlp.": (draw(8), 4, 2, 0.5),
                "transformer.h.1.hc_attn.": (draw(14), 8, 1.5, 1)})):
        tensors = {}
        for at, (static, streams, std, scale) in sites.items():
            tensors.update(of_all_streams(at, static, streams, std, scale))
        quantiles(name, {at + "static_alpha": at for at in sites}, tensors, operators)


def errors():
    """Root mean square errors of the median and the 95th percentile over 20 draws, for four sites of four streams."""
    skewed = np.outer(draw(16) * 1.5, draw(256)) / 16 + 0.05 * draw((16, 256)) / 16
    for name, base, f in (("fresh", np.zeros(16), 0.01 * draw((16, 256)) / 16), ("trained", draw(16) * 1.5, draw((16, 256)) / 8),
                          ("collapsed", 0.02 * draw(16), 0.02 * draw((16, 256)) / 16), ("one direction", 0.1 * draw(16), skewed)):
        values, vectors = np.linalg.eigh(f @ f.T)
        root = vectors @ np.diag(np.sqrt(np.maximum(values, 0))) @ vectors.T

        def found(count):
            z = (base + draw((count, 16)) @ root).reshape(-1, 4, 4)
            return np.quantile(np.linalg.svd(softmax_eps(z), compute_uv=False)[:, 1], [0.5, 0.95])

        truth = np.mean([found(INPUTS) for _ in range(4)], axis=0)
        for count in (1024, 4096, 16384):
            off = np.sqrt(np.mean([(found(count) / truth - 1) ** 2 for _ in range(20)], axis=0))
            print(f"{name:14} {count:6} operators: median {100 * off[0]:.2f} %, p95 {100 * off[1]:.2f} %")


if "--errors" in sys.argv:
    errors()
else:
    main()
