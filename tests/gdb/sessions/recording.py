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

plays = []
for number in range(PLAYS):
    said("weft goto end")
    plays.append(([str(event) for event in events.last(events.count())], said("info registers")))
    if number + 1 < PLAYS:
        recording.load(0)
check("there are events", len(plays[0][0]) > 20, plays[0][0])
check("the last moment is that of the recording", moment() == recording.end, moment())
for number, play in enumerate(plays[1:], 2):
    check(f"play {number} has the events of the first, at the same times", play[0] == plays[0][0])
    check(f"play {number} ends with the registers of the first", play[1] == plays[0][1])

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
      gdb.newest_frame().name().endswith("append"), gdb.newest_frame().name())
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
