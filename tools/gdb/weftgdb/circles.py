"""Who waits for whom, and whether that goes in a circle."""

from dataclasses import dataclass

from weftgdb import coroutines, threads, waiting


@dataclass
class Node:
    """One who waits for something that somebody has."""

    title: str
    kind: str  # of those that can be in a circle: thread, coroutine
    waits: str  # for what, since when
    owner: object  # the key of who has that
    places: list[str]


def threads_waiting() -> dict[object, Node]:
    """By the address of the kernel's record."""
    found = {}
    for thread in threads.listed():
        wait = waiting.of(thread)
        if wait is not None and wait.owner is not None:
            found[thread.address] = Node(
                thread.title(), "thread", f"{wait.kind} {wait.object:#x} (since {waiting.milliseconds(wait.since)})",
                wait.owner.address, waiting.places(thread, 3))
    return found


def coroutines_waiting() -> dict[object, Node]:
    """By process and control block."""
    found = {}
    for process in coroutines.all_processes():
        pid = int(process["pid"])
        with coroutines.in_process(process):
            for each in coroutines.listed(process):
                if each.is_parked and each.reason == "join":
                    found[pid, each.address] = Node(
                        f"coroutine {each.number} of process {pid}", "coroutine", "the end of a coroutine",
                        (pid, each.object), [coroutines.spawned_at(each)])
    return found


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
        has = "which is" if node.kind == "coroutine" else "which is held by"
        lines.append(f"  {node.title} waits for {node.waits}, {has} {holder.title}")
        lines += [f"      at {place}" for place in node.places if place]
    return [*lines, f"  so {circle[0].title} waits, in the end, for itself: none of them can go on"]
