"""weft last-write"""

import gdb

from weftgdb import recording, running, threads
from weftgdb.command import Command, Problem


class LastWrite(Command):
    """Go back to the instruction that last changed a variable, a field or a word of memory.
Usage: weft last-write EXPRESSION
The same as `watch -l EXPRESSION` and `reverse-continue`, but always from the nearest snapshot forwards:
that is quick in a recording of any length."""

    name = "last-write"
    usage = "EXPRESSION"
    takes_text = True

    def run(self, arguments):
        if not arguments:
            self.refuse_usage()
        address, size = place_of(arguments[0])
        limit = recording.now()
        for start, _, _ in reversed([each for each in recording.snapshots if each[0] < limit]):
            changes = count_changes(start, limit, address, size)
            if changes:
                find_change(start, changes, address, size)
                tell(recording.now())
                return
            limit = start
        raise Problem("nobody changed it, from the kernel's first line on")


class Watch(gdb.Breakpoint):
    """Counts the changes of some bytes; stops at the one asked for."""

    def __init__(self, address: int, size: int, wanted: int | None):
        super().__init__(f"*(unsigned char (*)[{size}]) {address:#x}", gdb.BP_WATCHPOINT, gdb.WP_WRITE, internal=True)
        self.silent = True
        self.changes = 0
        self._wanted = wanted

    def stop(self):
        self.changes += 1
        return self.changes == self._wanted


def place_of(expression: str) -> tuple[int, int]:
    try:
        value = gdb.parse_and_eval(expression)
        address, size = value.address, value.type.sizeof
    except gdb.error as error:
        raise Problem(str(error)) from None
    if address is None:
        raise Problem(f"{expression} is nowhere in memory")
    return int(address), min(size, 32)


def count_changes(start: int, limit: int, address: int, size: int) -> int:
    recording.load(start)
    watch = Watch(address, size, None)
    try:
        recording.forward(limit)
        return watch.changes
    finally:
        watch.delete()


def find_change(start: int, number: int, address: int, size: int) -> None:
    recording.load(start)
    watch = Watch(address, size, number)
    try:
        running.go("continue")
    finally:
        watch.delete()


def tell(moment: int) -> None:
    print(f"it was last changed by the instruction before moment {moment}, in {threads.find('.').title()}:")
    gdb.execute("bt 4")


def register() -> None:
    LastWrite()
