"""weft cpus"""

import gdb

from weftgdb import cpus, registers, table, threads, values
from weftgdb.command import Command


class Cpus(Command):
    """List the CPUs: who runs there and where, how many wait, how often it switched.
Usage: weft cpus"""

    name = "cpus"

    def run(self, arguments):
        if arguments:
            self.refuse_usage()
        registers.restore()
        rows = [row(number, queue) for number, queue in enumerate(cpus.queues())]
        table.show(["", "CPU", "runs", "mode", "queued", "switches", "at"], rows)


def row(number: int, cpu: gdb.Value) -> list:
    running = threads.at(int(cpus.current(number)))
    with cpus.chosen(number):
        frame = gdb.newest_frame()
        mode = "user" if int(gdb.parse_and_eval("$cs")) & 3 else "kernel"
        place = f"{frame.pc():#x} {frame.name() or ''}"
    return ["*" if number == cpus.selected() else "", number, f"{running.label} {running.name}", mode,
            int(values.atomic(cpu["queue"]["queued_"])), int(cpu["counts"]["switches"]), place]


def register() -> None:
    Cpus()
