"""weft threads"""

from weftgdb import cpus, registers, table, threads, waiting
from weftgdb.command import Command


class Threads(Command):
    """List the threads: what each does, and if it is blocked, on what, who has that, and since when.
Usage: weft threads [PID]
A star marks the thread that gdb's own commands speak of."""

    name = "threads"
    usage = "[PID]"

    def run(self, arguments):
        if len(arguments) > 1:
            self.refuse_usage()
        chosen = [*threads.listed(), *threads.idle()]
        if arguments:
            chosen = [thread for thread in chosen
                      if thread.process is not None and str(int(thread.process["pid"])) == arguments[0]]
        rows = [row(thread) for thread in chosen]
        table.show(["", "id", "name", "process", "state", "CPU", "prio", "waits for"], rows)


def row(thread: threads.Thread) -> list:
    shown = registers.shown()
    selected = thread.running_on == cpus.selected() if shown is None else shown.address == thread.address
    process = thread.process
    wait = waiting.of(thread)
    return ["*" if selected else "", thread.label, thread.name,
            "kernel" if process is None else int(process["pid"]), thread.state, thread.cpu,
            thread.priority, "" if wait is None else wait]


def register() -> None:
    Threads()
