"""weft last-write"""

import gdb

from weftgdb import recording, threads
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
        for start in reversed([each.moment for each in recording.snapshots if each.moment < limit]):
            moment = last_change(start, limit, address, size)
            if moment is not None:
                recording.go_to(moment)
                tell(moment)
                return
            limit = start
        raise Problem("nobody changed it, from the kernel's first line on")


class Watch(gdb.Breakpoint):
    """Notes when some bytes change, up to a moment; a change at that moment or later stops the machine."""

    def __init__(self, address: int, size: int, limit: int):
        super().__init__(f"*(unsigned char (*)[{size}]) {address:#x}", gdb.BP_WATCHPOINT, gdb.WP_WRITE, internal=True)
        self.silent = True
        self.last = None
        self._limit = limit

    def stop(self):
        now = recording.now()
        if now >= self._limit:
            return True
        self.last = now
        return False


def place_of(expression: str) -> tuple[int, int]:
    try:
        value = gdb.parse_and_eval(expression)
        address, size = value.address, value.type.sizeof
    except gdb.error as error:
        raise Problem(str(error)) from None
    if address is None:
        raise Problem(f"{expression} is nowhere in memory")
    return int(address), min(size, 32)


def last_change(start: int, limit: int, address: int, size: int) -> int | None:
    """The moment just behind the last change between a snapshot and the limit."""
    recording.load(start)
    watch = Watch(address, size, limit)
    try:
        # One less: QEMU loses count when a change and the end of the way fall together, and the user
        # often stands right behind a change.
        recording.forward(limit - 1)
        return watch.last
    finally:
        watch.delete()


def tell(moment: int) -> None:
    print(f"it was last changed by the instruction before moment {moment}, in {threads.find('.').title()}:")
    gdb.execute("bt 4")


def register() -> None:
    LastWrite()
