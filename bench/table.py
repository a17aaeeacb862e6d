"""The table: work, ours, peer, ratio, target, met."""
from dataclasses import dataclass


@dataclass
class Line:
    work: str
    ours: str
    peer: str
    ratio: str = ""
    target: str = ""
    met: str = ""


HEAD = ["work", "ours", "peer", "ratio", "target", "met"]


def markdown(lines):
    rows = [[getattr(line, key) for key in HEAD] for line in lines]
    text = ["| " + " | ".join(HEAD) + " |", "| --- " * len(HEAD) + "|"]
    text += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(text)


def compared(work, ours, peer, ratio, least=None, form="{:.1f}x"):
    """A line whose target is a least ratio; without one the line only informs."""
    if least is None:
        return Line(work, ours, peer, form.format(ratio))
    target, met = "≥ " + form.format(least), "yes" if ratio >= least else "**no**"
    return Line(work, ours, peer, form.format(ratio), target, met)


def percent(share):
    return f"{100 * share:.0f} %"


def time(seconds):
    for unit, size in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{1e9 * seconds:.3g} ns"
