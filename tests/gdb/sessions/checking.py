"""For the sessions, which run inside gdb: what they check, and what a command prints."""

import gdb

from weftgdb import processes, running, threads


def check(name: str, holds: bool, detail: object = "") -> None:
    """One line for gdb_test.py, which makes a result of it."""
    print(f"check: {name}: {'ok' if holds else 'FAILED'} {detail if not holds else ''}".rstrip())


def said(command: str) -> str:
    """What the command prints."""
    return gdb.execute(command, to_string=True)


def complaint(command: str) -> str:
    """What the command refuses with; empty if it does what it is told."""
    try:
        gdb.execute(command, to_string=True)
        return ""
    except gdb.error as error:
        return str(error)


def finish() -> None:
    print("session complete")


def is_set() -> bool:
    """All players of the scene are in their places: two processes and two threads blocked for good."""
    states = [thread.state for thread in threads.listed() if thread.process is not None]
    return len(processes.listed()) == 6 and states.count("Waiting") >= 3 and states.count("Sleeping") >= 1


def set_scene() -> None:
    """Runs until the scene is set (tests/gdb/scene)."""
    said("weft break scene:scene_is_set")
    number = gdb.breakpoints()[-1].number
    for _ in range(1000):
        running.go("continue")
        if is_set():
            said(f"delete {number}")
            return
    raise gdb.GdbError("the scene was never set")


def thread_in(function: str) -> threads.Thread:
    """The thread of the scene whose backtrace has that function."""
    for thread in threads.listed():
        if thread.process is not None and thread.state not in ("New", "Dead") and \
                f" {function} (" in said(f"weft bt {thread.label}"):
            return thread
    raise gdb.GdbError(f"no thread is in {function}")
