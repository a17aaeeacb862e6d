"""Runs the rows of the comparison and prints one table; bench/compare starts it with everything it needs."""
import argparse
import os
import signal
import sys
import tempfile
from pathlib import Path

import cost
import files
import machine
import passes
import small
import spectra
from contestant import Contestant
from data import Data
from table import Line, markdown
from turns import warm

ROWS = {"sums": passes.sums, "fused": passes.fused, "halves": passes.halves, "sinkhorn": passes.sinkhorn,
        "cold": spectra.cold, "drift": spectra.drift, "mixers": small.mixers, "check": files.check, "cost": cost.cost}
ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- bench/compare --write: begin -->", "<!-- bench/compare --write: end -->"


class Bench:
    """What a row needs: both sides, data, and how long it may take."""

    def __init__(self, options, java, data):
        self.quick, self.java, self.data, self.root = options.quick, java, data, ROOT
        self.checkpoint_gib = options.checkpoint_gib
        self.peer_environment = dict(os.environ) | ({"OPENBLAS_CORETYPE": options.blas} if options.blas else {})
        self.svg = PAGE.parent / "benchmarks" / "cost.svg" if options.write else ROOT / "bench" / "target" / "cost.svg"

    def pick(self, full, quick):
        return quick if self.quick else full

    def ours(self):
        return Contestant("ours", [os.environ["BENCH_JAVA"], *self.java, "dev.sinkwatch.bench.Contestant"])

    def peers(self):
        peers = Path(__file__).with_name("peers.py")
        return Contestant("the peer", ["/usr/bin/python3", "-B", str(peers)], self.peer_environment)

    def warm(self, *works):
        for work in works:
            compiled = work.contestant.name == "ours"  # while it runs: with two cores that takes some seconds
            warm(work, self.pick(10 if compiled else 3, 0.5))


def options(arguments):
    rows = "\n".join(f"  {name:10}{row.__doc__.strip().splitlines()[0]}" for name, row in ROWS.items())
    parser = argparse.ArgumentParser(
        prog="bench/compare", description="Runs sinkwatch and its peers on the same data in the same run.",
        epilog="rows:\n" + rows, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="ROW,...", default=",".join(ROWS), help="these rows")
    parser.add_argument("--quick", action="store_true", help="small and short: whether it works, not how fast")
    parser.add_argument("--write", action="store_true", help="also write docs/benchmarks.md; needs all rows at full size")
    parser.add_argument("--data", metavar="DIR", default=tempfile.gettempdir(), help="where data lie meanwhile")
    parser.add_argument("--checkpoint-gib", metavar="N", type=int, default=8, help="size for the row check; default 8")
    parser.add_argument("--blas", metavar="CORE", help="OpenBLAS kernels other than those that it chooses")
    chosen = parser.parse_args(arguments)
    chosen.rows = chosen.only.split(",")
    unknown = [row for row in chosen.rows if row not in ROWS]
    if unknown:
        parser.error(f"there is no row {unknown[0]}; there are {', '.join(ROWS)}")
    if chosen.checkpoint_gib < 1:
        parser.error("--checkpoint-gib is 1 or more")
    if chosen.write and (chosen.quick or len(chosen.rows) < len(ROWS)):
        parser.error("--write is for all rows at full size: figures of different runs do not compare")
    return chosen


def measure(bench, rows):
    lines = []
    for name in rows:
        print(f"{name} ...", file=sys.stderr, flush=True)
        try:
            for line in ROWS[name](bench):
                lines.append(line)
                print("  " + " | ".join([line.work, line.ours, line.peer, line.ratio, line.target, line.met]),
                      file=sys.stderr, flush=True)
        except Exception as e:
            # must not cost the other rows, nor look as if nobody had wanted this one
            print(f"  {name} failed: {type(e).__name__}: {e}", file=sys.stderr, flush=True)
            lines.append(Line(f"{name}: not measured", f"{type(e).__name__}: {e}", "", "", "", "**no**"))
        for file in bench.data.directory.iterdir():
            file.unlink()
    return lines


def write(text):
    page = PAGE.read_text()
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")


def main():
    # what is behind -- is how bench/compare wants Java started
    split = len(sys.argv) - 1 - sys.argv[::-1].index("--")
    chosen, java = options(sys.argv[1:split]), sys.argv[split + 1:]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the data go
    with Data(chosen.data) as data:
        bench = Bench(chosen, java, data)
        with bench.ours() as ours, bench.peers() as peers:
            where = machine.lines(ours.ask(do="about"), peers.ask(do="about"))
        lines = measure(bench, chosen.rows)
    text = "\n".join(where) + "\n\n" + markdown(lines)
    if chosen.quick:
        text = "A quick run: small data and few rounds. These figures mean nothing.\n\n" + text
    print(text)
    if chosen.write:
        write(text + "\n\n![Time against size](benchmarks/cost.svg)")
    return 0 if all(line.met != "**no**" for line in lines) else 2


if __name__ == "__main__":
    sys.exit(main())
