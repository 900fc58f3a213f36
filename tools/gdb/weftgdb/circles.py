"""Who waits for whom, and whether that goes in a circle."""

from dataclasses import dataclass

from weftgdb import coroutines, threads, values, waiting

END_OF_COROUTINE = "the end of a coroutine"


@dataclass
class Node:
    """One who waits for something that somebody has."""

    title: str
    kind: str  # of those that can be in a circle: thread, coroutine
    waits: str  # for what, since when
    owner: object  # the key of who has that
    places: list[str]
    process: int | None  # None: the kernel's own


def threads_waiting() -> dict[object, Node]:
    """By the address of the kernel's record."""
    found = {}
    for thread in threads.listed():
        wait = waiting.of(thread)
        if wait is not None and wait.owner is not None:
            found[thread.address] = Node(
                thread.title(), "thread", f"{wait.kind} {wait.object:#x} (since {waiting.milliseconds(wait.since)})",
                wait.owner.address, waiting.places(thread, 3),
                None if thread.process is None else int(thread.process["pid"]))
    return found


def coroutines_waiting() -> dict[object, Node]:
    """By process and control block."""
    found = {}
    for process in coroutines.all_processes():
        pid = int(process["pid"])
        with coroutines.in_process(process):
            for each in coroutines.listed(process):
                owner = owner_of(each)
                if owner:
                    what = END_OF_COROUTINE if each.reason == "join" else f"mutex {each.object:#x}"
                    found[pid, each.address] = Node(f"coroutine {each.number} of process {pid}", "coroutine", what,
                                                    (pid, owner), [coroutines.spawned_at(each)], pid)
    return found


def owner_of(coroutine: coroutines.Coroutine) -> int:
    """The control block of the coroutine that must do something before this one can go on; 0: nobody knows."""
    if coroutine.is_parked and coroutine.reason == "join":
        return coroutine.object
    if coroutine.is_parked and coroutine.reason == "mutex":
        return int(values.atomic(waiting.as_type(coroutine.object, "weft::coro::mutex")["owner_"]))
    return 0


def find(nodes: dict[object, Node]) -> list[list[Node]]:
    """Each circle once. Who waits for somebody that waits for nobody ends a chain."""
    circles, known = [], set()
    for start in nodes:
        chain, place = [], start
        while place in nodes and place not in known and place not in chain:
            chain.append(place)
            place = nodes[place].owner
        if place in chain:
            circles.append([nodes[key] for key in chain[chain.index(place):]])
        known.update(chain)
    return circles


def story(circle: list[Node]) -> list[str]:
    kinds = " and ".join(f"{kind}s" for kind in dict.fromkeys(node.kind for node in circle))
    lines = [f"{len(circle)} {kinds} wait for each other:"]
    for node, holder in zip(circle, [*circle[1:], circle[0]]):
        has = "which is" if node.waits == END_OF_COROUTINE else "which is held by"
        lines.append(f"  {node.title} waits for {node.waits}, {has} {holder.title}")
        lines += [f"      at {place}" for place in node.places if place]
    return [*lines, f"  so {circle[0].title} waits, in the end, for itself: none of them can go on"]
