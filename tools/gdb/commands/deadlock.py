"""weft deadlock"""

from weftgdb import circles, stuck
from weftgdb.command import Command


class Deadlock(Command):
    """Look for threads and coroutines that wait for each other in a circle, and tell how it came.
Usage: weft deadlock
It follows what has an owner: mutexes and reader-writer locks of the kernel, locks on files, locks of programs
(pthread_mutex_t, and the userlib's where they note who holds them), and coroutines that wait for another's end
or mutex. A semaphore or a condition has no owner; of these it tells when everybody in a program waits for one,
so that nobody is left who could end it."""

    name = "deadlock"

    def run(self, arguments):
        if arguments:
            self.refuse_usage()
        found = circles.find({**circles.threads_waiting(), **circles.coroutines_waiting()})
        of_threads = {node.process for circle in found for node in circle if node.kind == "thread"}
        told = [circles.story(circle) for circle in found] + stuck.stories(of_threads)
        if not told:
            print("nobody waits for each other in a circle")
        for story in told:
            print("\n".join(story))


def register() -> None:
    Deadlock()
