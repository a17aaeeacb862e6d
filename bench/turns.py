"""Both sides in turns: whatever disturbs the machine meanwhile, disturbs neighbours alike."""
import time
from statistics import median


class Series:
    """Seconds of one work, repetition by repetition, and all that it found."""

    def __init__(self):
        self.seconds = []
        self.found = []

    @property
    def median(self):
        return median(self.seconds)


def warm(prepared, seconds, **what):
    """Repeats untimed until compilers and caches have settled."""
    start, runs = time.monotonic(), 0
    while runs < 2 or time.monotonic() - start < seconds:
        prepared.run(**what)
        runs += 1


def turns(rounds, attempts=1, **works):
    """Runs each work a round, in order; each takes a work, or a pair of one and what it is told in round i.

    Of several attempts the fastest counts, on all sides alike: what disturbs some milliseconds can only lengthen them.
    """
    series = {name: Series() for name in works}
    for i in range(rounds):
        for name, work in works.items():
            work, what = work if isinstance(work, tuple) else (work, lambda i: {})
            series[name].seconds.append(min(work.run(**what(i)) for _ in range(attempts)))
            series[name].found.append(work.found)
    return series


def ratio(slow, fast):
    """The median over the rounds of how many times faster the second was: a ratio of neighbours in time."""
    return median(a / b for a, b in zip(slow.seconds, fast.seconds))


def same(ours, theirs, key, relative):
    """Both sides must have done the same, or their times do not compare."""
    a, b = ours.found[0][key], theirs.found[0][key]
    if not abs(a - b) <= relative * max(abs(a), abs(b)):
        raise RuntimeError(f"ours found {key} = {a}, the peer {b}")
