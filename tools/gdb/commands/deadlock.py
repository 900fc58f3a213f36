"""weft deadlock"""

from weftgdb import circles
from weftgdb.command import Command


class Deadlock(Command):
    """Look for threads and coroutines that wait for each other in a circle, and tell how it came.
Usage: weft deadlock
It follows what has an owner: mutexes, reader-writer locks, futexes that know their owner, and coroutines
that wait for another's end. Nobody knows who will release a semaphore, or write to a pipe."""

    name = "deadlock"

    def run(self, arguments):
        if arguments:
            self.refuse_usage()
        found = circles.find({**circles.threads_waiting(), **circles.coroutines_waiting()})
        if not found:
            print("nobody waits for each other in a circle")
        for circle in found:
            print("\n".join(circles.story(circle)))


def register() -> None:
    Deadlock()
