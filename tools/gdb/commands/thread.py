"""weft thread"""

import gdb

from weftgdb import registers, threads
from weftgdb.command import Command, Problem


class ChooseThread(Command):
    """Let gdb's own commands (bt, frame, up, info locals, print) speak of a thread, also a sleeping one.
Usage: weft thread [ID|.]
`weft thread .` goes back to what the CPU does. The machine runs on only as it is: continue, step and
their like go back by themselves."""

    name = "thread"
    usage = "[ID|.]"

    def run(self, arguments):
        if len(arguments) > 1:
            self.refuse_usage()
        if not arguments:
            shown = registers.shown()
            print((shown or threads.find(".")).title())
            return
        if arguments[0] == ".":
            registers.restore()
        else:
            thread = threads.find(arguments[0])
            if thread.running_on is None and registers.is_remote_controlled():
                raise Problem("an editor controls gdb, which runs the machine without telling us: use weft bt")
            registers.show(thread)
        gdb.execute("frame")

    def words(self):
        return [".", *threads.labels()]


def register() -> None:
    ChooseThread()
