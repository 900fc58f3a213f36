"""weft deadlock where all coroutines of a program wait: two for each other's mutex, two for semaphores. And how
the userlib's queues and channels print."""

import re

from checking import check, finish, said, wait_until

from weftgdb import coroutines, processes


def all_wait() -> bool:
    for process in coroutines.all_processes():
        with coroutines.in_process(process):
            found = coroutines.listed(process)
            if len(found) == 5 and all(each.is_parked for each in found):
                return True
    return False


wait_until("stuck:scene_is_set", all_wait)
listing = said("weft coros")
check("weft coros: what each waits for", [listing.count(f" {reason} 0x") for reason in ("mutex", "semaphore", "join")] ==
      [2, 2, 1], listing)
told = said("weft deadlock")
circle, _, stuck = told.partition("all 5 coroutines of process 1")
check("deadlock: two coroutines and their mutexes", "2 coroutines wait for each other" in circle, told)
titles = re.findall(r"^  (coroutine \d+) .* waits for mutex 0x[0-9a-f]+, which is held by (coroutine \d+) ", circle, re.M)
check("deadlock: each waits for what the other holds", len(titles) == 2 and titles[0] == titles[1][::-1], told)
check("deadlock: nobody is left to give back a semaphore", "wait for what only one of them could do" in stuck and
      stuck.count("semaphore 0x") == 2 and stuck.count("spawned at begin") == 4, told)
for number in re.findall(r"^1 +(\d+) +blocked +(?:mutex|semaphore) ", listing, re.M):
    text = said(f"weft coro 1 {number} bt")
    check(f"coroutine {number}: its backtrace reaches the function it was spawned with",
          "begin()::$" in text and "weft_coro_begin" in text and "stopped" not in text and "??" not in text, text)

# ---- Printers ------------------------------------------------------------------------------------------------

process = next(each for each in processes.listed() if int(each["pid"]) == 1)
with coroutines.in_process(process):
    for name, kind, room in (("numbers", "queue", 9), ("shared_numbers", "process_queue", 4), ("letters", "channel", 3)):
        text = " ".join(said(f"print {name}").split())
        check(f"a {kind} prints what is in it", f" {kind} with 2 of {room} = {{3, 4}}" in text, text)
finish()
