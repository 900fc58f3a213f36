"""What gdb loads for a Linux program that stands on the userlib, living or a core file: the command `coros`.

    gdb -x tools/gdb/linux_coros.py PROGRAM [CORE]
"""

import os
import sys

import gdb

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from weftgdb import coroutines, table  # noqa: E402
from weftgdb.command import Problem, number  # noqa: E402
from weftgdb.symbols import place_name  # noqa: E402

MOST_CALLERS = 100
ADDRESS_BYTES = 8


def listed() -> list[coroutines.Coroutine]:
    """Those in use, and which thread runs each."""
    if not coroutines.has_runtime():
        raise Problem("this program has no coroutines, or no symbols")
    found = coroutines.in_use()
    chosen = gdb.selected_thread()
    for thread in gdb.selected_inferior().threads():
        thread.switch()
        stack_pointer = int(gdb.newest_frame().read_register("rsp"))
        coroutines.note_runner(found, stack_pointer, f"thread {thread.num}")
    if chosen is not None:
        chosen.switch()
    return found


def callers(coroutine: coroutines.Coroutine) -> list[int]:
    """Where it stopped and who called that, by the chain of frame pointers: a core's registers can't be
    changed, so gdb's own backtrace isn't to be had there."""
    places, frame = [coroutine.resume_at], coroutine.frame_pointer
    memory = gdb.selected_inferior()
    while len(places) < MOST_CALLERS and coroutine.stack_pointer <= frame < coroutine.frame:
        words = bytes(memory.read_memory(frame, 2 * ADDRESS_BYTES))
        above, caller = (int.from_bytes(words[i:i + ADDRESS_BYTES], "little") for i in (0, ADDRESS_BYTES))
        places.append(caller - 1)  # the call, not what comes after it
        if above <= frame:
            break
        frame = above
    return places


class Coros(gdb.Command):
    """List the program's coroutines: state, what each waits for, where it stopped, who spawned it.
Usage: coros [ID]
With a number: who called whom in that one, which must not run."""

    def __init__(self):
        super().__init__("coros", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        self.dont_repeat()
        try:
            if argument:
                self.show_one(number(argument))
            else:
                self.show_all()
        except Problem as problem:
            raise gdb.GdbError(f"coros: {problem}") from None

    def show_all(self):
        rows = []
        for each in listed():
            stops = each.has_stack and each.runs_on is None
            rows.append([each.number, each.state, each.waits_for(), place_name(each.resume_at) if stops else "",
                         coroutines.spawned_at(each)])
        table.show(["id", "state", "waits for", "parked in", "spawned at"], rows)

    def show_one(self, wanted: int):
        coroutine = next((each for each in listed() if each.number == wanted), None)
        if coroutine is None:
            raise Problem(f"there is no coroutine {wanted}")
        if not coroutine.has_stack or coroutine.runs_on is not None:
            raise Problem(f"coroutine {wanted} is {coroutine.state}: it has no stack of its own to look at now")
        for depth, place in enumerate(callers(coroutine)):
            print(f"#{depth:<3} {place_name(place)}")


Coros()
