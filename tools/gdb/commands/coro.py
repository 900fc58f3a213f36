"""weft coro"""

import gdb

from weftgdb import coroutines, processes
from weftgdb.command import Command, Problem, number


class Coro(Command):
    """Show who called whom in a coroutine that does not run.
Usage: weft coro [PID] ID bt
ID is as `weft coros` says; PID is needed where several processes have coroutines."""

    name = "coro"
    usage = "[PID] ID bt"

    def run(self, arguments):
        if len(arguments) not in (2, 3) or arguments[-1] != "bt":
            self.refuse_usage()
        process = processes.find(arguments[0]) if len(arguments) == 3 else the_only_process()
        with coroutines.shown(process, number(arguments[-2])) as coroutine:
            print(f"coroutine {coroutine.number} of process {int(process['pid'])}, {coroutine.state}"
                  + (f" on {coroutine.waits_for()}" if coroutine.is_parked else "") + ":")
            gdb.execute("bt")


def the_only_process() -> gdb.Value:
    having = []
    for process in coroutines.all_processes():
        with coroutines.in_process(process):
            if coroutines.listed(process):
                having.append(process)
    if len(having) != 1:
        raise Problem("no process has coroutines" if not having else "which process? weft coro PID ID bt")
    return having[0]


def register() -> None:
    Coro()
