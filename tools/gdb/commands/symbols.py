"""weft symbols"""

from weftgdb import session
from weftgdb.command import Command


class Symbols(Command):
    """Say where programs with symbols are: files, or folders of such. Without arguments: list them.
Usage: weft symbols [PATH...]"""

    name = "symbols"
    usage = "[PATH...]"

    def run(self, arguments):
        session.symbol_places += arguments
        if not arguments:
            print("\n".join(session.symbol_places) or "none")


def register() -> None:
    Symbols()
