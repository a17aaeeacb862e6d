"""Whole verdicts on a batch of small mixers in NumPy, as fast as we can write it.

Arrays are [n, n, batch], so that every operation runs along the batch with whole vectors, and a block of the
batch stays in the cache; np.linalg.svd takes [batch, n, n]. One Sinkhorn run serves both the operator (its 20th
iteration) and the measure of convergence, where a mixer that has settled leaves the rest.
"""
import numpy as np

ITERATIONS, EPSILON, TOLERANCE, EPS = 20, 1e-6, 1e-3, 0.01
MOST, NOISE, SETTLED = 1000, 1e-11, 1e-6
BLOCK = 4096


def judge(logits):
    """Figures of the liveliest operator, and the spread of sigma2."""
    parts = [block(logits[at:at + BLOCK]) for at in range(0, len(logits), BLOCK)]
    figures = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    found = {key: values.min() if key == "entropy" else values.max() for key, values in figures.items()}
    sigma2 = figures["sigma2"]
    found["sigma2P95"] = np.percentile(sigma2, 95)
    found["sigma2Min"], found["sigma2Median"] = sigma2.min(), np.median(sigma2)
    found["argmin"], found["argmax"] = sigma2.argmin(), sigma2.argmax()
    return found


def block(logits):
    z = np.ascontiguousarray(np.moveaxis(logits, 0, -1), dtype=float)
    n = len(z)
    weights = np.exp(z - z.max(1, keepdims=True))
    weights /= weights.sum(1, keepdims=True)
    p, convergence = scale(weights + EPSILON)

    rows, columns = p.sum(1), p.sum(0)
    squares = (p * p).sum((0, 1))
    mean = np.abs(rows.sum(0)) / n
    leak_to_detail, leak_to_mean = rows.std(0), columns.std(0)
    centred = p - p.mean(1, keepdims=True)
    centred -= centred.mean(0)
    sigma = np.linalg.svd(np.moveaxis(p, -1, 0), compute_uv=False)
    gain = np.linalg.svd(np.moveaxis(centred, -1, 0), compute_uv=False)[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        row_weight = np.abs(p).sum(1)
        row_log = np.where(p != 0, np.abs(p) * np.log(np.abs(p)), 0).sum(1)
        entropy = np.where(row_weight > 0, np.log(row_weight) - row_log / row_weight, 0).mean(0) / np.log(n)
        spread = np.maximum(np.abs(np.log(np.abs(rows))).max(0), np.abs(np.log(np.abs(columns))).max(0))
        depth = np.where(gain >= 1 - 1e-12, np.inf, np.where(gain <= 1e-12, 0, np.log(EPS) / np.log(gain)))
    identity = np.eye(n)[:, :, None]
    return convergence | {
        "detailGain": gain, "sigma1": sigma[:, 0], "sigma2": sigma[:, 1],
        "rowResidual": np.abs(rows - 1).max(0), "columnResidual": np.abs(columns - 1).max(0),
        "leakToDetail": leak_to_detail, "leakToMean": leak_to_mean, "meanGain": mean,
        "gainForward": np.abs(rows).max(0), "gainBackward": np.abs(columns).max(0), "gainSpread": spread,
        "entropy": entropy, "barycenterDistance": np.sqrt(((p - 1 / n)**2).sum((0, 1)) / (n - 1)),
        "identityDistance": np.sqrt(((p - identity)**2).sum((0, 1)) / n), "permutationDistance": 1 - squares / n,
        "frobenius": np.sqrt(squares), "stableRank": squares / sigma[:, 0]**2, "effectiveDepth": depth,
        "saturation": weights.max((0, 1)) - weights.min((0, 1)),
    }


def scale(m):
    """The operator after its iterations, and how fast the scaling converges."""
    watch = Convergence(m.shape[-1])
    for i in range(1, ITERATIONS + 1):
        m = iterate(m, i)
        watch.look(i, m, slice(None))
    p, active = m, np.flatnonzero(watch.open(slice(None)))
    m = m[:, :, active]
    while active.size and i < MOST:
        i += 1
        m = iterate(m, i)
        watch.look(i, m, active)
        still = watch.open(active)
        if not still.all():
            m, active = m[:, :, still], active[still]
    return p, {"iterationsToTolerance": watch.converged, "contractionRate": watch.rate}


def iterate(m, i):
    if i > 1:  # the softmax did the rows of the first
        m = m / (m.sum(1, keepdims=True) + EPSILON)
    return m / (m.sum(0) + EPSILON)


class Convergence:
    """Follows residuals until each mixer has converged and the ratio of its residuals has settled."""

    def __init__(self, batch):
        self.converged, self.rate = np.full(batch, np.inf), np.full(batch, np.nan)
        self.before, self.settled = np.full(batch, np.nan), np.zeros(batch, bool)

    def open(self, which):
        return ~(self.settled[which] & np.isfinite(self.converged[which]))

    def look(self, i, m, which):
        residual = np.maximum(np.abs(m.sum(1) - 1).max(0), np.abs(m.sum(0) - 1).max(0))
        before, rate, settled = self.before[which], self.rate[which], self.settled[which]
        converged = self.converged[which]
        self.converged[which] = np.where(np.isinf(converged) & (residual < TOLERANCE), i, converged)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = residual / before
            steady = np.abs(ratio - rate) <= SETTLED * ratio
        noise = (residual <= NOISE) | ~(before > NOISE)
        self.rate[which] = np.where(settled | noise, rate, ratio)
        self.settled[which] = settled | np.where(noise, residual <= NOISE, steady)
        self.before[which] = residual
