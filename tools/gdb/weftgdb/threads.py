"""The machine's threads, as the kernel's list has them, and the idle threads, which are not on it."""

import gdb

from weftgdb import cpus, values
from weftgdb.command import Problem

STATES = {"fresh": "New", "runnable": "Runnable", "running": "Running", "dead": "Dead"}
REASONS = {"locked": "Locked", "sleeping": "Sleeping"}


class Thread:
    """One thread; `value` is the kernel's record."""

    def __init__(self, value: gdb.Value, idle_of: int | None = None):
        self.value = value
        self.address = int(value.address)
        self.name = values.text(value["name_"])
        self.label = str(int(value["id_"])) if idle_of is None else f"idle{idle_of}"
        self.cpu = int(values.atomic(value["cpu"])) if idle_of is None else idle_of
        self._is_idle_thread = idle_of is not None

    @property
    def state(self) -> str:
        state = values.enum_name(self.value["state"])
        if state == "blocked":
            return REASONS.get(values.enum_name(self.value["block_reason"]), "Waiting")
        if self._is_idle_thread and self.running_on is None:
            return "Idle"  # it lies in wait until nobody else wants the CPU
        return STATES[state]

    @property
    def is_blocked(self) -> bool:
        return values.enum_name(self.value["state"]) == "blocked"

    @property
    def running_on(self) -> int | None:
        """The CPU whose registers are this thread's now."""
        return next((cpu for cpu in range(len(cpus.blocks()))
                     if int(cpus.current(cpu)) == self.address), None)

    @property
    def user(self) -> gdb.Value | None:
        """Of a process's thread: its UserThread."""
        pointer = self.value["user"]
        if int(pointer) == 0:
            return None
        return pointer.cast(gdb.lookup_type("weft::proc::UserThread").pointer()).dereference()

    @property
    def process(self) -> gdb.Value | None:
        user = self.user
        return None if user is None else user["process"].referenced_value()

    @property
    def root(self) -> int | None:
        """Where its process's page table is."""
        user = self.user
        return None if user is None else int(user["root"])

    @property
    def priority(self) -> int:
        return max(int(self.value["priority"]), int(self.value["inherited"]))

    @property
    def waiter(self) -> gdb.Value | None:
        pointer = self.value["waiter"]
        return pointer.dereference() if self.is_blocked and int(pointer) != 0 else None

    def title(self) -> str:
        user = self.user
        owner = "" if user is None else f" of process {int(self.process['pid'])}"
        return f'thread {self.label} "{self.name}"{owner}'


def listed() -> list[Thread]:
    """Those on the kernel's list, oldest first."""
    every = values.variable("weft::sched::(anonymous namespace)::all_threads")["value_"]
    if int(every["list"]["head_"]["next_"]) == 0:
        return []
    return [Thread(value) for value in values.list_elements(every["list"])]


def idle() -> list[Thread]:
    return [Thread(queue["idle"], idle_of=cpu) for cpu, queue in enumerate(cpus.queues())]


def find(label: str) -> Thread:
    """By its number, "idle0" and so on, or "." for the one that runs on the chosen CPU."""
    if label == ".":
        return at(int(cpus.current(cpus.selected())))
    for thread in [*listed(), *idle()]:
        if thread.label == label:
            return thread
    raise Problem(f"there is no thread {label}: weft threads lists them")


def at(address: int) -> Thread:
    """The thread whose record is there."""
    if address == 0:
        raise Problem("there are no threads yet")
    value = gdb.Value(address).cast(gdb.lookup_type("weft::Thread").pointer()).dereference()
    if not cpus.has_stack(value):
        for thread in idle():
            if thread.address == address:
                return thread
    return Thread(value)


def labels() -> list[str]:
    return [thread.label for thread in [*listed(), *idle()]]
