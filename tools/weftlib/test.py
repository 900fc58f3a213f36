"""tools/weft test: boots a kernel that tests itself, checks the verdict, and writes a report of its
tests. The run itself is one more test: it must end as it should."""

import argparse
import re
import shlex
import sys
import time

from weftlib import machine
from weftlib.explain import explain, serial_lines
from weftlib.guest import Console, Guest, end_on_signals
from weftlib.results import FOLDER, Results
from weftlib.verdict import Kind, judge


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tools/weft test", description=__doc__)
    machine.add_arguments(parser)
    parser.add_argument("--name", default="kernel", help="the name of the report in build/reports")
    parser.add_argument("--silence", type=float, default=60, metavar="SECONDS",
                        help="how long the guest may be silent (default 60)")
    parser.add_argument("--cmd", metavar="COMMANDS", help="a session instead of self-tests: run these")
    parser.add_argument("--type", metavar="TEXT", default="",
                        help="a session: type this at the first prompt (\\n is the Enter key)")
    parser.add_argument("--expect", action="append", default=[], metavar="REGEX",
                        help="the guest must print a line with this; may be given often")
    parser.add_argument("--status", type=int, help="the session must end with this exit status")
    parser.add_argument("--panics", metavar="REGEX", help="the guest must panic, with such a reason")
    options = parser.parse_args(arguments)

    computer = machine.from_arguments(options)
    if options.cmd is not None:
        computer.append.append(f'cmd="{options.cmd}"')
    is_session = bool(options.cmd is not None or options.type or options.expect or options.panics
                      or options.status is not None)
    console = Console(typed=options.type.replace("\\n", "\n").encode(),
                      log=f"{FOLDER}/{options.name}.log")
    end_on_signals()
    started = time.monotonic()
    with Guest(computer, options.silence, console) as guest:
        ending = guest.wait()
    verdict = judge(ending, guest.report, wants_tests=not is_session, wanted_status=options.status or 0)
    seconds = time.monotonic() - started

    results = Results(options.name, shlex.join(["tools/weft", "test", *arguments]))
    for test in guest.report.tests:
        results.add(test.name, test.passed, test.text)
    results.add("the verdict", *_verdict_case(verdict, options.panics), seconds)
    lines = serial_lines(guest)
    for pattern in options.expect:
        found = any(re.search(pattern, line) for line in lines)
        results.add(f"prints /{pattern}/", found, "" if found else "no line of the serial port has it")
    results.write()

    if results.failures:
        for case in results.failures:
            print(f"  failed: {case.name}: {case.message}", file=sys.stderr)
        explain(verdict, guest, ["test", *arguments])
    print(f"{results.summary()} ({seconds:.1f} s)")
    if not results.failures:
        return 0
    return verdict.kind.exit_status or Kind.WRONG_ANSWER.exit_status


def _verdict_case(verdict, panics: str | None) -> tuple[bool, str]:
    """Whether the run ended as it should, and if not, how."""
    if panics is None:
        return verdict.passed, str(verdict)
    found = verdict.kind is Kind.CRASH and re.search(panics, verdict.reason) is not None
    return found, f"wanted a panic like /{panics}/, got: {verdict}"
