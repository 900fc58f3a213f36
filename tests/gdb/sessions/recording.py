"""A recorded run: the same each time, and gone through backwards."""

import re

import gdb
from checking import check, complaint, finish, said

from weftgdb import events, recording, running, threads

COUNT = "'weft::sched::(anonymous namespace)::all_threads'.value_.count"
PLAYS = 10


def moment() -> int:
    return int(re.match(r"(\d+) instructions", said("weft when"))[1])


# ---- The same, ten times ------------------------------------------------------------------------------------

def play() -> tuple[list[str], str]:
    """From where the machine is to the recording's end: all events, and the registers."""
    said("weft goto end")
    return [str(event) for event in events.last(events.count())], said("info registers")


first = play()
check("there are events", len(first[0]) > 20, first[0])
check("the last moment is that of the recording", moment() == recording.end, moment())
for number in range(2, PLAYS + 1):
    recording.load(0)
    again = play()
    check(f"play {number} has the events of the first, at the same times", again[0] == first[0])
    check(f"play {number} ends with the registers of the first", again[1] == first[1])

# ---- Going to a moment --------------------------------------------------------------------------------------

middle = recording.end // 2
said(f"weft goto {middle}")
there = said("info registers")
check("weft goto N goes there", moment() == middle, moment())
said("weft goto end")
said(f"weft goto {middle}")
check("weft goto N backwards: the very same place", moment() == middle and said("info registers") == there)
last = events.last(1)[0]
said(f"weft goto #{last.order}")
check("weft goto #EVENT: just before it is noted", events.count() == last.order and
      "weft::trace::record_" in gdb.newest_frame().name(), gdb.newest_frame().name())
later = [event for event in (recording.go_to(recording.end), *events.last(events.count())) if event][-3]
said(f"weft goto {later.when / 1000}us")
check("weft goto TIME: the first event not before it", events.count() <= later.order and
      events.count() >= later.order - 1, f"{events.count()} {later}")
check("weft goto refuses what is not in the recording", "the recording goes from" in complaint("weft goto 1"))
check("weft goto refuses an event that is not there", "no event #9999" in complaint("weft goto #9999"))

# ---- Backwards ----------------------------------------------------------------------------------------------

said(f"weft goto {middle}")
places = []
for _ in range(5):
    places.append(int(gdb.parse_and_eval("(unsigned long) $pc")))
    running.go("reverse-stepi")
check("reverse-stepi goes one instruction back", moment() == middle - 5, moment())
for place in reversed(places):
    running.go("stepi")
    check("stepi goes the same way again", int(gdb.parse_and_eval("(unsigned long) $pc")) == place)

# ---- Who wrote it last? Told by going forwards and noting each change, and by the two ways back --------------


class Notes(gdb.Breakpoint):
    """Stops at each change."""

    def __init__(self):
        super().__init__(COUNT, gdb.BP_WATCHPOINT, gdb.WP_WRITE, internal=True)
        self.silent = True


recording.load(0)
notes, changes = Notes(), []
guard = [gdb.Breakpoint(name, internal=True) for name in recording.LAST_FUNCTIONS]
while True:
    running.go("continue")
    if any(each.hit_count for each in guard):
        break
    changes.append((recording.now(), int(gdb.parse_and_eval("(unsigned long) $pc")), threads.find(".").label))
for each in (notes, *guard):
    each.delete()
check("the number of threads changed more than once", len(changes) > 4, changes)

said("weft goto end")
text = said(f"weft last-write {COUNT}")
check("weft last-write finds the last change", (moment(), int(gdb.parse_and_eval("(unsigned long) $pc"))) ==
      changes[-1][:2], f"{moment()} {changes[-1]}")
check("weft last-write tells who it was", f"thread {changes[-1][2]} " in text, text)
text = said(f"weft last-write {COUNT}")
check("weft last-write again: the change before that", moment() == changes[-2][0], f"{moment()} {changes[-2]}")

said("weft goto end")
said(f"watch -l {COUNT}")
running.go("reverse-continue")
check("watch and reverse-continue: the same instruction", abs(recording.now() - changes[-1][0]) <= 1,
      f"{recording.now()} {changes[-1]}")
said("delete")

# ---- A long recording: many snapshots. (This one is short, so they are taken more often.) -------------------------

recording.load(0)
recording.snapshots.clear()
recording.INTERVAL, recording.NEAR = recording.end // 8, recording.end // 200
recording.prepare()
moments = [each.moment for each in recording.snapshots]
check("there is a snapshot for each interval", len(moments) == 8 and
      all(later - earlier == recording.INTERVAL for earlier, later in zip(moments, moments[1:])), moments)
executed = []


class Counted:
    """Notes how many instructions are executed again on the way to a moment."""

    def __init__(self):
        self._forward = recording.forward

    def __call__(self, to: int) -> None:
        executed.append(to - recording.now())
        self._forward(to)


recording.forward = Counted()
for part in (3, 9, 15, 5):
    executed.clear()
    said(f"weft goto {recording.end * part // 16}")
    check(f"to {part}/16 of it: from the snapshot before that", moment() == recording.end * part // 16 and
          sum(executed) <= recording.INTERVAL, executed)
for target in (later.order, last.order // 2, last.order // 3):
    executed.clear()
    said(f"weft goto #{target}")
    check(f"to event #{target}: by halves, between two snapshots", events.count() == target and
          max(executed, default=0) <= recording.INTERVAL and len(executed) < 12, f"{events.count()} {executed}")
executed.clear()
said(f"weft goto {later.when / 1000}us")
check("to a time: the same", events.count() in (later.order - 1, later.order) and len(executed) < 24,
      f"{events.count()} {later} {executed}")
recording.forward = recording.forward._forward
boundary = moments[4]
said(f"weft goto {boundary + 1}")
here = said("info registers")
running.go("reverse-stepi")
running.go("reverse-stepi")
check("reverse-stepi over a snapshot's moment", moment() == boundary - 1, f"{moment()} {boundary}")
running.go("stepi")
running.go("stepi")
check("and the same way again", moment() == boundary + 1 and said("info registers") == here, moment())
said("weft goto end")
said(f"weft last-write {COUNT}")
check("weft last-write over several snapshots", moment() == changes[-1][0], f"{moment()} {changes[-1]}")

# ---- The other commands, in the past --------------------------------------------------------------------------

said(f"weft goto {changes[-1][0]}")
check("weft threads in the past", "Running" in said("weft threads"))
check("weft bt all in the past", "Backtrace stopped" not in said("weft bt all"))
check("weft switch from there", "comes: " in said("weft switch"))
check("weft step-switch from there", "comes: " in said("weft step-switch"))
before = moment()
running.go("reverse-stepi")
check("and back over it", moment() == before - 1, moment())
finish()
