"""Simulated schedules as a picture: an SVG Gantt chart, a panel for each policy, a row for each job.
It follows the reader's light or dark colours."""

from html import escape

from weftlib.sched_figures import Outcome
from weftlib.sched_text import Clock

WIDTH = 1080
MARGIN = 24
FIGURES_WIDTH = 178  # waiting and turnaround, right of the rows
TITLE_HEIGHT = 76
PANEL_TITLE_HEIGHT = 34
AXIS_HEIGHT = 34
PANEL_GAP = 22
LETTER_WIDTH = 6.7  # of the names' letters, on average

# Told apart by all kinds of eyes, on white as on black.
CPU_COLOURS = ["#4477aa", "#ee8866", "#228833", "#aa3377", "#66a5c9", "#b8a038", "#d1495b", "#7a7a7a"]

STYLE = """
  text { font: 12px system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #24292f; }
  .title { font-size: 18px; font-weight: 600; }
  .panel { font-size: 14px; font-weight: 600; }
  .muted { fill: #656d76; }
  .small { font-size: 11px; }
  .number { font-variant-numeric: tabular-nums; }
  .inside { fill: #ffffff; font-size: 10px; }
  .paper { fill: #ffffff; }
  .stripe { fill: #f6f8fa; }
  .grid { stroke: #d8dee4; stroke-width: 1; }
  .axis { stroke: #8c959f; stroke-width: 1; }
  .waits { stroke: #c98a1b; stroke-width: 3; }
  .blocked { stroke: #8c959f; stroke-width: 2; stroke-dasharray: 2 4; }
  .event { fill: #57606a; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .muted { fill: #9198a1; }
    .paper { fill: #0d1117; }
    .stripe { fill: #151b23; }
    .grid { stroke: #2b323b; }
    .axis { stroke: #656c76; }
    .waits { stroke: #d9a441; }
    .blocked { stroke: #7d8590; }
    .event { fill: #b7bdc8; }
    .inside { fill: #ffffff; }
  }
"""


def svg(outcomes: list[Outcome], title: str) -> str:
    """All panels have the same time axis, so that what is longer looks longer."""
    longest_name = max(len(job.name) for job in outcomes[0].jobs)
    left = MARGIN + 14 + min(longest_name, 28) * LETTER_WIDTH
    end = max(outcome.end for outcome in outcomes) or 1
    scale = (WIDTH - MARGIN - FIGURES_WIDTH - left) / end
    parts = []
    top = TITLE_HEIGHT
    for outcome in outcomes:
        panel = _Panel(outcome, left, scale, end, top)
        parts += panel.draw()
        top = panel.bottom + PANEL_GAP
    height = top
    cpus = "1 CPU" if outcomes[0].cpus == 1 else f"{outcomes[0].cpus} CPUs"
    heading = [
        _text(MARGIN, 34, escape(title), "title"),
        _text(MARGIN + 1, 55, f"{cpus}, {Clock(outcomes[0].unit).explanation}", "muted"),
        *_legend(outcomes[0].cpus),
    ]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" '
        f'width="{WIDTH}" height="{height:g}" role="img">',
        f"<title>{escape(title)}: {', '.join(outcome.policy for outcome in outcomes)}</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{height:g}"/>',
        *heading, *parts, "</svg>", ""])


class _Panel:
    """One policy's run."""

    def __init__(self, outcome: Outcome, left: float, scale: float, end: int, top: float):
        self.outcome = outcome
        self.clock = Clock(outcome.unit)
        self.left, self.scale, self.end, self.top = left, scale, end, top
        self.rows_top = top + PANEL_TITLE_HEIGHT
        self.row_height = 28 if len(outcome.jobs) <= 24 else 18
        self.rows_bottom = self.rows_top + self.row_height * len(outcome.jobs)
        self.bottom = self.rows_bottom + AXIS_HEIGHT

    def x(self, time: float) -> float:
        return self.left + time * self.scale

    def draw(self) -> list[str]:
        return [*self._title(), *self._stripes(), *self._axis(),
                *(part for row in range(len(self.outcome.jobs)) for part in self._row(row))]

    def _title(self) -> list[str]:
        mean = lambda what: self.clock.text(self.outcome.mean(what))  # noqa: E731
        figures = (f"mean response {mean('response')}, waiting {mean('waiting')}, "
                   f"turnaround {mean('turnaround')}; fairness {self.outcome.fairness:.2f}; "
                   f"{self.outcome.switches} switches")
        y = self.top + 20
        return [_text(MARGIN, y, self.outcome.policy, "panel"),
                _text(self.left, y, figures, "muted number"),
                _text(WIDTH - MARGIN - 84, y, "waiting", "muted small", "end"),
                _text(WIDTH - MARGIN, y, "turnaround", "muted small", "end")]

    def _stripes(self) -> list[str]:
        return [f'<rect class="stripe" x="{MARGIN - 8}" y="{self.rows_top + row * self.row_height:g}" '
                f'width="{WIDTH - 2 * MARGIN + 16}" height="{self.row_height}" rx="3"/>'
                for row in range(0, len(self.outcome.jobs), 2)]

    def _axis(self) -> list[str]:
        bottom = self.rows_bottom + 4
        lines = []
        for time in _ticks(self.end, self.outcome.unit):
            x = self.x(time)
            lines.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{self.rows_top:g}" '
                         f'y2="{bottom:g}"/>')
            lines.append(_text(x, bottom + 16, self.clock.number(time), "muted small number", "middle"))
        lines.append(f'<line class="axis" x1="{self.left:.1f}" x2="{self.x(self.end):.1f}" '
                     f'y1="{bottom:g}" y2="{bottom:g}"/>')
        return lines

    def _row(self, row: int) -> list[str]:
        job = self.outcome.jobs[row]
        middle = self.rows_top + (row + 0.5) * self.row_height
        name = job.name if len(job.name) <= 28 else job.name[:27] + "…"
        parts = [_text(self.left - 12, middle + 4, escape(name), "", "end"),
                 _text(WIDTH - MARGIN - 84, middle + 4, self.clock.number(job.waiting), "number", "end"),
                 _text(WIDTH - MARGIN, middle + 4, self.clock.number(job.turnaround), "number", "end")]
        for start, end, what in self.outcome.histories[row]:
            parts.append(self._interval(job.name, middle, start, end, what))
        x = self.x(job.arrival)
        parts.append(f'<path class="event" d="M{x - 4:.1f} {middle - self.row_height / 2 + 1:g}h8l-4 6z">'
                     f"<title>{escape(job.name)} arrives at {self.clock.text(job.arrival)}</title></path>")
        if job.finish is not None:
            parts.append(f'<circle class="event" cx="{self.x(job.finish) + 5:.1f}" cy="{middle:g}" r="3">'
                         f"<title>{escape(job.name)} ends at {self.clock.text(job.finish)}</title></circle>")
        return parts

    def _interval(self, name: str, middle: float, start: int, end: int, what) -> str:
        x, width = self.x(start), (end - start) * self.scale
        times = f"{self.clock.number(start)} to {self.clock.text(end)}"
        if what in ("ready", "blocked"):
            kind, word = ("waits", "waits") if what == "ready" else ("blocked", "I/O")
            return (f'<line class="{kind}" x1="{x:.2f}" x2="{x + width:.2f}" y1="{middle:g}" '
                    f'y2="{middle:g}"><title>{escape(name)} {word}, {times}</title></line>')
        height = self.row_height * 0.6
        number = ""
        if self.outcome.cpus > 1 and width > 13 and height > 12:
            number = _text(x + width / 2, middle + 3.5, str(what), "inside", "middle")
        return (f'<rect x="{x:.2f}" y="{middle - height / 2:g}" width="{max(width - 0.6, 1.2):.2f}" '
                f'height="{height:g}" rx="{min(2.5, width / 4):.1f}" '
                f'fill="{CPU_COLOURS[what % len(CPU_COLOURS)]}">'
                f"<title>{escape(name)} on CPU {what}, {times}</title></rect>{number}")


def _legend(cpus: int) -> list[str]:
    """On the right of the title; from right to left, as its length depends on the CPUs."""
    entries = [("cpu", cpu, "runs" if cpus == 1 else f"CPU {cpu}") for cpu in range(min(cpus, 8))]
    entries += [("waits", None, "waits"), ("blocked", None, "I/O"), ("arrives", None, "arrives"),
                ("ends", None, "ends")]
    parts = []
    x = WIDTH - MARGIN
    for kind, cpu, label in reversed(entries):
        x -= len(label) * LETTER_WIDTH + 8
        parts.append(_text(x, 33, label, "small"))
        x -= 24
        if kind == "cpu":
            parts.append(f'<rect x="{x + 5:.1f}" y="23" width="14" height="12" rx="2" '
                         f'fill="{CPU_COLOURS[cpu]}"/>')
        elif kind == "arrives":
            parts.append(f'<path class="event" d="M{x + 9:.1f} 26h8l-4 6z"/>')
        elif kind == "ends":
            parts.append(f'<circle class="event" cx="{x + 14:.1f}" cy="29" r="3"/>')
        else:
            parts.append(f'<line class="{kind}" x1="{x:.1f}" x2="{x + 19:.1f}" y1="29" y2="29"/>')
        x -= 6
    return parts


def _ticks(end: int, unit: int) -> list[float]:
    """Round numbers of units, between 6 and 15 of them."""
    step = unit
    factors = (2, 2.5, 2)  # 1, 2, 5, 10...
    count = 0
    while end / step > 15:
        step *= factors[count % 3]
        count += 1
    while end / step < 3:
        step /= 2
    return [step * number for number in range(int(end / step) + 1)]


def _text(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    shape = f' class="{kind}"' if kind else ""
    place = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{shape}{place}>{text}</text>'
