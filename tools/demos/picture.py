"""Figures as SVG. Bars for what has names, lines for what has counts; a colour for each machine. The colours are the
page's (style.css), so that a picture follows its light or dark."""

import math
from html import escape

from figures import Figures

WIDTH = 760
NAMES_WIDTH = 230
NUMBER_WIDTH = 74
BAR = 13
ROW_GAP = 9
LINES_HEIGHT = 260


def unit_of(column: str) -> str:
    """Columns of one unit are drawn to one scale: `threads, ms` and `processes, ms`."""
    return column.rsplit(", ", 1)[-1]


def largest_of_units(machines: list[Figures]) -> dict[str, float]:
    """What each scale must reach up to; never 0."""
    largest: dict[str, float] = {}
    for index, column in enumerate(machines[0].columns[1:]):
        values = [value for machine in machines for value in machine.column(index)]
        largest[unit_of(column)] = max(largest.get(unit_of(column), 0), *values) or 1
    return largest


def number(value: float) -> str:
    if value >= 10_000:
        return f"{value:,.0f}".replace(",", "\u2009")  # a thin space
    return f"{value:.0f}" if value == int(value) else f"{value:.1f}"


def legend(machines: list[str]) -> str:
    parts = []
    for index, machine in enumerate(machines):
        parts.append(f'<svg class="key" viewBox="0 0 10 10" aria-hidden="true"><rect class="series{index}" width="10" height="10"/></svg>'
                     f'<span>{escape(machine)}</span>')
    return f'<p class="legend">{"".join(parts)}</p>'


def bars(machines: list[Figures], title: str) -> str:
    """A panel for each column, in it a row for each name with a bar for each machine."""
    first, largest = machines[0], largest_of_units(machines)
    parts, top = [], 0
    for index, column in enumerate(first.columns[1:]):
        parts.append(_text(0, top + 14, column, "panel"))
        top += 24
        scale = (WIDTH - NAMES_WIDTH - NUMBER_WIDTH) / largest[unit_of(column)]
        for row, name in enumerate(first.names):
            middle = top + len(machines) * BAR / 2
            parts.append(_text(NAMES_WIDTH - 10, middle + 4, name, "end"))
            for series, machine in enumerate(machines):
                value = machine.column(index)[row]
                width = max(value * scale, 1)
                parts.append(f'<rect class="series{series}" x="{NAMES_WIDTH}" y="{top}" width="{width:.1f}" height="{BAR - 2}"/>')
                parts.append(_text(NAMES_WIDTH + width + 6, top + BAR - 3, number(value), "value"))
                top += BAR
            top += ROW_GAP
        top += 8
    return _svg(top, title, parts)


def lines(machines: list[Figures], title: str) -> str:
    """A panel for each column, the counts from left to right, each step to the right as many times as many."""
    first, largest_of = machines[0], largest_of_units(machines)
    counts = [float(name) for name in first.names]
    parts, top = [], 0
    left, right = 60, WIDTH - 90

    def x_of(count: float) -> float:
        return left + (right - left) * math.log(count / counts[0]) / math.log(counts[-1] / counts[0])

    for index, column in enumerate(first.columns[1:]):
        parts.append(_text(0, top + 14, column, "panel"))
        bottom = top + LINES_HEIGHT - 30
        largest = largest_of[unit_of(column)]

        def y_of(value: float, largest=largest, top=top, bottom=bottom) -> float:
            return bottom - (bottom - top - 30) * value / largest

        for part in range(5):
            value = largest * part / 4
            parts.append(f'<line class="grid" x1="{left}" x2="{right}" y1="{y_of(value):.1f}" y2="{y_of(value):.1f}"/>')
            parts.append(_text(left - 8, y_of(value) + 4, number(round(value, 1 if largest < 10 else 0)), "end"))
        for count in counts:
            parts.append(_text(x_of(count), bottom + 18, number(count), "middle"))
        parts.append(_text(right + 24, bottom + 18, first.columns[0], "value"))
        for series, machine in enumerate(machines):
            points = [(x_of(count), y_of(value)) for count, value in zip(counts, machine.column(index))]
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            parts.append(f'<polyline class="line{series}" points="{path}"/>')
            parts += [f'<circle class="series{series}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in points]
        top += LINES_HEIGHT + 6
    return _svg(top, title, parts)


def _text(x: float, y: float, text: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'


def _svg(height: float, title: str, parts: list[str]) -> str:
    return (f'<svg class="picture" viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{escape(title)}">'
            + "".join(parts) + "</svg>")
