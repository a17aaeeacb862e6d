"""Time against size, from 2^10 to 2^28 elements: a line of the table and the plot."""
import math

import data as of
import plot
from table import Line
from turns import turns, warm


def cost(bench):
    """Time against size: whole verdicts on one matrix, one pass, and batches of small mixers."""
    floor, series = [], {"verdict, certified": [], "verdict, one pass": [], "4 x 4 mixers": []}
    for log in range(10, bench.pick(28, 20) + 1, 2):
        n = 1 << log // 2
        rounds = 3 if log >= 26 else 5
        with bench.ours() as ours:
            elements = 1 << log
            works = {}
            if log >= 16:
                works["read"] = ours.prepare("bandwidth", elements=elements)
            file = bench.data.write("p.f32", of.stochastic(0.5 * of.normal(n, n, 8)))
            # mapped: of the largest, the heap would not hold a copy for each
            works["verdict, certified"] = ours.prepare("verdict", file=file, columns=n, mapped=True)
            works["verdict, one pass"] = ours.prepare("verdict", file=file, columns=n, mapped=True, passes=1)
            if log <= 24:
                logits = bench.data.write("logits.f32", of.normal(elements // 4, 4, 9))
                works["4 x 4 mixers"] = ours.prepare("mixers", file=logits, columns=4, rows=elements // 4)
            for work in works.values():
                warm(work, bench.pick(4, 0.2))
            s = turns(bench.pick(rounds, 2), **works)
        for name, one in s.items():
            (floor if name == "read" else series[name]).append((elements, one.median))
    slopes = {name: slope(points) for name, points in series.items()}
    bench.svg.parent.mkdir(parents=True, exist_ok=True)
    bench.svg.write_text(plot.svg(series, floor, slopes))
    for name, value in slopes.items():
        yield Line(f"growth of {name} with size, upper half of the plot: exponent", f"{value:.2f}", "", "", "≤ 1.1",
                   "yes" if value <= 1.1 else "**no**")


def slope(points):
    """The exponent that fits the upper half of the sizes best: 1 is linear."""
    upper = points[len(points) // 2:]
    xs, ys = [math.log(x) for x, _ in upper], [math.log(y) for _, y in upper]
    x0, y0 = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((x - x0) * (y - y0) for x, y in zip(xs, ys)) / sum((x - x0)**2 for x in xs)
