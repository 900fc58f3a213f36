"""weft coros and weft coro: from a parked coroutine to the function it was spawned with."""

import re

import gdb
from checking import check, complaint, finish, said

from weftgdb import running

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
check("weft coros: four, and one runs", listing.count("\n") == 5 and
      len(re.findall(r"^1 +\d+ +running", listing, re.M)) == 1, listing)
check("weft coros: one sleeps, two wait for an end", listing.count(" sleep 0x") == 1 and
      listing.count(" join 0x") == 2, listing)
check("weft coros: where each was spawned", len(re.findall(r" begin\+\d+$", listing, re.M)) == 3, listing)
check("weft coros PID", said("weft coros 1") == listing)
numbers = {name: re.search(rf"^1 +(\d+) +blocked +{name} ", listing, re.M) for name in ("sleep", "join")}
sleeper = numbers["sleep"][1]
text = said(f"weft coro {sleeper} bt")
check("bt of a sleeping coroutine", "sleep_in_coroutine" in text and "sleeper" in text, text)
check("bt of a sleeping coroutine reaches what it was spawned with", "begin" in text and "$_0" in text or
      "weft_coro_begin" in text, text)
check("bt of a sleeping coroutine is whole", "stopped" not in text and "??" not in text, text)
joiners = [said(f"weft coro 1 {number} bt") for number in re.findall(r"^1 +(\d+) +blocked +join ", listing, re.M)]
check("bt of who waits for another", sum("join_other" in each and "joiner" in each for each in joiners) == 1, joiners)
check("all of these are whole", all("stopped" not in each and "weft_coro_begin" in each for each in joiners), joiners)
check("the CPU has its own registers again", said("info registers") == before)
check("one that runs has no stack to look at", "no stack of its own" in complaint(
    "weft coro " + re.search(r"^1 +(\d+) +running", listing, re.M)[1] + " bt"))
check("one that is not there", "has no coroutine 999" in complaint("weft coro 999 bt"))
check("a wrong use", "usage" in complaint("weft coro"))
finish()
