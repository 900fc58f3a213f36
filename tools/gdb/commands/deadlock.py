"""weft deadlock"""

from weftgdb import threads, waiting
from weftgdb.command import Command


class Deadlock(Command):
    """Look for threads that wait for each other in a circle, and tell how it came.
Usage: weft deadlock"""

    name = "deadlock"

    def run(self, arguments):
        if arguments:
            self.refuse_usage()
        circles = find_circles({thread.address: thread for thread in threads.listed()})
        if not circles:
            print("no threads wait for each other in a circle")
        for circle in circles:
            print("\n".join(story(circle)))


def find_circles(every: dict[int, threads.Thread]) -> list[list[tuple[threads.Thread, waiting.Wait]]]:
    """Each circle once. Who waits for nobody in particular ends a chain, and so does who runs."""
    waits = {address: waiting.of(thread) for address, thread in every.items()}
    circles, known = [], set()
    for start in every:
        chain = []
        place = start
        while place in every and place not in known and place not in chain:
            chain.append(place)
            wait = waits[place]
            place = wait.owner.address if wait is not None and wait.owner is not None else 0
        if place in chain:
            circles.append([(every[each], waits[each]) for each in chain[chain.index(place):]])
        known.update(chain)
    return circles


def story(circle: list[tuple[threads.Thread, waiting.Wait]]) -> list[str]:
    lines = [f"{len(circle)} threads wait for each other:"]
    for thread, wait in circle:
        lines.append(f"  {thread.title()} waits for {wait.kind} {wait.object:#x} "
                     f"(since {waiting.milliseconds(wait.since)}), which {wait.owner.title()} has")
        lines += [f"      at {place}" for place in waiting.places(thread, 3)]
    first = circle[0][0]
    return [*lines, f"  so {first.title()} waits, in the end, for itself: nobody of them can go on"]


def register() -> None:
    Deadlock()
