"""weft syscalls"""

import json
import os

import gdb

from weftgdb import threads, values
from weftgdb.command import Command, Problem

TABLE = "build/gen/oracle/table.json"
_watch = []


class Syscalls(Command):
    """Print each system call that a program makes, while the machine runs on.
Usage: weft syscalls on|off"""

    name = "syscalls"
    usage = "on|off"

    def run(self, arguments):
        if arguments not in (["on"], ["off"]):
            self.refuse_usage()
        while _watch:
            _watch.pop().delete()
        if arguments == ["on"]:
            _watch.append(CallWatch(names()))

    def words(self):
        return ["on", "off"]


class CallWatch(gdb.Breakpoint):
    """At the entry of system calls; it prints, and never stops."""

    def __init__(self, calls: dict[int, tuple[str, int]]):
        super().__init__(f"*{values.function('system_call_entry'):#x}", internal=True)
        self.silent = True
        self._calls = calls

    def stop(self):
        call = register_value("rax") & 0xFFFFFFFF
        name, count = self._calls.get(call, (f"call {call}", 6))
        values = [register_value(name) for name in ("rdi", "rsi", "rdx", "r10", "r8", "r9")[:count]]
        arguments = ", ".join(str(value) if value < 4096 else f"{value:#x}" for value in values)
        thread = threads.find(".")
        gdb.write(f"[{int(thread.user['tid'])} {thread.name}] {name}({arguments})\n", gdb.STDERR)
        return False


def register_value(name: str) -> int:
    return int(gdb.parse_and_eval(f"(unsigned long) ${name}"))


def names() -> dict[int, tuple[str, int]]:
    """From the generated table: the calls' names, and how many arguments each has."""
    try:
        with open(TABLE, encoding="utf-8") as file:
            table = json.load(file)
    except OSError as error:
        raise Problem(f"{os.path.abspath(TABLE)}: {error.strerror}: has the kernel been built here?") from None
    return {call["number"]: (call["name"], len(call["arguments"])) for call in table["calls"]}


def register() -> None:
    Syscalls()
