"""Why a thread is blocked: on what, who has that, since when."""

from dataclasses import dataclass

import gdb

from weftgdb import memory, program_locks, registers, values
from weftgdb.threads import Thread, listed

# Frames of these belong to the waiting itself; the first one outside says what is waited for.
MACHINERY = ("switch_context", "weft::hal::", "weft::sched::(anonymous namespace)::", "weft::sched::block",
             "weft::Waiter::", "weft::WaitQueue::")

_kinds: dict[tuple[int, int], str] = {}


@dataclass
class Wait:
    kind: str  # Mutex, Pipe, futex, children, time ...
    object: int
    owner: Thread | None
    since: int

    def __str__(self) -> str:
        text = f"{self.kind} {self.object:#x}" if self.object else self.kind
        if self.owner is not None:
            text += f", owned by {self.owner.label} {self.owner.name}"
        return f"{text}, since {milliseconds(self.since)}"


def of(thread: Thread) -> Wait | None:
    """What a blocked thread waits for; None if it isn't blocked."""
    waiter = thread.waiter
    if waiter is None:
        return None
    kind = _kind(thread)
    return Wait(kind, int(waiter["object_"]), owner(thread, kind), int(thread.value["blocked_since"]))


def milliseconds(instant: int) -> str:
    return f"{instant / 1e6:.3f} ms"


def owner(thread: Thread, kind: str) -> Thread | None:
    """Who must do something before it can go on, where the kernel or its program knows that."""
    pointer = int(thread.waiter["object_"])
    if kind == "futex":
        word = own_word(thread)
        owner_in_program = program_locks.holder(thread, word) if word is not None else 0
        return thread_with_tid(number_of_ender(thread) or owner_in_program)
    return owner_of_lock(kind, pointer) or thread_with_tid(number_of_ender(thread))


def number_of_ender(thread: Thread) -> int:
    """The process or thread that the waiter itself names (Ender in core/sched/wait_queue.hh); 0: none."""
    k_kind_bits, k_number = 2, 1
    word = int(thread.waiter["ender_"]["word_"])
    return word >> k_kind_bits if word & 3 == k_number else 0


def own_word(thread: Thread) -> int | None:
    """The address of the futex word that the thread waits for, if that is one of its address space alone."""
    if thread.process is None or _kind(thread) != "futex":
        return None
    waiter = as_type(int(thread.waiter["object_"]), "weft::proc::FutexWaiter")
    is_own = int(waiter["space"]) == int(values.referenced(thread.process["memory"]))
    return int(waiter["offset"]) if is_own else None


def has_deadline(thread: Thread) -> bool:
    """The wait ends by itself some time."""
    with registers.looking_at(thread):
        frame = gdb.newest_frame()
        while frame is not None and (frame.name() or "").startswith(MACHINERY):
            if "::sleep_until" in frame.name():
                return True
            frame = frame.older()
    return False


def owner_of_lock(kind: str, address: int) -> Thread | None:
    """Who holds a lock; for a RwLock, who writes."""
    if kind == "Mutex":
        return thread_at(int(values.atomic(as_type(address, "weft::Mutex")["word_"])) & ~1)
    if kind == "RwLock":
        return thread_at(int(as_type(address, "weft::RwLock")["writer_"]))
    return None


def as_type(address: int, name: str) -> gdb.Value:
    return gdb.Value(address).cast(gdb.lookup_type(name).pointer()).dereference()


def thread_at(address: int) -> Thread | None:
    return None if address == 0 else Thread(as_type(address, "weft::Thread"))


def thread_with_tid(tid: int) -> Thread | None:
    if tid == 0:
        return None
    return next((thread for thread in listed()
                 if thread.user is not None and int(thread.user["tid"]) == tid), None)


def _kind(thread: Thread) -> str:
    key = (int(thread.value["waiter"]), int(thread.value["blocked_since"]))
    if key not in _kinds:
        _kinds[key] = _look_for_kind(thread)
    return _kinds[key]


def _look_for_kind(thread: Thread) -> str:
    """From the functions on its stack: the class, or the function, that called the wait protocol."""
    if values.enum_name(thread.value["block_reason"]) == "sleeping":
        return "time"
    with registers.looking_at(thread):
        frame = first_telling_frame()
        if frame is None:
            return "something"
        symtab = frame.find_sal().symtab
        if symtab is not None and "/futex" in symtab.filename:
            return "futex"  # whatever the function in there is called
        return _kind_of_function(frame.name())


def first_telling_frame() -> gdb.Frame | None:
    """The innermost frame that is not of the wait protocol itself."""
    frame = gdb.newest_frame()
    while frame is not None and (frame.name() or "").startswith(MACHINERY):
        frame = frame.older()
    return frame if frame is not None and frame.name() else None


def places(thread: Thread, count: int) -> list[str]:
    """Where it waits: the functions and lines that led there, in its program if it has one."""
    with registers.looking_at(thread):
        frame, found = first_telling_frame(), []
        while frame is not None:
            line = frame.find_sal()
            if frame.name() and line.symtab is not None:
                is_program = frame.pc() < memory.USER_END
                if thread.user is None or is_program:
                    found.append(f"{frame.name()} ({line.symtab.filename}:{line.line})")
            frame = frame.older()
    return found[:count]


def _kind_of_function(name: str) -> str:
    name = name.split("(")[0] if "(anonymous" not in name else name
    parts = [part for part in name.split("::") if part != "(anonymous namespace)"]
    if "futex" in parts[-1]:
        return "futex"
    if parts[-1] == "wait_for_child":
        return "children"
    is_method = len(parts) > 1 and parts[-2][:1].isupper()
    return parts[-2] if is_method else parts[-1]
