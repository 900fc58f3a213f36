#!/usr/bin/env python3
"""Do the cases notice what is wrong? Takes each system call of the table away in turn, runs the cases
that use it, and complains about calls that no case misses.

    missed.py           all calls (some minutes)
    missed.py dup poll  these
"""

import glob
import json
import os
import re
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import linux  # noqa: E402 (needs the paths above)
import transcript  # noqa: E402
from jobs import FAMILIES, Job  # noqa: E402

SILENCE = 3
# Calls that no source names: the ends of handlers, and the kernel's own way to go on.
IMPLIED = {
    "rt_sigreturn": ("signals", ["handler_runs_with_its_own_signal_blocked"]),
    "restart_syscall": ("signals", ["interrupted_by_stop_and_continuation_without_a_handler"]),
}
CASE = re.compile(r"^GUEST_CASE\((\w+)\)", re.MULTILINE)


def cases_that_use(call: str) -> list[tuple[str, list[str]]]:
    """For each family, the cases whose text, or that of a helper before them, names the call."""
    if call in IMPLIED:
        return [IMPLIED[call]]
    found = []
    for family in FAMILIES:
        names = []
        for path in sorted(glob.glob(f"tests/guest/cases/{family}/*.cc")):
            with open(path, encoding="utf-8") as file:
                helpers, *parts = CASE.split(file.read())
            named = re.compile(rf"(sys::|__NR_){call}\b")
            names += [name for name, body in zip(parts[::2], parts[1::2])
                      if named.search(body) or named.search(helpers)]
        if names:
            found.append((family, names))
    return found


def who_misses(call: str) -> str | None:
    """A case that says something else without this call."""
    for family, names in cases_that_use(call):
        for name in names:
            job = Job(family, [name])
            got = transcript.parse(
                job.run(lambda plan: linux.run_plan(job.folder, plan, SILENCE, without=[call])))
            if transcript.difference(job.expected().get(name), "", got.get(name), ""):
                return f"{family}.{name}"
    return None


def main() -> int:
    with open(linux.CALLS, encoding="utf-8") as file:
        calls = [call["name"] for call in json.load(file)["calls"]]
    unnoticed = []
    for call in sys.argv[1:] or calls:
        case = who_misses(call)
        print(f"{call:24} {case or 'IS MISSED BY NO CASE'}", flush=True)
        if case is None:
            unnoticed.append(call)
    print(f"{len(unnoticed)} calls are missed by no case: {' '.join(unnoticed)}")
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main())
