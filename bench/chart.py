"""Line charts as SVG that suit a light and a dark page."""
import math
from html import escape

from plot import STYLE

WIDTH, HEIGHT = 720, 380
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 64, 52
COLOURS = 3


class Axis:
    """A range of numbers along so many pixels, linear or logarithmic."""

    def __init__(self, label, least, most, logarithmic=False, ticks=None):
        self.label, self.logarithmic = label, logarithmic
        self.least, self.most = self.scaled(least), self.scaled(most)
        if ticks is None and logarithmic:
            ticks = [10.0**p for p in range(math.ceil(self.least), math.floor(self.most) + 1)]
        self.ticks = ticks if ticks is not None else [least + (most - least) * i / 5 for i in range(6)]

    def scaled(self, value):
        return math.log10(value) if self.logarithmic else value

    def at(self, value, pixels):
        return (self.scaled(value) - self.least) / (self.most - self.least) * pixels

    def text(self, value):
        power = round(math.log10(value)) if self.logarithmic else 0
        return f"1e{power}" if self.logarithmic and not 0 <= power <= 2 else f"{value:g}"


def svg(title, subtitle, x, y, lines, marks=(), legend=(LEFT + 12, TOP + 16)):
    """lines: [(name, "line" or "floor" or "dots", [(x, y), ...])], dots in the colour of the line before them, no
    name: not in the legend; marks: [(x, text)]."""
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">',
           f"<style>{STYLE}</style>", f'<rect class="page" width="{WIDTH}" height="{HEIGHT}"/>',
           f'<text class="title" x="{LEFT}" y="24">{escape(title)}</text>',
           f'<text class="soft" x="{LEFT}" y="44">{escape(subtitle)}</text>']

    def place(point):
        return LEFT + x.at(point[0], wide), HEIGHT - BOTTOM - y.at(point[1], high)

    for tick in y.ticks:
        at = HEIGHT - BOTTOM - y.at(tick, high)
        out.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>')
        out.append(f'<text class="soft" x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{y.text(tick)}</text>')
    for tick in x.ticks:
        at = LEFT + x.at(tick, wide)
        out.append(f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>')
        out.append(f'<text class="soft" x="{at:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{x.text(tick)}</text>')
    out.append(f'<text class="soft" x="{LEFT + wide / 2}" y="{HEIGHT - 10}" text-anchor="middle">{escape(x.label)}</text>')
    out.append(f'<text class="soft" x="{WIDTH - RIGHT}" y="{TOP - 6}" text-anchor="end">{escape(y.label)}</text>')
    for value, text in marks:
        at = LEFT + x.at(value, wide)
        out.append(f'<line class="floor" x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>')
        out.append(f'<text class="soft" x="{at + 5:.1f}" y="{HEIGHT - BOTTOM - 8}">{escape(text)}</text>')
    colour, row = -1, 0
    for name, kind, points in lines:
        colour += kind == "line"
        shown = [place(p) for p in points if y.least <= y.scaled(max(p[1], 1e-300) if y.logarithmic else p[1]) <= y.most]
        style = "floor" if kind == "floor" else f"line c{colour % COLOURS}"
        if kind == "dots":
            out += [dot(a, b, colour) for a, b in shown]
        else:
            steps = " ".join(f"{'L' if i else 'M'}{a:.1f} {b:.1f}" for i, (a, b) in enumerate(shown))
            out.append(f'<path class="{style}" d="{steps}"/>')
        if not name:
            continue
        left, at = legend[0], legend[1] + 18 * row
        row += 1
        out.append(dot(left + 13, at - 4, colour) if kind == "dots" else
                   f'<line class="{style}" x1="{left}" x2="{left + 26}" y1="{at - 4}" y2="{at - 4}"/>')
        out.append(f'<text x="{left + 34}" y="{at}">{escape(name)}</text>')
    return "\n".join([*out, "</svg>", ""])


def dot(x, y, colour):
    return f'<circle class="d{colour % COLOURS}" cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>'
