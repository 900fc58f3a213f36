#!/usr/bin/env python3
"""Measures what system calls cost (tests/bench/guest) and compares with the bars.

    bench.py            on Weft, counting instructions: one CPU, the same figures in every run
    bench.py --linux    on this machine's Linux: cycles, for a look at the program itself; no bars count
    bench.py --scaling  the same operations with 10, 1,000 and 10,000 others around
"""

import argparse
import os
import re
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import linux  # noqa: E402 (needs the paths above)
import weft  # noqa: E402
from weftlib.results import Results  # noqa: E402

BARS = "tests/bench/guest/bars"
PROGRAMS = "build/guest/bin"
LINE = re.compile(r"bench (\S+) ([0-9.]+) (?:ticks|ns)$", re.MULTILINE)
WORST_RATIO = 1.2  # of the cost with 10,000 others to that with 10


def read_bars() -> dict[str, tuple[float | None, float, float]]:
    """For each name: the bar, the goal, and what a small Linux takes."""
    bars = {}
    with open(BARS, encoding="utf-8") as file:
        for line in file:
            if words := line.split("#")[0].split():
                name, bar, goal, small_linux = words
                bars[name] = (None if bar == "-" else float(bar), float(goal), float(small_linux))
    return bars


def measure(options: argparse.Namespace) -> dict[str, float]:
    plan = f"/guest/bench{' --scaling' if options.scaling else ''}\n"
    if options.linux:
        text = linux.run_plan(PROGRAMS, plan, options.silence)
    else:
        text = weft.run_plan(PROGRAMS, options.kernel, 1, plan, options.silence,
                             ["--icount", "--cpu", "qemu64", "--machine", "pc", "--mem", "2G"])
    return {name: float(value) for name, value in LINE.findall(text.replace("\r", ""))}


def judge_bars(figures: dict[str, float], results: Results) -> None:
    bars = read_bars()
    print(f"{'operation':32}{'here':>10}{'bar':>10}{'goal':>10}{'Linux':>10}")
    for name in [*bars, *(name for name in figures if name not in bars)]:
        bar, goal, small_linux = bars.get(name, (None, 0, 0))
        value = figures.get(name)
        shown = "missing" if value is None else f"{value:.0f}"
        good = value is not None and (bar is None or value <= bar)
        print(f"{name:32}{shown:>10}{'-' if bar is None else f'{bar:.0f}':>10}{goal:>10.0f}"
              f"{small_linux:>10.0f}{'' if good else '   MISSED'}")
        results.add(name, good, "" if good else f"{shown}, the bar is {bar}")


def judge_scaling(figures: dict[str, float], results: Results) -> None:
    names = sorted({name.rpartition("=")[0] for name in figures})
    if not names:
        results.add("scaling", False, "nothing was measured")
    for name in names:
        few, some, many = (figures.get(f"{name}={count}") for count in (10, 1000, 10000))
        good = None not in (few, some, many) and max(some, many) <= few * WORST_RATIO
        print(f"{name:32}{few or 0:>12.0f}{some or 0:>12.0f}{many or 0:>12.0f}{'' if good else '   GROWS'}")
        results.add(name, good, "" if good else f"{few} with 10, {some} with 1,000, {many} with 10,000")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--linux", action="store_true")
    parser.add_argument("--scaling", action="store_true")
    parser.add_argument("--kernel", default="build/release/weft.elf", metavar="FILE")
    parser.add_argument("--name", default="guest-bench", help="of the report in build/reports/")
    parser.add_argument("--silence", type=float, default=120, metavar="S")
    options = parser.parse_args()
    results = Results(options.name, "tools/guest/bench.py" + (" --scaling" if options.scaling else ""))
    figures = measure(options)
    if options.linux:
        for name, value in figures.items():
            print(f"{name:40}{value:12.0f}")
        return 0 if figures else 1
    (judge_scaling if options.scaling else judge_bars)(figures, results)
    results.write()
    print(results.summary())
    return 1 if results.failures else 0


if __name__ == "__main__":
    sys.exit(main())
