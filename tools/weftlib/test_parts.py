"""Builds and runs the parts of `make test`, and counts what passed (see tools/testrun)."""

import argparse
import fnmatch
import os
import selectors
import shlex
import shutil
import signal
import subprocess
import sys
import time
import traceback
from dataclasses import dataclass

from weftlib import results
from weftlib.guest import end_on_signals
from weftlib.parts import Part, all_parts
from weftlib.results import Results
from weftlib.verdict import Kind

SILENCE_SECONDS = 180  # a part that prints nothing for so long has hung
MESSAGE_LINES = 25
TAIL_LINES = 40
SHOWS_PROGRESS = sys.stdout.isatty()


@dataclass
class Running:
    """A part's process, and what it has printed."""

    part: Part
    process: subprocess.Popen
    started: float
    last_sign: float
    output: bytearray
    hung: bool = False


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tools/testrun", description=__doc__)
    parser.add_argument("--only", default="*", metavar="PATTERN", help="only the parts that match")
    parser.add_argument("--list", action="store_true", help="say which parts there are")
    parser.add_argument("--jobs", type=int, default=max(2, min(4, os.cpu_count() or 1)), metavar="N")
    options = parser.parse_args(arguments)
    parts = [part for part in all_parts() if fnmatch.fnmatch(part.name, options.only)]
    if options.list:
        print("\n".join(part.name for part in parts))
        return 0
    end_on_signals()
    try:
        passed, failed = run_all(parts, options.jobs)
    except KeyboardInterrupt:
        print("\ninterrupted\n0 passed, 1 failed")
        return 130
    except Exception:  # whatever broke in here, the last line must not be missing
        traceback.print_exc(file=sys.stdout)
        print("0 passed, 1 failed")
        return 1
    print(f"{passed} passed, {failed} failed")
    return 0 if failed == 0 and passed > 0 else 1


def run_all(parts: list[Part], jobs: int) -> tuple[int, int]:
    """Builds and runs the parts; how many cases passed and failed."""
    if not parts:
        print("no part of the tests matches")
        return 0, 1
    for part in parts:
        for suffix in ("json", "xml", "log"):
            path = f"{results.FOLDER}/{part.name}.{suffix}"
            if os.path.exists(path):
                os.remove(path)
    broken = build(parts)
    outcomes = [not_built(part, broken) for part in parts if set(part.builds) & broken.keys()]
    waiting = [part for part in parts if not set(part.builds) & broken.keys()]
    outcomes += run_parts(waiting, jobs)
    for outcome in outcomes:
        outcome.write()
    failed = sum(len(outcome.failures) for outcome in outcomes)
    return sum(len(outcome.cases) for outcome in outcomes) - failed, failed


# ---- Building ------------------------------------------------------------------------------------


def build(parts: list[Part]) -> dict[str, str]:
    """Builds what the parts need, as far as it goes; the targets that failed, with the errors."""
    targets = sorted({target for part in parts for target in part.builds})
    if not targets or make(["-k", *targets], show=True)[0] == 0:
        return {}
    broken = {}
    for target in targets:
        status, output = make([target], show=False)
        if status != 0:
            broken[target] = output
    return broken


def make(targets: list[str], show: bool) -> tuple[int, str]:
    done = subprocess.run(["make", "--no-print-directory", *targets], check=False, stdin=subprocess.DEVNULL, text=True,
                          stdout=None if show else subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout or ""


def not_built(part: Part, broken: dict[str, str]) -> Results:
    """The failure of a part that can't run. The errors are shown with the first such part."""
    target = next(target for target in part.builds if target in broken)
    outcome = Results(part.name, f"make {target}")
    outcome.add("build", False, f"{Kind.BUILD_ERROR.text}: make {target}\n{broken[target]}".strip())
    broken[target] = ""
    present(outcome, 0.0)
    return outcome


# ---- Running -------------------------------------------------------------------------------------


def run_parts(waiting: list[Part], jobs: int) -> list[Results]:
    """Runs the parts, `jobs` at a time."""
    outcomes: list[Results] = []
    running: list[Running] = []
    selector = selectors.DefaultSelector()
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                part = waiting.pop(0)
                try:
                    running.append(start(part, selector))
                except OSError as error:
                    outcomes.append(not_started(part, error))
            show_progress(running, len(waiting))
            for key, _ in selector.select(1 if running else 0):
                data = os.read(key.fd, 65536)
                job = key.data
                job.output += data
                job.last_sign = time.monotonic()
                if not data:
                    selector.unregister(key.fileobj)
                    running.remove(job)
                    outcomes.append(finish(job))
            for job in running:
                if time.monotonic() - job.last_sign > SILENCE_SECONDS and not job.hung:
                    job.hung = True
                    os.killpg(job.process.pid, signal.SIGKILL)
    finally:
        for job in running:
            os.killpg(job.process.pid, signal.SIGTERM)
            job.process.wait()
    return outcomes


def start(part: Part, selector: selectors.BaseSelector) -> Running:
    process = subprocess.Popen(part.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, start_new_session=True)
    now = time.monotonic()
    job = Running(part, process, now, now, bytearray())
    selector.register(process.stdout, selectors.EVENT_READ, job)
    return job


def not_started(part: Part, error: OSError) -> Results:
    outcome = Results(part.name, shlex.join(part.command))
    outcome.add("the runner", False, f"{Kind.BROKEN_SETUP.text}: {error}")
    present(outcome, 0.0)
    return outcome


def finish(job: Running) -> Results:
    """The part's results: its report, and whatever that leaves unsaid."""
    status = job.process.wait()
    job.process.stdout.close()
    outcome = results.read(job.part.name)
    tail = "\n".join(job.output.decode("utf-8", "replace").splitlines()[-TAIL_LINES:])
    if outcome is None:
        outcome = Results(job.part.name)
    outcome.repeat = outcome.repeat or shlex.join(job.part.command)
    if job.hung:
        outcome.add("the runner", False, f"hang: silent for {SILENCE_SECONDS} s\n{tail}")
    elif not outcome.cases:
        outcome.add("the runner", False, f"left no report, or no tests in it (status {status})\n{tail}")
    elif status != 0 and not outcome.failures:
        outcome.add("the runner", False, f"ended with status {status} after a clean report\n{tail}")
    present(outcome, time.monotonic() - job.started)
    return outcome


# ---- What one sees -------------------------------------------------------------------------------


def present(outcome: Results, seconds: float) -> None:
    """One line for a part that passed; for one that failed, also why, and how to repeat it."""
    failed = len(outcome.failures)
    passed = len(outcome.cases) - failed
    clear_progress()
    print(f"{'FAIL' if failed else 'ok':4}  {outcome.name:44} {passed:4} passed {failed:3} failed "
          f"{seconds:6.1f} s")
    for case in outcome.failures:
        print(f"      failed: {case.name}")
        lines = case.message.splitlines()
        for line in lines[:MESSAGE_LINES]:
            print(f"        {line}")
        if len(lines) > MESSAGE_LINES:
            print(f"        ... and {len(lines) - MESSAGE_LINES} lines more")
    if failed:
        log = f"{results.FOLDER}/{outcome.name}.log"
        if os.path.exists(log):
            print(f"      what the guest printed: {log}")
        print(f"      to repeat it: {outcome.repeat}")
    sys.stdout.flush()


def show_progress(running: list[Running], waiting: int) -> None:
    if SHOWS_PROGRESS:
        names = ", ".join(job.part.name for job in running)
        line = f"... {names}" + (f" ({waiting} more wait)" if waiting else "")
        print(f"\r\033[K{line[:shutil.get_terminal_size().columns - 1]}", end="", flush=True)


def clear_progress() -> None:
    if SHOWS_PROGRESS:
        print("\r\033[K", end="")
