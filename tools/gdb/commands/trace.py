"""weft trace"""

from weftgdb import events
from weftgdb.command import Command, number


class Trace(Command):
    """Show the last events of all CPUs: switches, waits, wake-ups, migrations.
Usage: weft trace [COUNT|on|off]
The kernel notes events while `weft trace on` holds; a debug build does from its start."""

    name = "trace"
    usage = "[COUNT|on|off]"

    def run(self, arguments):
        if len(arguments) > 1:
            self.refuse_usage()
        if arguments and arguments[0] in ("on", "off"):
            events.turn(arguments[0] == "on")
            return
        for event in events.last(number(arguments[0]) if arguments else 20):
            print(event)
        if not events.is_on():
            print("the kernel notes no events now: weft trace on")

    def words(self):
        return ["on", "off"]


def register() -> None:
    Trace()
