# SPDX-License-Identifier: MIT
"""Plots as SVG: latency against rate, and bars of speed."""

import html
import math

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9",
           "#000000", "#999999")
WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 80, 230, 40, 60


class Axis:
    """Logarithmic, over whole decades, from pixel `begin` to pixel `end`."""

    def __init__(self, values, begin, end):
        self.low = math.floor(math.log10(min(values)))
        self.high = max(math.ceil(math.log10(max(values))), self.low + 1)
        self.begin = begin
        self.end = end

    def at(self, value):
        part = (math.log10(value) - self.low) / (self.high - self.low)
        return self.begin + part * (self.end - self.begin)

    def ticks(self):
        return [10.0 ** power for power in range(self.low, self.high + 1)]


def short(value):
    for unit, scale in (("M", 1e6), ("k", 1e3)):
        if value >= scale:
            return f"{value / scale:g} {unit}"
    return f"{value:g}"


def text(x, y, words, anchor="start"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">'
            f"{html.escape(words)}</text>")


def line(x1, y1, x2, y2, colour="#dddddd"):
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f'stroke="{colour}"/>')


def sheet(height, parts):
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
        f'height="{height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        *parts, "</svg>", ""])


def frame(x, y, labels):
    """Lines and numbers of both axes."""
    parts = []
    for tick in x.ticks():
        parts.append(line(x.at(tick), y.begin, x.at(tick), y.end))
        parts.append(text(x.at(tick), y.begin + 18, short(tick), "middle"))
    for tick in y.ticks():
        parts.append(line(x.begin, y.at(tick), x.end, y.at(tick)))
        parts.append(text(x.begin - 8, y.at(tick) + 4, short(tick), "end"))
    parts.append(text((x.begin + x.end) / 2, HEIGHT - 15, labels[0], "middle"))
    parts.append(text(10, TOP - 15, labels[1]))
    return parts


def curve(x, y, points, colour, dashed):
    path = " ".join(f"{x.at(a):.1f},{y.at(b):.1f}" for a, b in points)
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    dots = [f'<circle cx="{x.at(a):.1f}" cy="{y.at(b):.1f}" r="3" '
            f'fill="{colour}"/>' for a, b in points]
    return [f'<polyline points="{path}" fill="none" stroke="{colour}" '
            f'stroke-width="2"{dash}/>', *dots]


def draw(curves, labels):
    """`curves` are lists of points by name; two a name, p50 and p99."""
    points = [point for pair in curves.values() for part in pair
              for point in part]
    x = Axis([a for a, _ in points], LEFT, WIDTH - RIGHT)
    y = Axis([b for _, b in points], HEIGHT - BOTTOM, TOP)
    parts = frame(x, y, labels)
    for number, (name, (middle, tail)) in enumerate(curves.items()):
        colour = COLOURS[number % len(COLOURS)]
        parts += curve(x, y, middle, colour, False)
        parts += curve(x, y, tail, colour, True)
        row = TOP + 20 * number + 10
        parts.append(line(x.end + 15, row - 4, x.end + 35, row - 4, colour))
        parts.append(text(x.end + 40, row, name))
    return sheet(HEIGHT, parts)


def latency(found):
    """Of a result; None without latencies at two rates at least."""
    workloads = [w for w in found["workloads"] if w["kind"] == "latency"]
    if len(workloads) < 2:
        return None
    curves = {}
    for workload in workloads:
        for row in workload["rows"]:
            pair = curves.setdefault(row["name"], ([], []))
            for points, name in zip(pair, ("p50", "p99")):
                late = max(row["latency_us"][name]["median"], 0.1)
                points.append((workload["rate"], late))
    return draw(curves, ("sentences of eight words a second",
                         "microseconds from the time a word was due: p50, and "
                         "p99 dashed"))


def bars(workload):
    """Units a second of a core, a bar a row."""
    rows = workload["rows"]
    most = max(row["per_core_second"]["median"] for row in rows)
    left, wide, unit = 270, 380, workload["unit"]
    height = TOP + 24 * len(rows) + 30
    parts = [text(10, 20, f"{workload['title']}: {unit} a second of a core")]
    for number, row in enumerate(rows):
        value = row["per_core_second"]["median"]
        top = TOP + 24 * number
        colour = COLOURS[0 if row["name"].startswith("gust") else 7]
        length = wide * value / most
        parts.append(text(left - 10, top + 14, row["name"], "end"))
        parts.append(f'<rect x="{left}" y="{top}" width="{length:.1f}" '
                     f'height="18" fill="{colour}"/>')
        parts.append(text(left + length + 8, top + 14,
                          short(float(f"{value:.3g}"))))
    return sheet(height, parts)
