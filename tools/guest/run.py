#!/usr/bin/env python3
"""Runs the guest cases on Linux and on Weft, and compares what they print.

    run.py                          all families, on Linux and on Weft with 1, 2 and 4 CPUs
    run.py --linux-only             only the oracle: does it say what tests/guest/expected/ says?
    run.py pipes                    one family
    run.py pipes.pipe_is_atomic     one case
    run.py --linux-only --times 20  each case again and again: is it stable?
    run.py --update pipes           write what Linux says into tests/guest/expected/

Three witnesses: the transcript that is checked in (what a reader of the case can look up), Linux on
this machine now, and Weft. A case passes on Linux when Linux says what is checked in, and on Weft
when Weft says it too. Where Linux can't be asked (no rights to build its world), Weft alone is.
"""

import argparse
import os
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import linux  # noqa: E402 (needs the paths above)
import transcript  # noqa: E402
import weft  # noqa: E402
from weftlib.results import Results  # noqa: E402

EXPECTED = "tests/guest/expected"
PROGRAMS = "build/guest/bin"
CALLS = "build/gen/oracle/table.json"

# In the order of the staircase: what a family needs stands before it.
FAMILIES = [
    "start", "memory", "processes", "signals", "files", "directories", "descriptors", "pipes", "threads",
    "futex", "time", "polling", "epoll", "timers", "groups", "terminal", "scheduling", "identity", "proc",
    "sockets",
]


class Selection:
    """Which families, and which of their cases."""

    def __init__(self, wanted: list[str]):
        self.names: dict[str, list[str]] = {}
        for text in wanted:
            family, _, case = text.partition(".")
            if family not in FAMILIES:
                sys.exit(f"there is no family '{family}': {' '.join(FAMILIES)}")
            self.names.setdefault(family, [])
            if case:
                self.names[family].append(case)
        if not wanted:
            self.names = {family: [] for family in FAMILIES}

    def expected(self, family: str) -> dict[str, transcript.CaseText]:
        cases = {}
        path = f"{EXPECTED}/{family}.txt"
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                cases = transcript.parse(file.read())
        names = self.names[family]
        return {name: case for name, case in cases.items() if not names or name in names}


def compare(results: Results, family: str, wanted: dict, got: dict, got_from: str, seconds: float,
            repeat: str) -> None:
    """One result for each case of either side."""
    names = [*wanted, *(name for name in got if name not in wanted)]
    if not names:
        results.add(family, False, "this family has no cases at all")
    for name in names:
        message = transcript.difference(
            wanted.get(name), f"{EXPECTED}/{family}.txt", got.get(name), got_from)
        if message:
            message += f"\nto repeat it: {repeat} {family}.{name}"
            print(f"FAIL {family}.{name}\n{message}")
        results.add(f"{family}.{name}", not message, message, seconds / len(names))


def calls_file() -> str | None:
    return CALLS if os.path.exists(CALLS) else None


def run_linux(selection: Selection, options: argparse.Namespace) -> Results:
    results = Results("guest-linux", "tools/guest/run.py --linux-only")
    for family, names in selection.names.items():
        for _ in range(options.times):
            start = time.monotonic()
            text = linux.run_family(PROGRAMS, calls_file(), family, names, options.silence)
            got = transcript.parse(text)
            if options.update:
                update(family, selection, got)
            compare(results, family, selection.expected(family), got, "Linux",
                    time.monotonic() - start, results.repeat)
    return results


def update(family: str, selection: Selection, got: dict) -> None:
    os.makedirs(EXPECTED, exist_ok=True)
    cases = got
    if selection.names[family]:
        cases = Selection([family]).expected(family) | got
    with open(f"{EXPECTED}/{family}.txt", "w", encoding="utf-8") as file:
        file.write(transcript.render(cases))


def run_weft(selection: Selection, options: argparse.Namespace, cpus: int) -> Results:
    results = Results(f"guest-weft-{cpus}", f"tools/guest/run.py --weft-only --cpus {cpus}")
    for family, names in selection.names.items():
        start = time.monotonic()
        text = weft.run_family(PROGRAMS, options.kernel, cpus, family, names, options.silence)
        compare(results, family, selection.expected(family), transcript.parse(text), f"Weft, {cpus} CPUs",
                time.monotonic() - start, results.repeat)
    return results


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("wanted", nargs="*", metavar="FAMILY[.CASE]")
    parser.add_argument("--linux-only", action="store_true")
    parser.add_argument("--weft-only", action="store_true")
    parser.add_argument("--update", action="store_true", help="write Linux's answers down as expected")
    parser.add_argument("--times", type=int, default=1, metavar="N", help="each case N times on Linux")
    parser.add_argument("--cpus", default="1,2,4", metavar="LIST", help="for Weft")
    parser.add_argument("--kernel", default="build/release/weft.elf", metavar="FILE")
    parser.add_argument("--silence", type=float, default=60, metavar="S",
                        help="a case that prints nothing for so long hangs")
    options = parser.parse_args()
    selection = Selection(options.wanted)
    parts = []
    if not options.weft_only:
        try:
            parts.append(run_linux(selection, options))
        except linux.NoOracle as problem:
            print(f"Linux cannot be asked here ({problem}): only what is checked in counts")
    if not options.linux_only:
        parts += [run_weft(selection, options, int(cpus)) for cpus in options.cpus.split(",")]
    for results in parts:
        results.write()
        print(results.summary())
    failed = sum(len(results.failures) for results in parts)
    passed = sum(len(results.cases) for results in parts) - failed
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
