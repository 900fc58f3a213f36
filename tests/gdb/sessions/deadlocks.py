"""weft deadlock: mutexes of the C library, which note who holds them, and semaphores, which don't."""

import re

from checking import check, finish, said, wait_until

from weftgdb import threads, waiting


def all_wait() -> bool:
    """Both threads of both children wait for their second lock."""
    words = [waiting.own_word(thread) for thread in threads.listed() if thread.is_blocked]
    return len({word for word in words if word is not None}) == 4


wait_until("deadlocks:scene_is_set", all_wait)
told = said("weft deadlock")
circle, _, stuck = told.partition("all 2 threads of process ")
check("deadlock: two threads and their mutexes", "2 threads wait for each other" in circle, told)
titles = re.findall(r"^  (thread \d+) .* waits for futex 0x[0-9a-f]+ .*, which is held by (thread \d+) ", circle, re.M)
check("deadlock: each waits for what the other holds", len(titles) == 2 and titles[0] == titles[1][::-1], told)
check("deadlock: where each stands", circle.count("lock_both") == 2, told)
check("deadlock: semaphores, of which nobody is left to give one back", "wait for words of their own memory" in stuck and
      stuck.count("take_both") == 2, told)
check("deadlock: each once", told.count("lock_both") == 2 and told.count("all 2 threads") == 1, told)
finish()
