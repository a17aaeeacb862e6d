"""What the figures were measured on."""
import datetime
import os
import platform
import re
from pathlib import Path


def lines(ours, peers):
    """From what the two sides say about themselves."""
    cpu = Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*: (.*)", cpu)
    family = re.search(r"cpu family\s*: (\d+)", cpu)
    flags = set(re.search(r"flags\s*: (.*)", cpu).group(1).split()) if "flags" in cpu else set()
    vectors = "AVX-512" if "avx512f" in flags else "AVX2" if "avx2" in flags else "no AVX2"
    memory = int(re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text()).group(1)) / 2**20
    pages = Path("/sys/kernel/mm/transparent_hugepage/enabled")
    huge = re.search(r"\[(\w+)]", pages.read_text()).group(1) if pages.exists() else "none"
    return [
        f"- {datetime.date.today().isoformat()}; load average at the start {os.getloadavg()[0]:.1f}",
        f"- {model.group(1) if model else platform.machine()}{f' (family {family.group(1)})' if family else ''}, {vectors}, "
        f"{os.cpu_count()} cores, {memory:.0f} GiB; {platform.system()} {platform.release()}, huge pages: {huge}",
        f"- {ours['jdk']}, {ours['vector']}",
        f"- Python {peers['python']}, NumPy {peers['numpy']}, SciPy {peers['scipy']}, scikit-learn {peers['sklearn']}, "
        f"PyTorch {peers['torch']}; OpenBLAS {peers['openblas']}, kernels for {peers['core']}, "
        f"{peers['blasThreads']} threads",
    ]
