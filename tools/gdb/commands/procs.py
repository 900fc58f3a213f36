"""weft procs"""

from weftgdb import processes, programs, table, values
from weftgdb.command import Command


class Procs(Command):
    """List the processes: parent, threads, memory, and the program with symbols that each runs.
Usage: weft procs"""

    name = "procs"

    def run(self, arguments):
        if arguments:
            self.refuse_usage()
        rows = [row(process) for process in processes.listed()]
        table.show(["pid", "parent", "name", "state", "threads", "pages", "symbols"], rows)


def row(process) -> list:
    space = values.referenced(process["memory"])
    pages = int(values.atomic(space["resident_"])) if int(space) else 0
    program = None if process["has_ended"] else programs.of_process(process)
    return [int(process["pid"]), int(values.atomic(process["parent_pid"])), processes.name(process),
            processes.state(process), int(values.atomic(process["thread_count"])), pages,
            program.path if program else "none known"]


def register() -> None:
    Procs()
