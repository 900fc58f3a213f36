"""tools/weft panics: boots the self-tests that must end in a panic, one by one, and checks that each panics
with the reason it should (tests/kernel/expected_panics.txt says which)."""

import argparse
import re
import shlex
import sys
from dataclasses import dataclass, replace

from weftlib import machine
from weftlib.errors import SetupError
from weftlib.explain import explain, serial_lines
from weftlib.guest import Console, Guest, end_on_signals
from weftlib.results import FOLDER, Results
from weftlib.verdict import Kind, judge

LIST = "tests/kernel/expected_panics.txt"


@dataclass
class ExpectedPanic:
    name: str
    kernels: str  # both, debug or release
    reason: str
    line: str = ""  # a line of the console must match this


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tools/weft panics", description=__doc__)
    machine.add_arguments(parser)
    parser.add_argument("--name", default="panics", help="the name of the report")
    parser.add_argument("--mode", choices=("debug", "release"), required=True,
                        help="which of the tests: those that this kind of kernel notices")
    parser.add_argument("--list", default=LIST, metavar="FILE")
    parser.add_argument("--only", default="", metavar="TEXT", help="only tests with this in the name")
    parser.add_argument("--silence", type=float, default=60, metavar="SECONDS")
    options = parser.parse_args(arguments)

    computer = machine.from_arguments(options)
    end_on_signals()
    results = Results(options.name, shlex.join(["tools/weft", "panics", *arguments]))
    for expected in read_list(options.list):
        if expected.kernels not in ("both", options.mode) or options.only not in expected.name:
            continue
        one = replace(computer, append=[*computer.append, f"test={expected.name}"])
        console = Console(log=f"{FOLDER}/{options.name}-{expected.name}.log")
        with Guest(one, options.silence, console) as guest:
            verdict = judge(guest.wait(), guest.report, wants_tests=True)
        problem = find_problem(expected, verdict, serial_lines(guest))
        results.add(expected.name, problem is None, problem or "")
        if problem is not None:
            print(f"  failed: {expected.name}: {problem}", file=sys.stderr)
            explain(verdict, guest, ["panics", *arguments, "--only", expected.name])
    results.write()
    print(results.summary())
    return 1 if results.failures or not results.cases else 0


def read_list(path: str) -> list[ExpectedPanic]:
    try:
        with open(path, encoding="utf-8") as file:
            lines = [line.strip() for line in file]
        return [ExpectedPanic(*re.split(r"\s+\|\s+", line)) for line in lines
                if line and not line.startswith("#")]
    except (OSError, TypeError) as error:
        raise SetupError(f"the list of panics {path} can't be read: {error}") from error


def find_problem(expected: ExpectedPanic, verdict, lines: list[str]) -> str | None:
    """What is wrong with how it ended, if anything is."""
    if verdict.kind is not Kind.CRASH or re.search(expected.reason, verdict.reason) is None:
        return f"wanted a panic like /{expected.reason}/, got: {verdict}"
    if not verdict.reason.startswith("panic: "):
        return f"the panic was not reported: {verdict}"
    if expected.line and not any(re.search(expected.line, line) for line in lines):
        return f"no line of the console is like /{expected.line}/"
    return None
