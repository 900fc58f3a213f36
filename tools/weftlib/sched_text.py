"""Simulated schedules as text: tables, and Gantt charts made of characters."""

from weftlib.sched_figures import Outcome

UNITS = {1: "ns", 1_000: "us", 1_000_000: "ms", 1_000_000_000: "s"}
WAITS, BLOCKED, ABSENT = "·", "~", " "


class Clock:
    """Times as the workload counts them: in its own unit."""

    def __init__(self, unit: int):
        self.unit = unit
        self.suffix = f" {UNITS[unit]}" if unit in UNITS else ""
        self.explanation = (f"times in {UNITS[unit]}" if unit in UNITS
                            else f"times in units of {unit / 1_000_000:g} ms")

    def number(self, time: float | None) -> str:
        if time is None:
            return "-"
        return f"{time / self.unit:.2f}".rstrip("0").rstrip(".")

    def text(self, time: float | None) -> str:
        return self.number(time) + self.suffix


def jobs_table(outcome: Outcome) -> str:
    clock = Clock(outcome.unit)
    header = ["job", "arrives", "CPU", "I/O", "response", "waiting", "longest wait", "turnaround", "ends"]
    rows = [[job.name, *map(clock.number, (
        job.arrival, job.cpu, job.io, job.response, job.waiting, job.longest_wait, job.turnaround,
        job.finish))] for job in outcome.jobs]
    means = ["mean", "", *(clock.number(outcome.mean(what)) for what in (
        "cpu", "io", "response", "waiting", "longest_wait", "turnaround")), ""]
    return table(header, rows, means)


def summary(outcome: Outcome) -> str:
    clock = Clock(outcome.unit)
    return (f"fairness {outcome.fairness:.3f}, largest lag {clock.text(outcome.largest_lag)}; "
            f"{outcome.switches} switches, {outcome.preemptions} preemptions, "
            f"{outcome.migrations} migrations; CPU use {outcome.cpu_use:.1%}")


def comparison_table(outcomes: list[Outcome]) -> str:
    header = ["policy", "response", "waiting", "longest wait", "turnaround", "fairness", "largest lag",
              "switches", "preemptions", "CPU use"]
    rows = []
    for outcome in outcomes:
        clock = Clock(outcome.unit)
        rows.append([outcome.policy, *(clock.number(outcome.mean(what)) for what in (
            "response", "waiting")), clock.number(max(job.longest_wait for job in outcome.jobs)),
            clock.number(outcome.mean("turnaround")), f"{outcome.fairness:.3f}",
            clock.number(outcome.largest_lag), str(outcome.switches), str(outcome.preemptions),
            f"{outcome.cpu_use:.1%}"])
    return table(header, rows)


def table(header: list[str], rows: list[list[str]], last: list[str] | None = None) -> str:
    """Names to the left, numbers with their decimal points below one another."""
    body = rows + ([last] if last else [])
    columns = [[header[0], *(row[0] for row in body)]]
    for number in range(1, len(header)):
        column = _align([row[number] for row in body])
        columns.append([header[number], *column])
    widths = [max(map(len, column)) for column in columns]
    lines = []
    for cells in zip(*columns):
        first, *others = (cell.ljust(width) if index == 0 else cell.rjust(width)
                          for index, (cell, width) in enumerate(zip(cells, widths)))
        lines.append("  ".join([first, *others]).rstrip())
    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    lines.insert(1, rule)
    if last:
        lines.insert(len(lines) - 1, rule)
    return "\n".join(lines)


def _align(cells: list[str]) -> list[str]:
    decimals = max((len(cell.partition(".")[2]) for cell in cells if cell[:1].isdigit()), default=0)
    aligned = []
    for cell in cells:
        whole, point, fraction = cell.partition(".")
        is_number = cell[:1].isdigit() and not cell.endswith("%")
        missing = decimals - len(fraction) + (0 if point else decimals > 0)
        aligned.append(cell + " " * missing if is_number else cell)
    return aligned


def chart(outcome: Outcome, width: int) -> str:
    """One line for each job; each character says what the job did for most of that time."""
    clock = Clock(outcome.unit)
    names = max(len(job.name) for job in outcome.jobs)
    cells = max(width - names - 2, 20)
    step = max(outcome.end / cells, 1)
    lines = [f"{job.name:{names}} |{_chart_line(history, cells, step, outcome.cpus)}"
             for job, history in zip(outcome.jobs, outcome.histories)]
    runs = "█ runs" if outcome.cpus == 1 else "0123.. runs on that CPU"
    end = clock.text(outcome.end)
    lines.append(f"{'':{names}} 0{end:>{cells}}")
    lines.append(f"{'':{names}} {runs}   {WAITS} waits   {BLOCKED} I/O")
    return "\n".join(lines)


def _chart_line(history: list, cells: int, step: float, cpus: int) -> str:
    time_of = [{} for _ in range(cells)]
    for start, end, what in history:
        for cell in range(int(start / step), min(int(end / step) + 1, cells)):
            overlap = min(end, (cell + 1) * step) - max(start, cell * step)
            if overlap > 0:
                time_of[cell][what] = time_of[cell].get(what, 0) + overlap
    return "".join(_character(max(times, key=times.get), cpus) if times else ABSENT
                   for times in time_of).rstrip()


def _character(what, cpus: int) -> str:
    if what == "ready":
        return WAITS
    if what == "blocked":
        return BLOCKED
    return "█" if cpus == 1 else f"{what:x}"
