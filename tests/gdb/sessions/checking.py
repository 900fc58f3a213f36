"""For the sessions, which run inside gdb: what they check, and what a command prints."""

import faulthandler

import gdb

from weftgdb import processes, running, threads, waiting

PROCESSES = 7  # of the scene
HANG_SECONDS = 120  # after this long without a check: where in the session we are
ERRORS = 2  # a file descriptor: Python's own stream is gdb's


def check(name: str, holds: bool, detail: object = "") -> None:
    """One line for gdb_test.py, which makes a result of it."""
    faulthandler.dump_traceback_later(HANG_SECONDS, file=ERRORS)
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
    """All players of the scene are in their places: two lock each other out, two wait for their pipes, and
    two sleep, one of them for long."""
    of_programs = [thread for thread in threads.listed() if thread.process is not None]
    waits = [str(waiting.of(thread)) for thread in of_programs if thread.state == "Waiting"]
    return len(processes.listed()) == PROCESSES and sum(" owned by " in wait for wait in waits) == 2 and \
        sum(wait.startswith("Pipe ") for wait in waits) == 2 and \
        sum(thread.state == "Sleeping" for thread in of_programs) == 2


def set_scene() -> None:
    """Runs until the scene is set (tests/gdb/scene)."""
    wait_until("scene:scene_is_set", is_set)


def wait_until(place: str, is_there) -> None:
    """Runs until the program, which comes to that place again and again, finds it so."""
    faulthandler.dump_traceback_later(HANG_SECONDS, file=ERRORS)
    said(f"weft break {place}")
    number = gdb.breakpoints()[-1].number
    for _ in range(1000):
        running.go("continue")
        if is_there():
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
