"""weft coros"""

from weftgdb import coroutines, processes, table
from weftgdb.command import Command


class Coros(Command):
    """List the coroutines of a process: state, what each waits for, where it stopped, who spawned it.
Usage: weft coros [PID]
Without a number: those of all processes."""

    name = "coros"
    usage = "[PID]"

    def run(self, arguments):
        if len(arguments) > 1:
            self.refuse_usage()
        chosen = [processes.find(arguments[0])] if arguments else coroutines.all_processes()
        rows = []
        for process in chosen:
            with coroutines.in_process(process):
                rows += [row(process, each) for each in coroutines.listed(process)]
        if not rows:
            print("there are no coroutines")
            return
        table.show(["process", "id", "state", "waits for", "parked in", "spawned at"], rows)

    def words(self):
        return processes.pids()


def row(process, coroutine: coroutines.Coroutine) -> list:
    place = coroutines.place_name(coroutine.resume_at) if coroutine.has_stack and coroutine.runs_on is None else ""
    return [int(process["pid"]), coroutine.number, coroutine.state, coroutine.waits_for(), place,
            coroutines.spawned_at(coroutine)]


def register() -> None:
    Coros()
