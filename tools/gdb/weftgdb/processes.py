"""The machine's processes, in the order of their numbers."""

import gdb

from weftgdb import values
from weftgdb.command import Problem, number


def listed() -> list[gdb.Value]:
    """All that have a number: alive, or ended and not yet waited for."""
    found = []
    pids = values.variable("weft::proc::pids")
    for chunk in values.items(pids["chunks_"]):
        if int(chunk) == 0:
            continue
        for place in range(int(pids["k_chunk"])):
            process = chunk[place]["process"]
            if int(process) != 0:
                found.append(process.dereference())
    return found


def find(text: str) -> gdb.Value:
    pid = number(text)
    for process in listed():
        if int(process["pid"]) == pid:
            return process
    raise Problem(f"there is no process {pid}: weft procs lists them")


def pids() -> list[str]:
    return [str(int(process["pid"])) for process in listed()]


def name(process: gdb.Value) -> str:
    """As ps shows it: its first thread's, or what that was."""
    for thread in values.list_elements(process["threads"]):
        return values.text(thread["thread"].referenced_value()["name_"])
    return values.text(process["last_name"])


def state(process: gdb.Value) -> str:
    if process["has_ended"]:
        return f"ended (status {int(process['status']):#x})"
    return "stopped" if int(process["stop_signal"]) != 0 else "alive"
