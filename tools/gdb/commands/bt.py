"""weft bt"""

import gdb

from weftgdb import registers, threads
from weftgdb.command import Command, Problem


class Backtrace(Command):
    """Show who called whom in a thread: in the kernel, and on into its program.
Usage: weft bt ID|all
The thread may sleep, wait for a CPU, or run; `all` shows every one."""

    name = "bt"
    usage = "ID|all"

    def run(self, arguments):
        if len(arguments) != 1:
            self.refuse_usage()
        if arguments[0] != "all":
            show(threads.find(arguments[0]))
            return
        for thread in [*threads.listed(), *threads.idle()]:
            try:
                show(thread)
            except Problem as problem:
                print(problem)
            print()

    def words(self):
        return ["all", *threads.labels()]


def show(thread: threads.Thread) -> None:
    with registers.looking_at(thread):
        print(f"{thread.title()}, {thread.state}:")
        gdb.execute("bt")


def register() -> None:
    Backtrace()
