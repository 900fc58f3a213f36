#!/usr/bin/env python3
"""Runs the guest cases and programs on Linux and on Weft, and compares what they print.

    run.py                            all families, on Linux and on Weft with 1, 2 and 4 CPUs
    run.py --linux-only               only the oracle: does it say what tests/guest/expected/ says?
    run.py pipes                      one family
    run.py pipes.pipe_is_atomic       one case
    run.py programs                   the whole programs of tests/guest/programs/
    run.py --direct start.brk_grows   that case as process 1 itself, for a kernel that cannot fork yet
    run.py --linux-only --times 20    each case again and again: is it stable?
    run.py --weft-only --times 50 programs
    run.py --update pipes             write what Linux says into tests/guest/expected/

Three witnesses: the transcript that is checked in (what a reader of the case can look up), Linux on
this machine now, and Weft. A case passes on Linux when Linux says what is checked in, and on Weft
when Weft says it too. Where Linux can't be asked (no rights to build its world), Weft alone is.
"""

import argparse
import os
import re
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import linux  # noqa: E402 (needs the paths above)
import transcript  # noqa: E402
import weft  # noqa: E402
from jobs import FAMILIES, NEEDS_LINUX, PROGRAMS, WEFT_ONLY, Job  # noqa: E402
from weftlib.results import Results  # noqa: E402



def choose(wanted: list[str], skipped: list[str], direct: bool) -> list[Job]:
    jobs: dict[str, Job] = {}
    for text in wanted or [each for each in (*FAMILIES, *WEFT_ONLY) if each not in skipped]:
        family, _, case = text.partition(".")
        if family not in (*FAMILIES, *WEFT_ONLY, PROGRAMS):
            sys.exit(f"there is no family '{family}': {' '.join([*FAMILIES, *WEFT_ONLY, PROGRAMS])}")
        job = jobs.setdefault(family, Job(family, direct=direct))
        if case:
            job.names.append(case)
    for job in jobs.values():
        if direct and not job.names:
            job.names = list(job.expected())
    return list(jobs.values())


def compare(results: Results, job: Job, got: dict, got_from: str, seconds: float,
            left_out: set[str] = frozenset()) -> None:
    """One result for each case that is expected or came."""
    wanted = job.expected()
    names = [name for name in [*wanted, *(name for name in got if name not in wanted)]
             if name not in left_out]
    if not names:
        results.add(job.family, False, "there are no cases at all")
    for name in names:
        message = transcript.difference(wanted.get(name), job.expected_file(), got.get(name), got_from)
        if message:
            message += f"\nto repeat it: {results.repeat} {job.family}.{name}"
            print(f"FAIL {job.family}.{name}\n{message}")
        results.add(f"{job.family}.{name}", not message, message, seconds / len(names))


def update(job: Job, got: dict) -> None:
    cases = Job(job.family).expected() | got if job.names else got
    os.makedirs(os.path.dirname(job.expected_file()), exist_ok=True)
    with open(job.expected_file(), "w", encoding="utf-8") as file:
        file.write(transcript.render(cases))


def too_new_for_this_linux() -> set[str]:
    release = tuple(int(number) for number in re.findall(r"[0-9]+", os.uname().release)[:2])
    return {name for name, needed in NEEDS_LINUX.items() if release < needed}


def run_linux(jobs: list[Job], options: argparse.Namespace) -> Results:
    results = Results(options.name if options.linux_only else f"{options.name}-linux",
                      "tools/guest/run.py --linux-only")
    for job in jobs:
        for _ in range(options.times):
            start = time.monotonic()
            got = transcript.parse(
                job.run(lambda plan: linux.run_plan(job.folder, plan, options.silence)))
            if options.update:
                update(job, got)
            compare(results, job, got, "Linux", time.monotonic() - start, too_new_for_this_linux())
    return results


def nothing_to_ask(name: str, problem: str) -> Results:
    """A machine without the rights for namespaces is no failure of Weft's; the report says so."""
    results = Results(name, "tools/guest/run.py --linux-only")
    results.add(f"Linux cannot be asked here: {problem}", True)
    return results


def run_weft(jobs: list[Job], options: argparse.Namespace, cpus: int) -> Results:
    is_alone = options.weft_only and "," not in options.cpus
    results = Results(options.name if is_alone else f"{options.name}-weft-{cpus}",
                      f"tools/guest/run.py --weft-only --cpus {cpus}")
    for job in jobs:
        for _ in range(options.times):
            start = time.monotonic()
            text = job.run(
                lambda plan: weft.run_plan(job.folder, options.kernel, cpus, plan, options.silence,
                                           ["--mem", options.mem]), options.fail_fast)
            got = transcript.parse(text)
            if not got:
                print("\n".join(["No case was run. The machine said:", *text.splitlines()[-20:]]))
            seconds = time.monotonic() - start
            compare(results, job, got, f"Weft, {cpus} CPUs", seconds)
            # Whoever waits for the whole sees that it goes on.
            print(f"  {job.family}: {len(got)} cases in {seconds:.1f} s", flush=True)
            if options.fail_fast and results.failures:
                return results
    return results


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("wanted", nargs="*", metavar="FAMILY[.CASE]")
    parser.add_argument("--skip", action="append", default=[], metavar="FAMILY", help="when all are meant")
    parser.add_argument("--linux-only", action="store_true")
    parser.add_argument("--weft-only", action="store_true")
    parser.add_argument("--direct", action="store_true", help="nothing forks but the cases themselves")
    parser.add_argument("--update", action="store_true", help="write Linux's answers down as expected")
    parser.add_argument("--times", type=int, default=1, metavar="N", help="everything N times")
    parser.add_argument("--cpus", default="1,2,4", metavar="LIST", help="for Weft")
    parser.add_argument("--mem", default="2G", metavar="SIZE", help="of Weft's machine")
    parser.add_argument("--kernel", default="build/release/weft.elf", metavar="FILE")
    parser.add_argument("--name", default="guest",
                        help="of the reports in build/reports/; with several, -linux and -weft-N are added")
    parser.add_argument("--silence", type=float, default=60, metavar="S",
                        help="a case that prints nothing for so long hangs")
    parser.add_argument("--fail-fast", action="store_true", help="on Weft: nothing after a case that hangs, or a family that fails")
    options = parser.parse_args()
    jobs = choose(options.wanted, options.skip, options.direct)
    parts = []
    if not options.weft_only:
        try:
            parts.append(run_linux([job for job in jobs if job.family not in WEFT_ONLY], options))
        except linux.NoOracle as problem:
            print(f"Linux cannot be asked here ({problem}): only what is checked in counts")
            if options.linux_only:
                parts.append(nothing_to_ask(options.name, str(problem)))
    if not options.linux_only:
        parts += [run_weft(jobs, options, int(cpus)) for cpus in options.cpus.split(",")]
    for results in parts:
        results.write()
        print(results.summary())
    failed = sum(len(results.failures) for results in parts)
    passed = sum(len(results.cases) for results in parts) - failed
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
