"""weft coros and weft coro: from a parked coroutine to the function it was spawned with."""

import re

import gdb
from checking import check, complaint, finish, said

from weftgdb import running

def places() -> list[int]:
    """Where the innermost function is and those that called it go on, as the unwind information has it, up to
    the one that nobody called. (What is in line has no frame of its own.)"""
    frame, found = gdb.newest_frame(), []
    while frame is not None:
        if frame.type() != gdb.INLINE_FRAME:
            found.append(frame.pc())
        frame = frame.older()
    return found


said("weft break coroutines:never_rests")
running.go("continue")
said("delete")
said("tbreak scene_is_set")
for _ in range(3):  # by then each of the others has had its turn
    running.go("continue")
    said("tbreak scene_is_set")
said("delete")

before = said("info registers")
listing = said("weft coros")
check("weft coros: seven, and one runs", listing.count("\n") == 8 and
      len(re.findall(r"^1 +\d+ +running", listing, re.M)) == 1, listing)
check("weft coros: one sleeps, four wait for an end", listing.count(" sleep 0x") == 1 and
      listing.count(" join 0x") == 4, listing)
check("weft coros: where each was spawned", len(re.findall(r" begin\+\d+$", listing, re.M)) == 4, listing)
check("weft coros PID", said("weft coros 1") == listing)
numbers = {name: re.search(rf"^1 +(\d+) +blocked +{name} ", listing, re.M) for name in ("sleep", "join")}
sleeper = numbers["sleep"][1]
text = said(f"weft coro {sleeper} bt")
check("bt of a sleeping coroutine", "sleep_in_coroutine" in text and "sleeper" in text, text)
check("bt of a sleeping coroutine reaches what it was spawned with", "begin" in text and "$_0" in text or
      "weft_coro_begin" in text, text)
check("bt of a sleeping coroutine is whole", "stopped" not in text and "??" not in text, text)
joiners = [said(f"weft coro 1 {number} bt") for number in re.findall(r"^1 +(\d+) +blocked +join ", listing, re.M)]
check("bt of who waits for another", sum("join_other" in each and "joiner" in each for each in joiners) == 3, joiners)
check("all of these are whole", all("stopped" not in each and "weft_coro_begin" in each for each in joiners), joiners)
check("the CPU has its own registers again", said("info registers") == before)
check("one that runs has no stack to look at", "no stack of its own" in complaint(
    "weft coro " + re.search(r"^1 +(\d+) +running", listing, re.M)[1] + " bt"))
check("one that is not there", "has no coroutine 999" in complaint("weft coro 999 bt"))
check("a wrong use", "usage" in complaint("weft coro"))

story = said("weft deadlock")
check("deadlock: two coroutines that wait for each other", "2 coroutines wait for each other" in story and
      story.count("wait_for_each_other") == 2, story)

# ---- weft switch coro, instruction by instruction ---------------------------------------------------------------

picture = said("weft switch coro")
leaving, coming = re.search(r"(coroutine \d+|the worker itself)  ->  (coroutine \d+|the worker itself)", picture).groups()
check("weft switch coro shows two coroutines", leaving != coming and "leaves: " in picture, picture)
start = int(gdb.parse_and_eval("(unsigned long) $pc"))
rsp, going = int(gdb.parse_and_eval("(unsigned long) $rsp")), int(gdb.parse_and_eval("*(unsigned long *) $rcx"))
code = re.findall(r"^  (?:=>|  ) (0x[0-9a-f]+)  (.*)$", picture, re.M)
unwound = []
check("the code ends with the jump, and that is marked", "<== here one coroutine becomes" in code[-1][1], code)
for place, (address, words) in enumerate(code):
    check(f"coroutine step {place} is at {words}", int(gdb.parse_and_eval("(unsigned long) $pc")) == int(address, 16))
    check(f"coroutine step {place}: the arrow is there", f"=> {address}  " in picture, picture)
    behind = any("the stack changes" in before for _, before in code[:place])
    check(f"coroutine step {place}: whose stack it is", f"the stack is that of {coming if behind else leaving}\n" in picture,
          picture)
    if place > 0 and words.startswith("mov    %rbp"):
        check("the leaving coroutine's stack pointer is saved", f"stack_pointer | {rsp:#x} |" in picture, picture)
    unwound.append((behind, places()[1:]))
    picture = said("weft step-switch")
left, came = ([seen for behind, seen in unwound if behind == side] for side in (False, True))
check("at each instruction before the change the leaving coroutine's callers are known",
      left[0] and all(seen == left[0] for seen in left), unwound)
check("at each instruction behind it those of the coming one",
      came and all(seen == places() for seen in came), f"{came} {places()}")
check("behind the switch the other coroutine goes on", int(gdb.parse_and_eval("(unsigned long) $pc")) == going and
      "out of the switch" in picture, picture)
number = coming.split()[-1]
if number.isdigit():
    check("weft switch coro ID", f"coroutine {number}" in said(f"weft switch coro {number}"))
finish()
