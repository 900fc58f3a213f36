"""What there is to run: the families of cases, and the whole programs. A job is a plan for
tests/guest/init: the lines of /plan."""

import os
from dataclasses import dataclass, field

import transcript

PROGRAM_LIST = "tests/guest/programs/list"

# In the order of the staircase: what a family needs stands before it.
FAMILIES = [
    "start", "memory", "processes", "signals", "files", "directories", "descriptors", "pipes", "threads",
    "futex", "time", "polling", "epoll", "timers", "groups", "terminal", "scheduling", "identity", "proc",
    "sockets", "shm", "sem", "msg", "unix_sockets", "inet_sockets", "locks", "stress", "ulib_threads",
    "ulib_processes", "ulib_coro_sync", "ulib_coro_tasks", "limits",
]
PROGRAMS = "programs"

# Cases about something that Linux has had only since that version: an older one is not asked.
NEEDS_LINUX = {
    "madvise_guard_pages": (6, 13),
    "madvise_guard_pages_survive_mprotect_and_fork": (6, 13),
}

# Families that would bring a host down, or are about what Linux has not: only Weft runs them, and what is
# expected of them is written by
# hand.
WEFT_ONLY = ["exhaustion", "waits"]


@dataclass
class Job:
    """One family, or all programs; or only those of its cases that `names` lists."""

    family: str
    names: list[str] = field(default_factory=list)
    direct: bool = False  # each case in place of the first process: nothing forks

    @property
    def folder(self) -> str:
        """What becomes /guest."""
        return f"build/guest/{'programs' if self.family == PROGRAMS else 'bin'}"

    def expected_file(self) -> str:
        return f"tests/guest/expected/{self.family}.txt"

    def expected(self) -> dict[str, transcript.CaseText]:
        if not os.path.exists(self.expected_file()):
            return {}
        with open(self.expected_file(), encoding="utf-8") as file:
            cases = transcript.parse(file.read())
        return {name: case for name, case in cases.items() if not self.names or name in self.names}

    def plan(self, after: str | None = None) -> str:
        """All of it, or what comes behind a case. Empty when nothing is left."""
        if self.family == PROGRAMS:
            with open(PROGRAM_LIST, encoding="utf-8") as file:
                lines = [line for line in file if not self.names or line.split(":")[0] in self.names]
            if after is not None:
                lines = lines[[line.split(":")[0] for line in lines].index(after) + 1:]
            return "".join(lines)
        if self.names:
            left = self.names[self.names.index(after) + 1:] if after is not None else self.names
            if self.direct:
                return f"!/guest/{self.family} --direct {left[0]}\n" if left else ""
            return f"/guest/{self.family} {' '.join(left)}\n" if left else ""
        return f"/guest/{self.family}{f' --after {after}' if after is not None else ''}\n"

    def run(self, run_plan, fail_fast: bool = False) -> str:
        """The whole transcript. run_plan(plan) runs one plan and tells what was printed. A case that
        hangs, or takes everything down, is noted, and the others go on behind it, unless `fail_fast`."""
        text = ""
        plan = self.plan()
        while plan:
            text += run_plan(plan)
            last = transcript.unfinished(text)
            if last is not None:
                text += f"\nhung {last}\n"
                if fail_fast:
                    break
            elif self.direct:
                last = list(transcript.parse(text))[-1] if transcript.parse(text) else None
            if last is None:
                break
            plan = self.plan(last)
        return text
