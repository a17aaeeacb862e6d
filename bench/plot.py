"""A plot of time against size on logarithmic axes, as SVG that suits a light and a dark page."""
import math
from html import escape

WIDTH, HEIGHT = 760, 460
LEFT, RIGHT, TOP, BOTTOM = 76, 24, 56, 64

# classes alone, no variables: not every renderer of SVG knows them
LIGHT = {"page": "#ffffff", "ink": "#1f2328", "soft": "#59636e", "grid": "#d1d9e0", "c": ["#0969da", "#bc4c00", "#8250df"]}
DARK = {"page": "#0d1117", "ink": "#f0f6fc", "soft": "#9198a1", "grid": "#3d444d", "c": ["#4493f8", "#f0883e", "#ab7df8"]}


def colours(theme):
    rules = [f".page {{ fill: {theme['page']}; }} text {{ fill: {theme['ink']}; }} .soft {{ fill: {theme['soft']}; }}",
             f".grid {{ stroke: {theme['grid']}; }} .floor {{ stroke: {theme['soft']}; }}"]
    rules += [f".c{i} {{ stroke: {c}; }} .d{i} {{ fill: {c}; }}" for i, c in enumerate(theme["c"])]
    return " ".join(rules)


STYLE = f"""
  text {{ font: 13px system-ui, sans-serif; }} text.title {{ font-size: 15px; font-weight: 600; }}
  .line {{ fill: none; stroke-width: 2.2; stroke-linejoin: round; }}
  .floor {{ fill: none; stroke-width: 1.5; stroke-dasharray: 5 4; }}
  {colours(LIGHT)}
  @media (prefers-color-scheme: dark) {{ {colours(DARK)} }}
"""


def svg(series, floor, slopes):
    """Series {name: [(elements, seconds)]}, the time to read as many floats, exponents {name: slope}."""
    points = [p for line in [*series.values(), floor] for p in line]
    x_least, x_most = (f(math.log2(x) for x, _ in points) for f in (min, max))
    y_least = math.floor(min(math.log10(y) for _, y in points))
    y_most = math.ceil(max(math.log10(y) for _, y in points))

    def x(elements):
        return LEFT + (math.log2(elements) - x_least) / (x_most - x_least) * (WIDTH - LEFT - RIGHT)

    def y(seconds):
        return HEIGHT - BOTTOM - (math.log10(seconds) - y_least) / (y_most - y_least) * (HEIGHT - TOP - BOTTOM)

    linear = max((value for value in slopes.values()), default=1) <= 1.1
    title = "Cost grows linearly with size" if linear else "Cost against size"
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title}">',
        f"<style>{STYLE}</style>", f'<rect class="page" width="{WIDTH}" height="{HEIGHT}"/>',
        f'<text class="title" x="{LEFT}" y="26">{title}</text>',
        f'<text class="soft" x="{LEFT}" y="44">time of one snapshot\'s verdict, both axes logarithmic; the '
        "exponents are of the upper half of the sizes</text>"]
    for power in range(y_least, y_most + 1):
        at = y(10.0**power)
        out.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>')
        out.append(f'<text class="soft" x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{unit(power)}</text>')
    for power in range(math.ceil(x_least), math.floor(x_most) + 1, 2):
        at = x(2.0**power)
        out.append(f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>')
        out.append(f'<text class="soft" x="{at:.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">2<tspan dy="-5" '
                   f'font-size="9">{power}</tspan></text>')
    out.append(f'<text class="soft" x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 18}" text-anchor="middle">elements of '
               "the snapshot</text>")
    out.append(f'<path class="floor" d="{path(floor, x, y)}"/>')
    legend = []
    out.append(f'<rect class="page" x="{LEFT + 8}" y="{TOP + 4}" width="350" height="{20 * len(series) + 30}"/>')
    for i, (name, line) in enumerate(series.items()):
        out.append(f'<path class="line c{i}" d="{path(line, x, y)}"/>')
        out += [f'<circle class="d{i}" cx="{x(a):.1f}" cy="{y(b):.1f}" r="3"/>' for a, b in line]
        legend.append((f"line c{i}", f"{name}: size to the power {slopes[name]:.2f}"))
    for i, (kind, text) in enumerate([*legend, ("floor", "reading as many floats")]):
        at = TOP + 22 + 20 * i
        out.append(f'<line class="{kind}" x1="{LEFT + 14}" x2="{LEFT + 40}" y1="{at - 4}" y2="{at - 4}"/>')
        out.append(f'<text x="{LEFT + 48}" y="{at}">{escape(text)}</text>')
    return "\n".join([*out, "</svg>", ""])


def path(line, x, y):
    return " ".join(f"{'L' if i else 'M'}{x(a):.1f} {y(b):.1f}" for i, (a, b) in enumerate(line))


def unit(power):
    for name, size in (("s", 0), ("ms", -3), ("µs", -6), ("ns", -9)):
        if power >= size:
            return f"{10**(power - size)} {name}"
    return f"1e{power} s"
