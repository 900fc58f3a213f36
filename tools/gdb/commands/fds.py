"""weft fds"""

from weftgdb import files, processes, table, values
from weftgdb.command import Command


class Fds(Command):
    """List a process's open files: number, kind, access, and the object or the path behind it.
Usage: weft fds PID"""

    name = "fds"
    usage = "PID"

    def run(self, arguments):
        if len(arguments) != 1:
            self.refuse_usage()
        rows = [[number, files.kind_name(file), files.access(file), f"{files.flags(file):#o}",
                 int(values.atomic(file["references_"])), files.path(file) or behind(file)]
                for number, file in files.open_files(processes.find(arguments[0]))]
        table.show(["fd", "kind", "for", "flags", "refs", "what"], rows)

    def words(self):
        return processes.pids()


def behind(file) -> str:
    """For a file without a path: what it is an end of, or itself."""
    if files.kind_name(file) == "PipeFile":
        return f"Pipe {int(values.referenced(file['pipe_'])):#x}"
    return f"{int(file):#x}"


def register() -> None:
    Fds()
