"""Rows on `sinkwatch check` and a large checkpoint."""
import json
import subprocess
import time as clock
from statistics import median

import data as of
from table import Line, compared, time

GIB = 1 << 30


def check(bench):
    """`./sinkwatch check` on a large BF16 checkpoint: against cat, and against NumPy's svd."""
    blocks, width = bench.pick((2 * bench.checkpoint_gib, 4096), (1, 1024))
    subprocess.run([bench.root / "sinkwatch", "--version"], check=True, stdout=subprocess.DEVNULL)  # builds it
    size = 2 * 16 * width * width * blocks
    if bench.data.room() < 1.1 * size:
        raise RuntimeError(f"{bench.data.directory} has no room for {size / GIB:.0f} GiB: --data DIR")
    file, layers = of.checkpoint(bench.data.directory, blocks, width)
    size = file.stat().st_size
    said = f"{size / GIB:.1f} GiB BF16 checkpoint, layers {width} to {2 * width} wide"

    def cat():
        start = clock.perf_counter()
        subprocess.run(["cat", file], stdout=subprocess.DEVNULL, check=True)
        return clock.perf_counter() - start

    cat()  # from here on the file is warm, or there is not enough memory for the row
    read, once, peaks = [], [], []
    for _ in range(bench.pick(5, 2)):
        read.append(cat())
        seconds, peak, _ = run(bench, file, "--passes", "1")
        once.append(seconds)
        peaks.append(peak)
    rates = f"{size / median(once) / 1e9:.2f} GB/s"
    yield compared(f"check --passes 1, {said}, against cat FILE > /dev/null", f"{time(median(once))} ({rates})",
                   f"{time(median(read))} ({size / median(read) / 1e9:.2f} GB/s)",
                   median(a / b for a, b in zip(read, once)), 0.5, "{:.0%}")
    yield resident("check --passes 1: peak resident", max(peaks))

    whole, peaks = [], []
    for _ in range(bench.pick(3, 1)):
        seconds, peak, verdicts = run(bench, file)
        whole.append(seconds)
        peaks.append(peak)
    # NumPy's share of the whole is reckoned from samples by their operations, m n min(m, n)
    samples = [layers[0], layers[4]]
    spent = done = 0.0
    with bench.peers() as peers:
        for name, rows, columns, offset in samples:
            svd = peers.prepare("svd", file=file, rows=rows, columns=columns, offset=offset)
            spent += svd.run()
            done += rows * columns * min(rows, columns)
            agree(name, verdicts[name], svd.found)
    numpy = spent / done * sum(float(r) * c * min(r, c) for _, r, c, _ in layers)
    yield compared(f"check, certified, {said}, against svd(compute_uv=False) of each layer, reckoned from "
                   f"{len(samples)} of {len(layers)} layers", f"{time(median(whole))}",
                   f"{time(numpy)} (sampled {time(spent)})", numpy / median(whole), 50)
    yield resident("check, certified: peak resident", max(peaks))


def run(bench, file, *options):
    """Seconds, peak resident bytes and the verdicts by layer."""
    peak, out = bench.data.directory / "peak", bench.data.directory / "verdicts"
    command = ["/usr/bin/time", "-f", "%M", "-o", peak, bench.root / "sinkwatch", "check", file, "--format", "json", *options]
    with open(out, "w") as stdout:
        start = clock.perf_counter()
        subprocess.run(command, stdout=stdout, check=True)
        seconds = clock.perf_counter() - start
    verdicts = [json.loads(line) for line in out.read_text().splitlines()]
    return seconds, 1024 * int(peak.read_text().split()[-1]), {v["layer"]: v for v in verdicts if "layer" in v}


def agree(name, verdict, found):
    for key in ("sigma1", "sigma2"):
        if abs(verdict[key] / found[key] - 1) > 2e-3:  # F32's svd of a bulk, and the estimate's own 1e-3
            raise RuntimeError(f"{name}: check says {key} = {verdict[key]}, NumPy {found[key]}")


def resident(work, peak):
    return Line(work, f"{peak / 2**20:.0f} MiB", "", "", "< 1024 MiB", "yes" if peak < GIB else "**no**")
