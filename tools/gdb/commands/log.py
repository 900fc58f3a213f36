"""weft log"""

from collections import deque

from weftgdb import session
from weftgdb.command import Command, Problem, number


class Log(Command):
    """Show the last lines that the machine printed on its console.
Usage: weft log [LINES]"""

    name = "log"
    usage = "[LINES]"

    def run(self, arguments):
        if len(arguments) > 1:
            self.refuse_usage()
        count = number(arguments[0]) if arguments else 20
        try:
            with open(session.console_file, encoding="utf-8", errors="replace") as file:
                lines = deque(file, maxlen=max(count, 0))
        except OSError as error:
            raise Problem(f"{session.console_file}: {error.strerror}") from None
        print("".join(line.rstrip("\r\n") + "\n" for line in lines), end="")


def register() -> None:
    Log()
