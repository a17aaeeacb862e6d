"""Rows on single passes over a large matrix."""
from statistics import median

import numpy as np

import data as of
from table import Line, compared, time
from turns import ratio, same, turns, warm


ATTEMPTS = 5


def size(bench):
    return bench.pick(8192, 2048)


def bandwidth(bench, ours, n):
    """Reads as many floats as an n x n matrix has."""
    read = ours.prepare("bandwidth", elements=n * n)
    warm(read, bench.pick(2, 0.5))
    return read


def rate(work, elements):
    return f"{time(work.median)} ({4e-9 * elements / work.median:.1f} GB/s)"


def sums(bench):
    """Sums of rows, columns and squares."""
    n = size(bench)
    file = bench.data.write("a.f32", of.normal(n, n, 1))
    with bench.ours() as ours, bench.peers() as peers:
        mine, theirs = ours.prepare("sums", file=file, columns=n), peers.prepare("sums", file=file, columns=n)
        read = bandwidth(bench, ours, n)
        bench.warm(mine, theirs)
        s = turns(bench.pick(21, 3), ATTEMPTS, read=read, mine=mine, theirs=theirs)
    same(s["mine"], s["theirs"], "squares", 1e-3)
    yield compared(f"sums of rows, columns, squares, {n} x {n} F32, against reading them", rate(s["mine"], n * n),
                   f"read: {rate(s['read'], n * n)}", ratio(s["read"], s["mine"]), 0.9, "{:.0%}")
    yield compared("the same, against NumPy (sgemv, sdot)", time(s["mine"].median), time(s["theirs"].median),
                   ratio(s["theirs"], s["mine"]))


def fused(bench):
    """Y = A V and Z = A'Y in one pass, k = 4 and 8."""
    n = size(bench)
    file = bench.data.write("a.f32", of.normal(n, n, 1))
    for k in (4, 8):
        v = bench.data.write(f"v{k}.f32", of.normal(n, k, 2))
        with bench.ours() as ours, bench.peers() as peers:
            what = {"file": file, "columns": n, "v": v}
            mine, theirs = ours.prepare("fused", **what), peers.prepare("fused", **what)
            half = ours.prepare("fused", half=True, **what)
            first, mapped = ours.prepare("first", **what), ours.prepare("first", mapped=True, **what)
            gemm = peers.prepare("sgemm", n=bench.pick(3072, 512))
            read = bandwidth(bench, ours, n)
            bench.warm(mine, half, theirs, gemm, first, mapped)
            s = turns(bench.pick(21, 3), ATTEMPTS, read=read, mine=mine, half=half, theirs=theirs, first=first,
                      mapped=mapped, gemm=gemm)
        same(s["mine"], s["theirs"], "norm", 1e-3)
        same(s["half"], s["theirs"], "norm", 1e-3)
        work = f"fused pass A'(A V), k = {k}, {n} x {n} F32"
        # neither more bytes nor more operations than the machine was seen to do a second
        operations = 4.0 * n * n * k
        per_operation = [x / f["operations"] for x, f in zip(s["gemm"].seconds, s["gemm"].found)]
        floors = [max(r, operations * g) for r, g in zip(s["read"].seconds, per_operation)]
        gemm_rate = 1e-9 / median(per_operation)
        if k == 4:
            yield compared(f"{work}, against reading A", rate(s["mine"], n * n), f"read: {rate(s['read'], n * n)}",
                           ratio(s["read"], s["mine"]), 0.6, "{:.0%}")
        else:
            share = median(floor / x for floor, x in zip(floors, s["mine"].seconds))
            yield compared(f"{work}, against the slower of reading A and as many operations of sgemm",
                           rate(s["mine"], n * n), f"{time(median(floors))} (read {time(s['read'].median)}, "
                           f"sgemm {gemm_rate:.0f} Gflop/s)", share, 0.75, "{:.0%}")
        yield compared(f"{work}, kept in 16 bits as by us, against NumPy's A.T @ (A @ V)", time(s["half"].median),
                       time(s["theirs"].median), ratio(s["theirs"], s["half"]), 3)
        yield compared(f"the same, k = {k}, A kept in single precision", time(s["mine"].median),
                       time(s["theirs"].median), ratio(s["theirs"], s["mine"]))
        for name, said in (("first", "as a record of Kafka has them"), ("mapped", "in a mapped file")):
            same(s[name], s["theirs"], "norm", 1e-3)
            yield compared(f"the same, k = {k}, from A's bytes {said}, which finds the sums besides",
                           time(s[name].median), time(s["theirs"].median), ratio(s["theirs"], s[name]))


def halves(bench):
    """BF16 and F16 against F32, k = 4, from the bytes as they came."""
    n, k = size(bench), 4
    values = of.normal(n, n, 1)
    files = {"F32": bench.data.write("a.f32", values), "BF16": bench.data.write("a.bf16", of.bfloat16(values)),
             "F16": bench.data.write("a.f16", values.astype("f2"))}
    del values
    v = bench.data.write("v.f32", of.normal(n, k, 2))
    with bench.ours() as ours:
        works = {dtype: ours.prepare("first", file=file, columns=n, v=v, dtype=dtype)
                 for dtype, file in files.items()}
        bench.warm(*works.values())
        s = turns(bench.pick(21, 3), ATTEMPTS, **works)
    for dtype in ("BF16", "F16"):
        same(s[dtype], s["F32"], "norm", 1e-2)
        share = ratio(s["F32"], s[dtype])
        # equal is fast enough, and a median of few rounds is not sharper than this
        yield Line(f"fused pass from the bytes as they came, k = {k}, {n} x {n}: {dtype} against F32", time(s[dtype].median),
                   f"F32: {time(s['F32'].median)}", f"{share:.2f}x", "≥ 1x (0.98)", "yes" if share >= 0.98 else "**no**")


def sinkhorn(bench):
    """One Sinkhorn iteration."""
    iterations = 10
    for n in bench.pick((4096, 2048), (1024,)):
        logits = 0.5 * of.normal(n, n, 3)
        file = bench.data.write("p.f32", np.exp(logits))
        what = {"file": file, "columns": n, "iterations": iterations}
        with bench.ours() as ours, bench.peers() as peers:
            works = {"mine": ours.prepare("sinkhorn", **what)}
            for name in ("sinkhorn", "sinkhorn-potentials", "sinkhorn-torch"):
                works[name] = peers.prepare(name, **what)
            bench.warm(*works.values())
            s = turns(bench.pick(15, 3), **works)
        names = {"sinkhorn": "NumPy in place, as code bases do it",
                 "sinkhorn-potentials": "NumPy on potentials, two sgemv",
                 "sinkhorn-torch": "PyTorch in place"}
        for name, said in names.items():
            same(s["mine"], s[name], "corner", 1e-3)
            yield compared(f"Sinkhorn iteration, n = {n} F32, against {said}", time(s["mine"].median),
                           time(s[name].median), ratio(s[name], s["mine"]))
