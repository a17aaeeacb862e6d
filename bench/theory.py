#!/usr/bin/env python3
"""Looks by simulation at what docs/theory.md says: prints what was found, and draws it.

    bench/theory [DIRECTORY]      writes its plots there (docs/theory); 1 if a claim of that page fails

Needs NumPy only. All draws are fixed.
"""
import math
import os
import sys

import numpy as np

import chart

FAILED = []


def claim(text, holds):
    print(("holds    " if holds else "FAILS    ") + text)
    if not holds:
        FAILED.append(text)


def sinkhorn(z, iterations=500):
    p = np.exp(z - z.max())
    for _ in range(iterations):
        p /= p.sum(1, keepdims=True)
        p /= p.sum(0, keepdims=True)
    return p


def detail(p):
    p = p - p.mean(1, keepdims=True)
    return p - p.mean(0, keepdims=True)


def gain(p):
    return np.linalg.norm(detail(p), 2)


def entropy(p):
    n = len(p)
    return -np.where(p > 0, p * np.log(np.where(p > 0, p, 1)), 0).sum(1).mean() / math.log(n)


# ------------------------------------------------------------------ detail shrinks by sigma2 in every layer
def contraction():
    random = np.random.default_rng(1)
    depth, n = 60, 4
    same = sinkhorn(2 * random.standard_normal((n, n)))
    others = [sinkhorn(2 * random.standard_normal((n, n))) for _ in range(depth)]
    own, mixed = detail(np.eye(n)), detail(np.eye(n))  # products of the details alone: the mean would drown them
    bound_own, bound_mixed, left_own, left_mixed = [], [], [], []
    for l in range(depth):
        own, mixed = detail(same @ own), detail(others[l] @ mixed)
        bound_own.append((l + 1, gain(same) ** (l + 1)))
        bound_mixed.append((l + 1, math.prod(gain(p) for p in others[: l + 1])))
        left_own.append((l + 1, gain(own)))
        left_mixed.append((l + 1, gain(mixed)))
    claim("no composite keeps more detail than the product of its layers' gains",
          all(a[1] <= b[1] * (1 + 1e-9) + 1e-15 for a, b in zip(left_own + left_mixed, bound_own + bound_mixed)))
    least = min(math.log(a[1]) / math.log(b[1]) for a, b in zip(left_mixed[9:], bound_mixed[9:]))
    print(f"         60 different 4 x 4 mixers (logits of deviation 2): product of gains {bound_mixed[-1][1]:.1e}, "
          f"left indeed {left_mixed[-1][1]:.1e}")
    claim("... and different mixers leave far less: the logarithm is more than 1.2 times as large after ten layers", least > 1.2)
    scaled = 0
    for _ in range(2000):
        pair = [sinkhorn(0.02 * random.standard_normal((n, n))) for _ in range(2)]
        pair = [p * (1 + 0.01 * random.uniform(-1, 1, (n, 1))) * (1 + 0.01 * random.uniform(-1, 1, n)) for p in pair]
        scaled = max(scaled, gain(pair[1] @ pair[0]) / (gain(pair[0]) * gain(pair[1])))
    print(f"         nearly uniform mixers whose sums are 1 within 2 %: up to {scaled:.2f} times the product")
    claim("with inexact sums the product is no bound", scaled > 1)
    x = chart.Axis("layers", 0, depth)
    y = chart.Axis("detail that is left", 1e-16, 1, True, [10.0**p for p in range(-16, 1, 4)])
    return chart.svg("Detail shrinks by at least sigma2 in every layer", "4 x 4 mixers, Sinkhorn of Gaussian logits of deviation 2", x, y, [
        ("what one mixer again and again leaves", "line", left_own), ("what different mixers leave", "line", left_mixed),
        ("their bounds: sigma2 to the power l, product of all sigma2", "floor", bound_own), ("", "floor", bound_mixed)],
        legend=(chart.LEFT + 12, chart.HEIGHT - chart.BOTTOM - 50))


# ------------------------------------------------------------------ entropy and sigma2 over temperature
def temperature():
    random = np.random.default_rng(2)
    lines, pairs = [], []
    for n in (4, 64):
        z = random.standard_normal((n, n))
        z /= np.linalg.norm(detail(z), 2)  # of size 1, so that temperatures mean the same
        temperatures = np.geomspace(0.002 if n == 4 else 0.02, 10, 40)
        found = [(t, sinkhorn(z / t)) for t in temperatures]
        lines.append((f"sigma2, n = {n}", "line", [(t, gain(p)) for t, p in found]))
        lines.append(("1 / (n t)" if n == 64 else "", "floor", [(t, 1 / (n * t)) for t in temperatures if 1 / (n * t) < 1]))
        hot = [(t, p) for t, p in found if t > 1]
        worst = max(abs(gain(p) * n * t - 1) for t, p in hot)
        claim(f"n = {n}: above the size of the logits sigma2 is that size / (n t) within 30 %", worst < 0.3)
        rising = all(entropy(b[1]) >= entropy(a[1]) - 1e-9 for a, b in zip(found, found[1:]))
        claim(f"n = {n}: entropy rises with temperature", rising)
        pairs += [(1 - entropy(p), gain(p), n) for _, p in found]
    claim("sigma2 <= sqrt(2 n ln n (1 - entropy)) for all of them (Pinsker)",
          all(s <= math.sqrt(2 * n * math.log(n) * h) + 1e-9 for h, s, n in pairs))
    for n in (4, 64, 4096):
        block = 1 - math.log(2) / math.log(n)
        print(f"         two uniform blocks of n/2, n = {n}: entropy {block:.3f}, and yet sigma2 = 1")
    half = np.kron(np.eye(2), np.full((32, 32), 1 / 32))
    claim("high entropy alone does not mean small sigma2: two uniform blocks keep a direction whole",
          abs(gain(half) - 1) < 1e-12 and entropy(half) > 0.8)
    x = chart.Axis("temperature, in sizes of the logits", 0.002, 10, True)
    y = chart.Axis("sigma2", 1e-3, 1.2, True)
    return chart.svg("Temperature pulls the mixer to the uniform matrix", "converged Sinkhorn of one Gaussian draw of logits for each n", x, y, lines,
                     legend=(chart.LEFT + 12, chart.HEIGHT - chart.BOTTOM - 50))


# ------------------------------------------------------------------ LayerNorm's cosine against SNR
def cosine():
    random = np.random.default_rng(3)
    lines, marks, worst = [], [], 0.0
    for n in (4, 64):
        m = n - 1
        snrs = np.geomspace(1e-4, 1e4, 49)
        measured, formula = [], []
        for snr in snrs:
            noise = random.standard_normal((20000, m)) / math.sqrt(m)
            noise[:, 0] += math.sqrt(snr)
            cos2 = noise[:, 0] ** 2 / (noise**2).sum(1)
            measured.append((snr, math.sqrt(cos2.mean())))
            formula.append((snr, math.sqrt((snr + 1 / m) / (1 + snr))))
        off = max(abs(a[1] / b[1] - 1) for a, b in zip(measured, formula))
        worst = max(worst, off)
        above = max(a[1] / b[1] - 1 for a, b in zip(measured, formula))
        print(f"         n = {n}: of 20,000 draws at each SNR the cosine is {above:+.1%} to "
              f"{min(a[1] / b[1] - 1 for a, b in zip(measured, formula)):+.1%} off the formula")
        claim(f"n = {n}: cosineCeiling is no less than what is measured", above < 0.01)
        lines += [(f"cosineCeiling, n = {n}", "line", formula), (f"measured, n = {n}", "dots", measured)]
        marks.append((1 / m, f"1/(n-1), n = {n}"))
        chance = math.sqrt(1 / m)
        claim(f"n = {n}: at the critical SNR of 1/(n-1) less than 1.5 times chance is left",
              1 < math.sqrt((2 / m) / (1 + 1 / m)) / chance < 1.5)
    claim("cosineCeiling is within 6 % of what is measured", worst < 0.06)
    x = chart.Axis("signal-to-noise ratio of the detail", 1e-4, 1e4, True, [10.0**p for p in range(-4, 5, 2)])
    y = chart.Axis("root-mean-square cosine with the clean direction", 0, 1.3, ticks=[0, 0.25, 0.5, 0.75, 1])
    return chart.svg("What LayerNorm can keep of a direction", "isotropic noise in the detail subspace of dimension m = n - 1", x, y, lines, marks)


# ------------------------------------------------------------------ residual mixes
def residual():
    random = np.random.default_rng(4)
    n, depth = 4, 60
    mixers = [sinkhorn(random.standard_normal((n, n))) for _ in range(depth)]
    shares = np.geomspace(1e-3, 1, 31)
    one, whole, moved = [], [], []
    for a in shares:
        product = np.eye(n)
        for p in mixers:
            product = ((1 - a) * np.eye(n) + a * p) @ product
        first = (1 - a) * np.eye(n) + a * mixers[0]
        one.append((a, np.linalg.norm(first - np.eye(n)) / math.sqrt(n)))
        whole.append((a, gain(product)))
        moved.append((a, np.linalg.norm(product - np.eye(n)) / math.sqrt(n)))
    claim("a residual mix keeps detail: at a share of 0.001, 90 % of it after 60 layers", whole[0][1] > 0.9)
    claim("... by hardly mixing: a layer is within 1e-3 of the identity, the whole network within 0.1", one[0][1] < 1e-3 and moved[0][1] < 0.1)
    between = min(whole, key=lambda w: abs(w[0] - 1 / depth))
    far = min(moved, key=lambda w: abs(w[0] - 1 / depth))
    print(f"         at a share of 1/60: {between[1]:.2f} of the detail left, {far[1]:.2f} away from the identity")
    claim("it is no dilemma: a share of 1/depth keeps a fifth of the detail and mixes by more than 0.4", between[1] > 0.2 and far[1] > 0.4)
    x = chart.Axis("share a of the mixer in (1 - a) I + a P", 1e-3, 1, True)
    y = chart.Axis("of 60 layers", 1e-4, 100, True)
    return chart.svg("Residual mixes trade collapse for stagnation", "4 x 4 mixers, logits of deviation 1", x, y, [
        ("detail left after 60 layers", "line", whole), ("distance of all 60 from the identity", "line", moved),
        ("distance of one from the identity", "floor", one)], [(1 / depth, "1/60")],
        legend=(chart.WIDTH - chart.RIGHT - 290, chart.TOP + 16))


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    directory = sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "..", "docs", "theory")
    os.makedirs(directory, exist_ok=True)
    for draw in (contraction, temperature, cosine, residual):
        picture = draw()
        with open(os.path.join(directory, draw.__name__ + ".svg"), "w", encoding="utf-8") as out:
            out.write(picture)
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
