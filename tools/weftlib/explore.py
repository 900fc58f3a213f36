"""Runs the interleaving explorer's scenarios, each in a process of its own, and writes a report.

A scenario passes if its search ends as it says that it must: without a finding, or, for the known
mistakes among them, with the right one. `--replay` repeats one saved run, `--gdb` under the debugger."""

import argparse
import fnmatch
import json
import os
import shlex
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from weftlib.errors import SetupError
from weftlib.results import Results

BINARY = "build/explore/explore"
SAVED = "build/explore/saved"
RANDOM_PROGRAMS = 2_000
LONGEST_STORY = 40  # lines
LEAST_INTERLEAVINGS = 1_000_000  # that all scenarios together go through, each different from all others


@dataclass
class Outcome:
    name: str
    status: int
    text: str
    report: dict


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tools/weft explore", description=__doc__)
    parser.add_argument("--name", default="explore", help="the name of the report")
    parser.add_argument("--scenario", default="*", metavar="PATTERN", help="only the scenarios that match")
    parser.add_argument("--long", action="store_true", help="go further, and say how far")
    parser.add_argument("--seed", default="1", help="of the runs with random priorities")
    parser.add_argument("--jobs", type=int, default=1, help="so many scenarios at once")
    parser.add_argument("--replay", metavar="FILE", help="repeat the run that a search has saved")
    parser.add_argument("--gdb", action="store_true", help="with --replay: under gdb, stopped before its start")
    options = parser.parse_args(arguments)
    if not os.path.isfile(BINARY):
        raise SetupError(f"there is no {BINARY}; `make explore` builds it")
    if options.replay:
        return replay(options.replay, options.gdb)

    names = [name for name in scenarios() if fnmatch.fnmatch(name, options.scenario)]
    if not names:
        raise SetupError(f"no scenario matches {options.scenario}; they are: {', '.join(scenarios())}")
    results = Results(options.name, shlex.join(["tools/weft", "explore", *arguments]))
    more = ["--seed", options.seed, *(["--long"] if options.long else [])]
    reports = []
    with ThreadPoolExecutor(options.jobs) as pool:
        for outcome in pool.map(lambda name: explore(name, more), names):
            print(outcome.text, end="", flush=True)
            reports.append(outcome.report)
            results.add(outcome.name, outcome.status == 0, outcome.text, outcome.report.get("seconds", 0.0))
            if outcome.report.get("verdict", "passed") != "passed":
                check_story(results, outcome)
            elif outcome.report.get("ran_out") and not options.long:
                results.add(f"{outcome.name}: as far as it says", False, "it takes too many steps; lower its bound")
    if options.scenario == "*":
        add_totals(results, reports)
        check_reduction(results, options.seed)
    results.write()
    print(results.summary())
    return 1 if results.failures else 0


def scenarios() -> list[str]:
    done = subprocess.run([BINARY, "--list"], text=True, check=True, stdout=subprocess.PIPE)
    return sorted(line.split("\t")[0] for line in done.stdout.splitlines())


def explore(name: str, more: list[str], binary: str = BINARY, save_as: str = "") -> Outcome:
    """Searches one scenario; what it found is saved for a replay."""
    os.makedirs(SAVED, exist_ok=True)
    with tempfile.NamedTemporaryFile(prefix="weft-explore-", suffix=".json") as report:
        done = subprocess.run([binary, name, "--save", f"{SAVED}/{save_as or name}.schedule", "--report", report.name, *more],
                              text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            read = json.load(open(report.name, encoding="utf-8"))
        except ValueError:
            read = {}
    return Outcome(name, done.returncode, done.stdout, read)


def check_story(results: Results, outcome: Outcome) -> None:
    """A failing run is saved, and told in so many lines that they can be read; replayed, it is the same."""
    lines = outcome.text.splitlines()[1:]  # the first is the search's
    results.add(f"{outcome.name}: a short story", len(lines) <= LONGEST_STORY, f"{len(lines)} lines")
    done = subprocess.run([BINARY, "--replay", f"{SAVED}/{outcome.name}.schedule"], text=True, check=False,
                          stdout=subprocess.PIPE)
    results.add(f"{outcome.name}: repeats itself", done.stdout.splitlines() == lines, done.stdout)


def check_reduction(results: Results, seed: str) -> None:
    """What the search leaves out must make no difference, as far as random programs can show."""
    done = subprocess.run([BINARY, "--compare", str(RANDOM_PROGRAMS), "--seed", seed], text=True, check=False,
                          stdout=subprocess.PIPE)
    print(done.stdout, end="")
    results.add("the reduced search sees every outcome", done.returncode == 0, done.stdout)


def add_totals(results: Results, reports: list[dict]) -> None:
    runs, steps, seconds = (sum(report.get(key, 0) for report in reports) for key in ("runs", "steps", "seconds"))
    print(f"{len(reports)} scenarios, {runs:,} different interleavings, {steps:,} steps "
          f"in {seconds:.1f} s of one core, {steps / max(seconds, 0.001):,.0f} steps a second")
    results.add(f"at least {LEAST_INTERLEAVINGS:,} interleavings", runs >= LEAST_INTERLEAVINGS, f"only {runs:,}")


def replay(path: str, with_gdb: bool) -> int:
    command = [BINARY, "--replay", path]
    if with_gdb:
        # What went wrong ends in Engine::fail: from there, go backwards through the calls.
        command = ["gdb", "-q", "-ex", "break weft::explore::Engine::fail", "--args", *command]
    return subprocess.run(command, check=False).returncode
