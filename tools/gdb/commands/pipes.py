"""weft pipes"""

import gdb

from weftgdb import files, processes, table, threads, values, waiting
from weftgdb.command import Command


class Pipes(Command):
    """List the pipes that processes have open: what is in them, who has which end, who waits.
Usage: weft pipes"""

    name = "pipes"

    def run(self, arguments):
        if arguments:
            self.refuse_usage()
        ends: dict[int, dict[str, list[str]]] = {}
        for process in processes.listed():
            for number, file in files.open_files(process):
                if files.kind_name(file) == "PipeFile":
                    sides = ends.setdefault(int(values.referenced(file["pipe_"])), {})
                    sides.setdefault(files.access(file), []).append(f"{int(process['pid'])}:{number}")
        rows = [row(address, sides) for address, sides in ends.items()]
        table.show(["pipe", "bytes", "pages", "readers (pid:fd)", "writers", "waiting"], rows)


def row(address: int, sides: dict[str, list[str]]) -> list:
    pipe = waiting.as_type(address, "weft::ipc::Pipe")
    both = sides.get("read+write", [])
    sleeping = [thread.label for thread in threads.listed()
                if thread.waiter is not None and int(thread.waiter["object_"]) == address]
    return [f"{address:#x}", unread(pipe), f"{int(pipe['head_']) - int(pipe['tail_'])}/{int(pipe['slot_count_'])}",
            " ".join(sides.get("read", []) + both), " ".join(sides.get("write", []) + both), " ".join(sleeping)]


def unread(pipe: gdb.Value) -> int:
    count = int(pipe["slot_count_"])
    return sum(int(pipe["slots_"][number % count]["size"])
               for number in range(int(pipe["tail_"]), int(pipe["head_"])))


def register() -> None:
    Pipes()
