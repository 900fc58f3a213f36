"""A recording of a run: where in it the machine is, and how it gets elsewhere.

A moment is known by how many instructions were executed before it. QEMU gets there from the last
snapshot before, forwards; so snapshots are taken often enough that this is quick."""

import re
from dataclasses import dataclass

import gdb

from weftgdb import events, registers, running
from weftgdb.command import Problem

INTERVAL = 5_000_000  # instructions between snapshots: a fraction of a second
NEAR = 20_000  # instructions: so few that one may stop at each event among them
LAST_FUNCTIONS = ("weft::dev::power_off", "weft::dev::restart", "weft::dev::end_after_panic")



@dataclass(frozen=True)
class Noted:
    """What the kernel has noted until a moment."""

    events: int
    time: int  # of the last event, by the kernel's clock; -1 if there was none


@dataclass(frozen=True)
class Snapshot:
    moment: int
    noted: Noted
    name: str  # that QEMU knows it by


snapshots: list[Snapshot] = []
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
            snapshots.append(Snapshot(place, noted(), name))
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


def noted() -> Noted:
    """Until now."""
    last = events.last(1)
    return Noted(events.count(), last[0].when if last else -1)


def load(moment: int) -> int:
    """Back to the last snapshot at or before a moment; where that is."""
    require_snapshots()
    snapshot = [each for each in snapshots if each.moment <= moment or each is snapshots[0]][-1]
    registers.forget()
    _monitor(f"loadvm {snapshot.name}")
    gdb.execute("maintenance flush register-cache", to_string=True)
    return snapshot.moment


def require_snapshots() -> None:
    if not snapshots:
        raise Problem("this is no recording: make replay makes one")


def come_near(is_before) -> None:
    """To a moment of which is_before(what is noted until then) holds, when it soon will not any more. It is looked
    for between two snapshots by halves, so that few instructions are executed."""
    require_snapshots()
    low, high = snapshots[0].moment, end
    for each in snapshots[1:]:
        if is_before(each.noted):
            low = each.moment
        else:
            high = each.moment
            break
    while high - low > NEAR:
        middle = (low + high) // 2
        go_to(middle)
        if is_before(noted()):
            low = middle
        else:
            high = middle
    go_to(low)


def go_to(moment: int) -> None:
    """To the moment, wherever in the recording it is."""
    require_snapshots()
    if not snapshots[0].moment <= moment <= end:
        raise Problem(f"the recording goes from {snapshots[0].moment} to {end}")
    place = now()
    registers.restore()
    if moment < place or any(place < each.moment <= moment for each in snapshots):
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
