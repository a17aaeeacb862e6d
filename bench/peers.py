"""The peers' side of the comparison: the same works in NumPy, SciPy, scikit-learn and PyTorch.

One JSON object a line on stdin, one on stdout, as Contestant.java has it. Libraries are imported when a work
needs them, so that a process holds only what its row is about.
"""
import json
import sys
import time

import numpy as np


def matrix(request):
    columns = request["columns"]
    dtype = {"F32": np.float32, "F16": np.float16}[request.get("dtype", "F32")]
    return np.fromfile(request["file"], dtype).reshape(request.get("rows", columns), columns)


class Sums:
    """By sgemv and sdot, which use both threads; A.sum() uses one."""

    def __init__(self, request):
        self.a = matrix(request)
        self.right = np.ones(self.a.shape[1], np.float32)
        self.left = np.ones(self.a.shape[0], np.float32)

    def run(self, request):
        rows, columns, flat = self.a @ self.right, self.left @ self.a, self.a.reshape(-1)
        return {"total": rows.sum(dtype=float), "squares": np.dot(flat, flat), "firstColumn": columns[0]}


class Fused:
    def __init__(self, request):
        self.a = matrix(request)
        self.v = np.fromfile(request["v"], np.float32).reshape(self.a.shape[1], -1)

    def run(self, request):
        z = self.a.T @ (self.a @ self.v)
        return {"norm": np.linalg.norm(z), "corner": z[0, 0]}


class Sgemm:
    """What OpenBLAS can compute at best: a product of two square matrices."""

    def __init__(self, request):
        self.n = request["n"]
        self.a = np.random.default_rng(1).standard_normal((self.n, self.n), np.float32)

    def run(self, request):
        self.a @ self.a
        return {"operations": 2.0 * self.n**3}


class Svds:
    """ARPACK on the F32 array, from the start vector of that seed."""

    def __init__(self, request):
        import scipy.sparse.linalg
        self.svds = scipy.sparse.linalg.svds
        self.tol = request.get("tol", 0.03)
        self.a = matrix(request)
        self.request = request

    def run(self, request):
        sigma = self.svds(self.a, k=2, tol=self.tol, v0=self.v0, return_singular_vectors=False)
        return {"sigma1": sigma.max(), "sigma2": sigma.min()}

    def ready(self, request):
        if "file" in request:
            self.a = matrix({**self.request, "file": request["file"]})
        self.v0 = np.random.default_rng(request.get("step", 0)).standard_normal(self.a.shape[1]).astype(self.a.dtype)


class Reference(Svds):
    """In double precision and to the end: what the others are held against."""

    def __init__(self, request):
        super().__init__(request)
        self.a = self.a.astype(float)
        self.tol = 1e-7


class RandomizedSvd:
    def __init__(self, request):
        from sklearn.utils.extmath import randomized_svd
        self.svd, self.a = randomized_svd, matrix(request)

    def run(self, request):
        _, sigma, _ = self.svd(self.a, n_components=2, n_iter=request["n_iter"], random_state=request["step"])
        return {"sigma2": sigma[1]}


class LowRank:
    """With as many columns as scikit-learn's: 2 and 10 more."""

    def __init__(self, request):
        import torch
        torch.set_num_threads(2)
        self.torch, self.a = torch, torch.from_numpy(matrix(request))

    def run(self, request):
        self.torch.manual_seed(request["step"])
        _, sigma, _ = self.torch.svd_lowrank(self.a, q=12, niter=request["n_iter"])
        return {"sigma2": float(sigma[1])}


class FullSvd:
    """All singular values of a layer of a checkpoint, BF16 widened to F32 beforehand."""

    def __init__(self, request):
        raw = np.fromfile(request["file"], np.uint16, request["rows"] * request["columns"], offset=request["offset"])
        self.a = (raw.astype(np.uint32) << 16).view(np.float32).reshape(request["rows"], request["columns"])

    def run(self, request):
        sigma = np.linalg.svd(self.a, compute_uv=False)
        return {"sigma1": sigma[0], "sigma2": sigma[1]}


class Sinkhorn:
    """In place, as the code bases do it: two passes that write, with sums by sgemv."""

    def __init__(self, request):
        self.p = matrix(request)
        self.iterations = request["iterations"]
        self.ones = np.ones(self.p.shape[1], np.float32)

    def ready(self, request):
        self.m = self.p.copy()

    def run(self, request):
        start = time.perf_counter()
        for _ in range(self.iterations):
            self.m *= (1 / (self.m @ self.ones))[:, None]
            self.m *= 1 / (self.ones @ self.m)
        return {"seconds": (time.perf_counter() - start) / self.iterations, "corner": self.m[0, 0]}


class SinkhornPotentials(Sinkhorn):
    """Never writes the matrix: two products of sgemv an iteration, the fastest NumPy that we know."""

    def run(self, request):
        start = time.perf_counter()
        columns = self.ones
        for _ in range(self.iterations):
            rows = 1 / (self.p @ columns)
            columns = 1 / (rows @ self.p)
        corner = rows[0] * self.p[0, 0] * columns[0]
        return {"seconds": (time.perf_counter() - start) / self.iterations, "corner": corner}


class SinkhornTorch(Sinkhorn):
    def __init__(self, request):
        import torch
        torch.set_num_threads(2)
        super().__init__(request)
        self.torch = torch

    def run(self, request):
        m = self.torch.from_numpy(self.m)
        start = time.perf_counter()
        for _ in range(self.iterations):
            m /= m.sum(1, keepdim=True)
            m /= m.sum(0, keepdim=True)
        return {"seconds": (time.perf_counter() - start) / self.iterations, "corner": float(m[0, 0])}


class Mixers:
    def __init__(self, request):
        import mixers
        self.judge = mixers.judge
        n = request["columns"]
        self.logits = matrix(request).reshape(-1, n, n)

    def run(self, request):
        return self.judge(self.logits)


WORKS = {
    "sums": Sums, "fused": Fused, "sgemm": Sgemm, "svds": Svds, "reference": Reference,
    "randomized_svd": RandomizedSvd, "svd_lowrank": LowRank, "svd": FullSvd, "sinkhorn": Sinkhorn,
    "sinkhorn-potentials": SinkhornPotentials, "sinkhorn-torch": SinkhornTorch, "mixers": Mixers,
}


def about():
    import scipy
    import sklearn
    import threadpoolctl
    import torch
    # torch may have brought another OpenBLAS: NumPy's is the one that was there first
    blas = next((p for p in threadpoolctl.threadpool_info() if p["internal_api"] == "openblas"), {})
    return {
        "python": sys.version.split()[0], "numpy": np.__version__, "scipy": scipy.__version__,
        "sklearn": sklearn.__version__, "torch": torch.__version__,
        "openblas": blas.get("version", "none"), "core": blas.get("architecture", "none"),
        "blasThreads": blas.get("num_threads", 0),
    }


def run(work, request):
    if hasattr(work, "ready"):
        work.ready(request)
    start = time.perf_counter()
    found = work.run(request)
    seconds = time.perf_counter() - start
    return {"seconds": found.get("seconds", seconds), "found": {key: float(value) for key, value in found.items()}}


def main():
    works = {}
    for line in sys.stdin:
        request = json.loads(line)
        try:
            match request["do"]:
                case "prepare":
                    works[request["id"]] = WORKS[request["work"]](request)
                    answer = {}
                case "run":
                    answer = run(works[request["id"]], request)
                case "about":
                    answer = about()
        except Exception as e:  # whatever it is, it is the answer
            answer = {"error": f"{type(e).__name__}: {e}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
