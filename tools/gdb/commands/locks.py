"""weft locks"""

from weftgdb import cpus, table, threads, values, waiting
from weftgdb.command import Command
from weftgdb.symbols import place_name


class Locks(Command):
    """List the locks that are held or waited for: who holds each, who waits, and where it was taken.
Usage: weft locks
Every kernel knows the mutexes that somebody waits for; what is held beside those, spin locks among them,
only a debug build notes (make gdb uses one)."""

    name = "locks"

    def run(self, arguments):
        if arguments:
            self.refuse_usage()
        rows = [*wanted_locks(), *noted_locks()]
        if not rows:
            print("no lock is held or waited for")
            return
        table.show(["lock", "rank", "held by", "waited for by", "taken at"], rows)


def wanted_locks() -> list[list]:
    """The sleeping locks that threads are blocked on, each once."""
    waiting_for: dict[tuple, list[str]] = {}
    for thread in threads.listed():
        wait = waiting.of(thread)
        if wait is not None and wait.kind in ("Mutex", "RwLock"):
            waiting_for.setdefault((wait.kind, wait.object), []).append(thread.label)
    rows = []
    for (kind, address), labels in waiting_for.items():
        lock = waiting.as_type(address, f"weft::{kind}")
        owner = waiting.owner_of_lock(kind, address)
        taken = place_name(int(lock["locked_at_"])) if kind == "Mutex" else ""
        rows.append([f"{kind} {place_name(address)}", values.enum_name(lock["rank_"]),
                     owner.label if owner else "readers", " ".join(labels), taken])
    return rows


def noted_locks() -> list[list]:
    """What a debug build notes: spin locks with the CPU that holds them, mutexes with the thread."""
    holders = [(f"CPU {number}", queue["spin_locks"]) for number, queue in enumerate(cpus.queues())]
    holders += [(thread.label, thread.value["held_locks"]) for thread in threads.listed()]
    return [[place_name(int(lock["lock"])), values.enum_name(lock["rank"]), holder, "",
             place_name(int(values.items(lock["taken_at"])[0]))]
            for holder, held in holders
            for lock in (values.items(held["held"])[:int(held["count"])] if int(held["count"]) else [])]


def register() -> None:
    Locks()
