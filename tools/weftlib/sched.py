"""tools/weft sched: simulates scheduling policies, the kernel's own code, on a described set of jobs.

It prints response, turnaround and waiting times, fairness, and a Gantt chart. tests/sched/ has
examples of workloads; tools/schedsim/README.md describes their format.
"""

import argparse
import functools
import json
import os
import shutil
import subprocess
from dataclasses import asdict

from weftlib import sched_chart, sched_text
from weftlib.errors import SetupError
from weftlib.sched_figures import Outcome, figures_of

POLICIES = ["rr", "prio", "mlfq", "fair"]
MOST_CPUS = 16
SIMULATOR = "build/schedsim/schedsim"
EXAMPLES = "tests/sched"
HOME = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))


def main(arguments: list[str]) -> int:
    options = _parse(arguments)
    build_simulator()
    workload = find_workload(options.workload)
    outcomes = [simulate(policy, options.cpus, workload) for policy in options.compare]
    if options.svg:
        _write(options.svg, sched_chart.svg(outcomes, os.path.basename(workload)))
    if options.json:
        print(json.dumps([_plain(outcome) for outcome in outcomes], indent=1))
    else:
        _print(outcomes, workload, options.width)
        if options.svg:
            print(f"\nchart: {options.svg}")
    return 0


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tools/weft sched", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workload", required=True, metavar="FILE",
                        help="the jobs; the name of an example is enough: convoy")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--policy", choices=POLICIES, default="fair", help="default: fair")
    which.add_argument("--compare", type=_policies, metavar="rr,prio,...",
                       help="several policies, beside one another; 'all' for all")
    parser.add_argument("--cpus", type=_cpus, default=1, metavar="N", help="default: 1")
    parser.add_argument("--svg", metavar="OUT", help="write the Gantt chart as a picture, too")
    parser.add_argument("--json", action="store_true", help="print figures for programs, in ns")
    parser.add_argument("--width", type=int, metavar="COLUMNS",
                        default=shutil.get_terminal_size((100, 25)).columns,
                        help="of the chart (default: the terminal's)")
    options = parser.parse_args(arguments)
    options.compare = options.compare or [options.policy]
    return options


def _policies(text: str) -> list[str]:
    names = POLICIES if text == "all" else text.split(",")
    for name in names:
        if name not in POLICIES:
            raise argparse.ArgumentTypeError(f"there is no policy '{name}', only {', '.join(POLICIES)}")
    return names


def _cpus(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= MOST_CPUS:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 1 to {MOST_CPUS}")
    return int(text)


@functools.cache
def build_simulator() -> None:
    """It takes part in the build like everything else, so it is never older than the policies."""
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    made = subprocess.run(["make", "-C", HOME, "schedsim"], env=environment, text=True, check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if made.returncode != 0:
        raise SetupError(f"the simulator does not build:\n{made.stdout}")


def find_workload(name: str) -> str:
    example = os.path.join(HOME, EXAMPLES, name + ".txt")
    if not os.path.exists(name) and os.path.isfile(example):
        return os.path.relpath(example)
    return name


def simulate(policy: str, cpus: int, workload: str) -> Outcome:
    ended = subprocess.run([os.path.join(HOME, SIMULATOR), policy, str(cpus), workload], text=True,
                           check=False, stdin=subprocess.DEVNULL, capture_output=True)
    if ended.returncode != 0:
        raise SetupError(ended.stderr.strip() or f"the simulator ended with status {ended.returncode}")
    return figures_of(policy, cpus, json.loads(ended.stdout))


def _print(outcomes: list[Outcome], workload: str, width: int) -> None:
    for outcome in outcomes:
        cpus = "1 CPU" if outcome.cpus == 1 else f"{outcome.cpus} CPUs"
        clock = sched_text.Clock(outcome.unit)
        print(f"{outcome.policy}: {workload}, {cpus}, {clock.explanation}\n")
        print(sched_text.chart(outcome, width))
        print()
        if len(outcomes) == 1:
            print(sched_text.jobs_table(outcome))
            print(sched_text.summary(outcome))
    if len(outcomes) > 1:
        print(sched_text.comparison_table(outcomes))
        print("Means over all jobs, but the longest wait and the largest lag of any job.")


def _plain(outcome: Outcome) -> dict:
    plain = asdict(outcome)
    del plain["histories"]
    plain["cpu_use"] = outcome.cpu_use
    for job, figures in zip(plain["jobs"], outcome.jobs):
        job["turnaround"] = figures.turnaround
    for what in ("response", "waiting", "turnaround"):
        plain[f"mean_{what}"] = outcome.mean(what)
    return plain


def _write(path: str, text: str) -> None:
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise SetupError(f"can't write {path}: {error.strerror}") from error
