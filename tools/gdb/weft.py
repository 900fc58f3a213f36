"""What gdb loads: the commands that know Weft's threads, processes and memory. `help weft` lists them."""

import importlib
import os
import sys

import gdb

HERE = os.path.dirname(os.path.realpath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, HERE)

SETTINGS = (
    "set confirm off",
    "set pagination off",
    "set print pretty on",
    "set print static-members off",
    "set print asm-demangle on",
    "set stack-cache off",  # the same address is different memory in another process
    "set code-cache off",
    "set history save on",
    "set history filename build/gdb_history",
)

COMMANDS = (
    "connect", "console", "symbols", "threads", "procs", "cpus", "locks", "bt", "thread", "vm", "fds",
    "pipes", "log", "trace", "switch", "step_switch", "break_program", "syscalls",
    "deadlock", "coros", "coro", "when", "goto", "last_write",
)


def load():
    for setting in SETTINGS:
        gdb.execute(setting)
    from weftgdb import command, entry_frames, entry_unwinder, printers, programs, registers
    command.register_prefix()
    registers.hook_commands()
    entry_unwinder.register()
    entry_frames.register()
    printers.register()
    gdb.events.stop.connect(programs.follow_selected)
    gdb.events.before_prompt.connect(programs.follow_selected)
    for name in COMMANDS:
        importlib.import_module(f"commands.{name}").register()


load()
