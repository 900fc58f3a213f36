"""Runs one check of a part: host tests, the explorer, the booted kernel, programs in it, or written answers. Each answers with
what was seen, in a line, and with the commands that show it again.

Nothing here believes what is printed: verdicts come from GoogleTest's and the explorer's report files, and from
the kernel's report channel (weftlib/report.py)."""

import fnmatch
import json
import os
import pathlib
import re
import shlex
import signal
import sys
import tempfile
from dataclasses import dataclass, field
from xml.etree import ElementTree

from lab import answers, bounded
from lab.description import Check, Lab
from lab.errors import LabError
from weftlib import results as reports
from weftlib.unit import launch_prefix

KERNEL_TEST = "build/debug/weft-test.elf"
KERNEL = "build/debug/weft.elf"
SILENCE_SECONDS = 30
ASLEEP_SECONDS = 12  # longer than any wait of a host test
TELLING = re.compile(r"not implemented: .*|machine stopped: .*|broken promise: .*|ERROR: \w+Sanitizer: .*|runtime error: .*|"
                     r"panic: .*|terminate called.*")
EXPECTATION = re.compile(r"^\S+:\d+: Failure\n(?:(?!Google Test trace:).+\n)+", re.MULTILINE)  # with GoogleTest's words


@dataclass
class Seen:
    """How a check went. `again` repeats it; `look` shows it more closely: what for, and the command."""

    passed: bool
    text: str = ""
    again: str = ""
    look: list[tuple[str, str]] = field(default_factory=list)
    details: str = ""


def target(lab: Lab, kind: str) -> list[str]:
    """What has to be built for a check of this kind."""
    families = {test.partition(".")[0] for part in lab.parts for check in part.checks if check.kind == "guest"
                for test in check.only}
    return {"unit": [f"build/labs/{lab.name}/unit"],
            "userlib": [f"build/labs/{lab.name}/userlib-unit"],
            "explore": [f"build/labs/{lab.name}/explore"],
            "kernel": [KERNEL_TEST],
            "guest": [KERNEL, *(f"build/guest/bin/{name}" for name in sorted({"init", "helper", *families}))],
            "answers": [KERNEL, "build/initrd.cpio"]}[kind]


def run(lab: Lab, part: int, check: Check) -> Seen:
    return KINDS[check.kind](lab, part, check)


def first_telling_line(text: str) -> str:
    """The line that says most about why a program ended."""
    found = TELLING.search(text)
    if found:
        return found.group(0).strip()[:200]
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:200] if lines else "it printed nothing"


def why_it_died(lab: Lab, part: int, ending: bounded.Ending) -> str:
    """The same for a host test: what it had found wrong before says more than how it ended then."""
    text = _after_last_test(ending.output)
    end = first_telling_line(text)
    if ending.status < 0 and not TELLING.search(text):
        end = f"it died of {signal.Signals(-ending.status).name}: {signal.strsignal(-ending.status).lower()}"
        if ending.status == -signal.SIGILL:  # assembly's stubs are instructions that don't exist
            end = _unwritten(lab, part) or end
    found = EXPECTATION.search(text)
    return f"{' '.join(found.group(0).split())[:300]}; then: {end}" if found else end


def _unwritten(lab: Lab, part: int) -> str:
    words = f"not implemented: lab {lab.name}, part {part}"
    return next((f"{words} ({path})" for path in lab.files
                 if words in pathlib.Path(path).read_text(encoding="utf-8", errors="replace")), "")


# ---- Host tests ----------------------------------------------------------------------------------


def run_unit(lab: Lab, part: int, check: Check, binary: str = "unit") -> Seen:
    program = f"build/labs/{lab.name}/{binary}"
    pattern = ":".join(check.only)
    prefix = launch_prefix(program)
    with tempfile.TemporaryDirectory(prefix="weft-lab-") as folder:
        xml = f"{folder}/results.xml"
        ending = bounded.run([*prefix, program, f"--gtest_filter={pattern}", f"--gtest_output=xml:{xml}"], SILENCE_SECONDS,
                             asleep=ASLEEP_SECONDS)
        failures, ran = _read_xml(xml)
    missing = [wanted for wanted in check.only if not fnmatch.filter(ran, wanted)]
    if ending.passed and not failures and not missing:
        return Seen(True, f"{len(ran)} tests passed")
    if failures:
        name, message = failures[0]
        message = " ".join(message.split())[:300]
    else:
        started = re.findall(r"^\[ RUN      \] (\S+)", ending.output, re.MULTILINE)
        name = started[-1] if started else check.only[0]
        message = ending.why or why_it_died(lab, part, ending)
        if ending.passed:
            name, message = missing[0], "there is no such test, or it did not run"
    again = shlex.join([*prefix, program, f"--gtest_filter={name}"])
    return Seen(False, f"{name}: {message}", again,
                [("in gdb", f"gdb -q -ex run --args {again.replace('setarch x86_64 -R ', '')}")], ending.output[-6000:])


def run_userlib(lab: Lab, part: int, check: Check) -> Seen:
    return run_unit(lab, part, check, "userlib-unit")


def _read_xml(path: str) -> tuple[list[tuple[str, str]], list[str]]:
    """The tests that failed, with GoogleTest's words, and the names of all that ran."""
    try:
        cases = [case for case in ElementTree.parse(path).getroot().iter("testcase") if case.get("status") == "run"]
    except (OSError, ElementTree.ParseError):
        return [], []
    names = [f"{case.get('classname')}.{case.get('name')}" for case in cases]
    failures = []
    for name, case in zip(names, cases):
        for failure in [*case.iter("failure"), *case.iter("skipped")]:
            failures.append((name, failure.get("message", "")))
            break
    return failures, names


def _after_last_test(output: str) -> str:
    return output[output.rfind("[ RUN "):] if "[ RUN " in output else output


# ---- The explorer --------------------------------------------------------------------------------


def run_explore(lab: Lab, part: int, check: Check) -> Seen:
    program = f"build/labs/{lab.name}/explore"
    for scenario in check.only:
        saved = f"build/labs/{lab.name}/{scenario}.schedule"
        with tempfile.TemporaryDirectory(prefix="weft-lab-") as folder:
            ending = bounded.run([program, scenario, "--save", saved, "--report", f"{folder}/report"], 120)
            verdict = _verdict(f"{folder}/report")
        if ending.passed and verdict == "passed":
            continue
        story = [line for line in ending.output.splitlines() if line.startswith("=>")]
        if verdict in ("passed", "none"):
            text = ending.why or first_telling_line(ending.output)
            return Seen(False, f"{scenario}: {text}", f"{program} {scenario}", [], ending.output[-6000:])
        return Seen(False, f"{scenario}: {story[-1][3:] if story else verdict}", f"{program} --replay {saved}",
                    [("in gdb, at the last step", f"gdb -q -ex 'break weft::explore::Engine::fail' -ex run --args "
                      f"{program} --replay {saved}")], ending.output[-6000:])
    return Seen(True, "all orders of " + ", ".join(check.only))


def _verdict(path: str) -> str:
    try:
        return json.loads(pathlib.Path(path).read_text(encoding="utf-8")).get("verdict", "none")
    except (OSError, ValueError):
        return "none"


# ---- The booted kernel ---------------------------------------------------------------------------


def run_kernel(lab: Lab, part: int, check: Check) -> Seen:
    name = f"lab-{lab.name}-{part}-{check.cpus}{check.sched}"
    tests = ",".join(check.only)
    again = ["tools/weft", "test", "--kernel", KERNEL_TEST, "--cpus", str(check.cpus), "--silence", str(SILENCE_SECONDS),
             "--append", f"test={tests}", *(["--append", f"sched={check.sched}"] if check.sched else [])]
    seen = _from_report(name, [*again, "--name", name], shlex.join(again))
    first = seen.text.partition(":")[0]
    test = first if first in check.only else check.only[0]
    seen.look = [("in gdb", f"tools/weft gdb --kernel {KERNEL_TEST} --cpus {check.cpus} --append test={test}")]
    return seen


def run_guest(lab: Lab, part: int, check: Check) -> Seen:
    name = f"lab-{lab.name}-{part}-{check.cpus}"
    again = ["tools/guest/run.py", "--weft-only", "--kernel", KERNEL, "--cpus", str(check.cpus), "--silence",
             str(SILENCE_SECONDS), *check.only]
    seen = _from_report(name, [*again[:2], "--name", name, "--fail-fast", *again[2:]], shlex.join(again))
    family, _, case = check.only[0].partition(".")
    seen.look = [("on the timeline", f"make trace PROG=build/guest/bin/{family} CMD='{f'{family} {case}'.rstrip()}'")]
    return seen


def _from_report(name: str, command: list[str], again: str) -> Seen:
    """Runs a Python program that leaves a report of this name (weftlib/results.py)."""
    for path in pathlib.Path(reports.FOLDER).glob(f"{name}*.json"):
        os.remove(path)
    ending = bounded.run([sys.executable, *command], SILENCE_SECONDS * 4, 600)
    cases = [case for path in sorted(pathlib.Path(reports.FOLDER).glob(f"{name}*.json"))
             for case in (reports.read(path.stem) or reports.Results("")).cases]
    failures = [case for case in cases if not case.passed]
    if ending.passed and cases and not failures:
        return Seen(True, f"{len(cases)} tests passed", again)
    if failures:
        telling = TELLING.search(ending.output)
        message = " ".join(failures[0].message.split())[:200]
        if telling and telling.group(0) not in message:
            message = f"{message}; {telling.group(0)}"
        return Seen(False, f"{failures[0].name}: {message}", again, [], ending.output[-6000:])
    return Seen(False, ending.why or first_telling_line(ending.output), again, [], ending.output[-6000:])


# ---- Written answers -----------------------------------------------------------------------------


def run_answers(lab: Lab, part: int, check: Check) -> Seen:
    try:
        problem = answers.problem(lab, check.only)
    except LabError as error:
        problem = str(error)
    if not problem:
        return Seen(True, f"{len(check.only)} answers are right")
    return Seen(False, problem, f"$EDITOR {lab.files[0]}", [("in gdb", f"tools/weft gdb --kernel {KERNEL} --cpus 1 --initrd build/initrd.cpio")])


KINDS = {"unit": run_unit, "userlib": run_userlib, "explore": run_explore, "kernel": run_kernel, "guest": run_guest,
         "answers": run_answers}
