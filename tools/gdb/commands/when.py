"""weft when"""

from weftgdb import events, recording
from weftgdb.command import Command


class When(Command):
    """Say at which moment of a recording the machine is.
Usage: weft when"""

    name = "when"

    def run(self, arguments):
        if arguments:
            self.refuse_usage()
        print(f"{recording.now()} instructions executed, of {recording.end}")
        last = events.last(1)
        if last:
            print(f"the last event was {last[0]}")


def register() -> None:
    When()
