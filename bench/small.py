"""Rows on the mixers of today's hyper-connections: 4 x 4, many of them."""
import data as of
from table import Line, compared
from turns import ratio, same, turns


def mixers(bench):
    """Whole verdicts on 4 x 4 logits, a thread."""
    batch, n = bench.pick(1 << 17, 1 << 12), 4
    file = bench.data.write("logits.f32", of.normal(batch * n, n, 6))
    with bench.ours() as ours, bench.peers() as peers:
        what = {"file": file, "columns": n, "rows": batch * n}
        mine, theirs = ours.prepare("mixers", threads=1, **what), peers.prepare("mixers", **what)
        bench.warm(mine, theirs)
        s = turns(bench.pick(11, 3), mine=mine, theirs=theirs)
    for key in ("sigma2", "sigma2Min", "sigma2Median", "detailGain", "entropy", "saturation", "gainSpread", "stableRank",
                "effectiveDepth", "iterationsToTolerance"):
        same(s["mine"], s["theirs"], key, 1e-6)
    millions = {name: 1e-6 * batch / series.median for name, series in s.items()}
    work = f"{n} x {n} mixers from logits of std 1, whole verdicts, batches of {batch}"
    met = "yes" if millions["mine"] >= 5 else "**no**"
    yield Line(f"{work}, a thread", f"{millions['mine']:.2f} M/s", "", "", "≥ 5 M/s", met)
    yield compared(f"{work}, against NumPy batched", f"{millions['mine']:.2f} M/s", f"{millions['theirs']:.3f} M/s",
                   ratio(s["theirs"], s["mine"]), 30)
