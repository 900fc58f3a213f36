"""What the demos measure, on Weft: their --csv, read back."""

import csv
import statistics
import subprocess
from dataclasses import dataclass

from table import Demo

MARK = "---- "


class RunError(Exception):
    """A run that did not bring all figures: its output."""


@dataclass(frozen=True)
class Figures:
    """One demo's table on one machine."""
    columns: list[str]  # the first is of names or counts, the others are of values
    names: list[str]
    values: list[list[float]]  # a row for each name

    def column(self, index: int) -> list[float]:
        """The values of a column, counted from the first that has any."""
        return [row[index] for row in self.values]


def read(text: str) -> Figures:
    rows = list(csv.reader(text.splitlines()))
    if len(rows) < 2 or len({len(row) for row in rows}) != 1:
        raise RunError(f"these are no figures:\n{text}")
    return Figures(rows[0], [row[0] for row in rows[1:]], [[float(cell) for cell in row[1:]] for row in rows[1:]])


def command_for(demos: list[Demo]) -> str:
    return "; ".join(f"echo '{MARK}{demo.name}'; {demo.command} --csv" for demo in demos)


def parts_of(output: str, demos: list[Demo]) -> dict[str, Figures]:
    """By name. The machine's own first line stands in front of the first mark."""
    pieces = output.replace("\r\n", "\n").split(MARK)[1:]
    texts = dict(piece.split("\n", 1) for piece in pieces)
    missing = [demo.name for demo in demos if demo.name not in texts]
    if missing:
        raise RunError(f"no figures of {', '.join(missing)}:\n{output}")
    return {demo.name: read(texts[demo.name]) for demo in demos}


def median(runs: list[Figures]) -> Figures:
    """Of several runs, value by value: so a run that was disturbed doesn't count."""
    first = runs[0]
    values = [[statistics.median(run.values[row][column] for run in runs) for column in range(len(first.columns) - 1)]
              for row in range(len(first.names))]
    return Figures(first.columns, first.names, values)


@dataclass(frozen=True)
class Machine:
    """What to measure on. With counted instructions one takes a nanosecond, so the figures are the same in every run; that
    can't be with several CPUs, which are to run at the same time."""
    name: str
    cpus: int
    counts: bool = False
    times: int = 1

    def options(self) -> list[str]:
        return ["--cpus", str(self.cpus), *(["--icount"] if self.counts else [])]


MACHINES = {
    "instructions": [Machine("1 CPU, an instruction a nanosecond", 1, counts=True)],
    "time": [Machine("1 CPU", 1, times=3), Machine("2 CPUs", 2, times=3)],
}


def measure(weft: list[str], machine: Machine, demos: list[Demo]) -> dict[str, Figures]:
    """All of them in one run, several times over; `weft` is the command that runs them, without the machine."""
    runs = [_run([*weft, *machine.options(), "--cmd", command_for(demos)], demos) for _ in range(machine.times)]
    return {demo.name: median([run[demo.name] for run in runs]) for demo in demos}


def _run(command: list[str], demos: list[Demo]) -> dict[str, Figures]:
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = done.stdout.decode(errors="replace")
    if done.returncode != 0:
        raise RunError(f"the run ended with {done.returncode}:\n{output}")
    return parts_of(output, demos)
