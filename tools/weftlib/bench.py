"""tools/weft bench: measures boot time and instruction counts, prints them beside their bars
(tests/bench/bars.txt), and fails when a bar is missed."""

import argparse
import json
import os
import shlex
import statistics
import sys
import time
from dataclasses import asdict, dataclass

from weftlib.errors import SetupError
from weftlib.explain import explain
from weftlib.guest import Console, Guest, end_on_signals
from weftlib.machine import Machine
from weftlib.results import FOLDER, Results
from weftlib.verdict import judge

BARS = "tests/bench/bars.txt"
BOOT_MACHINES = ("microvm", "q35")
SILENCE_SECONDS = 60


@dataclass
class Bar:
    name: str
    at_most: float
    unit: str


@dataclass
class Figure:
    name: str
    value: float
    unit: str
    least: float | None = None
    most: float | None = None


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tools/weft bench", description=__doc__)
    parser.add_argument("--name", default="bench", help="the name of the report")
    parser.add_argument("--only", choices=("all", "boot", "counts"), default="all")
    parser.add_argument("--kernel", default="build/release/weft.elf", help="for the boot time")
    parser.add_argument("--test-kernel", default="build/release/weft-test.elf", help="for the counts")
    parser.add_argument("--runs", type=int, default=11, help="boots on each machine (default 11)")
    parser.add_argument("--bars", default=BARS, metavar="FILE")
    options = parser.parse_args(arguments)

    bars = [bar for bar in read_bars(options.bars)
            if options.only in ("all", "boot" if bar.name.startswith("boot_") else "counts")]
    end_on_signals()
    figures: list[Figure] = []
    if options.only in ("all", "boot"):
        figures += [boot_time(options.kernel, machine, options.runs) for machine in BOOT_MACHINES]
    results = Results(options.name, shlex.join(["tools/weft", "bench", *arguments]))
    if options.only in ("all", "counts"):
        figures += counts(options.test_kernel, results)
    for bar in bars:
        results.add(f"{bar.name} <= {bar.at_most:g} {bar.unit}", *compare(bar, figures))
    print_table(figures, {bar.name: bar for bar in bars})
    results.write()
    write_figures(options.name, figures)
    for case in results.failures:
        print(f"  failed: {case.name}: {case.message}", file=sys.stderr)
    print(results.summary())
    return 1 if results.failures else 0


def read_bars(path: str) -> list[Bar]:
    try:
        with open(path, encoding="utf-8") as file:
            lines = [line.split("#")[0].split() for line in file]
        return [Bar(name, float(at_most), unit) for name, at_most, unit in filter(None, lines)]
    except (OSError, ValueError) as error:
        raise SetupError(f"the bars in {path} can't be read: {error}") from error


def boot_time(kernel: str, machine: str, runs: int) -> Figure:
    """Host time from QEMU's start to the first prompt, in milliseconds: the median."""
    computer = Machine(kernel=kernel, machine=machine)
    computer.check()
    times = []
    for _ in range(runs):
        guest = Guest(computer, SILENCE_SECONDS, Console(), controlled=False)
        started = time.monotonic()
        with guest:
            ending = guest.wait(until=lambda report: report.prompted)
            times.append((time.monotonic() - started) * 1000)
        if ending is not None:
            explain(judge(ending, guest.report, wants_tests=False), guest, ["run", "--kernel", kernel])
            raise SetupError(f"the kernel came to no prompt on {machine}")
    return Figure(f"boot_{machine}", statistics.median(times), "ms", min(times), max(times))


def counts(kernel: str, results: Results) -> list[Figure]:
    """What the test kernel counts, with one clock tick for each instruction. Its run must pass."""
    computer = Machine(kernel=kernel, machine="microvm", cpu="qemu64", icount=True,
                       append=["test=bench"])
    computer.check()
    with Guest(computer, SILENCE_SECONDS, Console()) as guest:
        ending = guest.wait()
    verdict = judge(ending, guest.report, wants_tests=True)
    if not verdict.passed:
        explain(verdict, guest, ["test", "--kernel", kernel, "--cpu", "qemu64", "--icount",
                                 "--append", "test=bench"])
    results.add("the counting run", verdict.passed, str(verdict))
    return [Figure(line.name, line.value, line.unit) for line in guest.report.benches]


def compare(bar: Bar, figures: list[Figure]) -> tuple[bool, str]:
    measured = [figure for figure in figures if figure.name == bar.name]
    if not measured:
        return False, "was not measured"
    if measured[0].unit != bar.unit:
        return False, f"was measured in {measured[0].unit}"
    return measured[0].value <= bar.at_most, f"{measured[0].value:g} {bar.unit}"


def print_table(figures: list[Figure], bars: dict[str, Bar]) -> None:
    print(f"{'what':28} {'figure':>10} {'at most':>10} unit")
    for figure in figures:
        bar = bars.get(figure.name)
        spread = "" if figure.least is None else f"  ({figure.least:.1f} to {figure.most:.1f})"
        missed = "  MISSED" if bar is not None and figure.value > bar.at_most else ""
        print(f"{figure.name:28} {figure.value:10.1f} {f'{bar.at_most:g}' if bar else '-':>10} "
              f"{figure.unit}{spread}{missed}")


def write_figures(name: str, figures: list[Figure]) -> None:
    os.makedirs(FOLDER, exist_ok=True)
    with open(f"{FOLDER}/{name}-figures.json", "w", encoding="utf-8") as file:
        json.dump([asdict(figure) for figure in figures], file, indent=1)
        file.write("\n")
