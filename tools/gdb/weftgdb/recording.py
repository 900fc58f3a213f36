"""A recording of a run: where in it the machine is, and how it gets elsewhere.

A moment is known by how many instructions were executed before it. QEMU gets there from the last
snapshot before, forwards; so snapshots are taken often enough that this is quick."""

import re

import gdb

from weftgdb import events, registers, running
from weftgdb.command import Problem

INTERVAL = 5_000_000  # instructions between snapshots: a fraction of a second
LAST_FUNCTIONS = ("weft::dev::power_off", "weft::dev::restart", "weft::dev::end_after_panic")

snapshots: list[tuple[int, int, str]] = []  # moment, events until then, QEMU's name for it
end: int | None = None


def now() -> int:
    found = re.search(r"instruction count = (\d+)", _monitor("info replay"))
    if found is None:
        raise Problem("this is no recording: make replay makes one")
    return int(found[1])


def prepare() -> None:
    """Walks through the recording once, from the kernel's first line on, and takes snapshots."""
    global end
    last = [gdb.Breakpoint(name, internal=True) for name in LAST_FUNCTIONS]
    try:
        while True:
            place = now()
            name = f"at{place}"
            _monitor(f"savevm {name}")
            snapshots.append((place, events.count(), name))
            forward(place + INTERVAL)
            if now() != place + INTERVAL:
                break
        end = now()
    except Problem:
        raise Problem("the recording breaks off: only one that ends with poweroff can be gone through") from None
    finally:
        for each in last:
            each.delete()
    load(0)


def load(moment: int) -> int:
    """Back to the last snapshot at or before a moment; where that is."""
    return _load([each for each in snapshots if each[0] <= moment])


def load_before_event(number: int) -> int:
    """Back to the last snapshot that was taken before that event."""
    return _load([each for each in snapshots if each[1] <= number])


def _load(candidates: list[tuple[int, int, str]]) -> int:
    if not snapshots:
        raise Problem("this is no recording: make replay makes one")
    place, _, name = (candidates or snapshots)[-1 if candidates else 0]
    registers.forget()
    _monitor(f"loadvm {name}")
    gdb.execute("maintenance flush register-cache", to_string=True)
    return place


def go_to(moment: int) -> None:
    """To the moment, wherever in the recording it is."""
    if not snapshots:
        raise Problem("this is no recording: make replay makes one")
    if not snapshots[0][0] <= moment <= end:
        raise Problem(f"the recording goes from {snapshots[0][0]} to {end}")
    place = now()
    registers.restore()
    if moment < place or any(place < each[0] <= moment for each in snapshots):
        place = load(moment)
    if place < moment:
        forward(moment)


def last_places() -> list[int]:
    """Where the machine ends."""
    return [int(gdb.parse_and_eval(f"(unsigned long) &'{name}'")) for name in LAST_FUNCTIONS]


def forward(moment: int) -> None:
    """On to a later moment. The user's breakpoints do not stop it on its way."""
    own = [each for each in gdb.breakpoints() or () if each.enabled and each.number > 0]
    for each in own:
        each.enabled = False
    try:
        _monitor(f"replay_break {moment}")
        running.go("continue")
        if now() != moment:
            _monitor("replay_delete_break")  # something else has stopped it
    finally:
        for each in own:
            each.enabled = True


def _monitor(command: str) -> str:
    try:
        return gdb.execute(f"monitor {command}", to_string=True)
    except gdb.error as error:
        raise Problem(str(error)) from None
