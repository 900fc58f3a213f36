"""weft console: remembered for weft log"""

from weftgdb import session
from weftgdb.command import Command


class ConsoleFile(Command):
    """Say which file has what the machine prints; `weft log` reads it.
Usage: weft console FILE"""

    name = "console"
    usage = "FILE"

    def run(self, arguments):
        if len(arguments) != 1:
            self.refuse_usage()
        session.console_file = arguments[0]


def register() -> None:
    ConsoleFile()
