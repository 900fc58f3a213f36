"""The moment at which the chosen CPU stands still: in the middle of what kind of switch, and its picture."""

import gdb

from weftgdb import coro_switching, cpus, crossings, diagram, memory, running, switching, threads, values

_kept_at_first: dict[str, int] = {}  # what the program would have gone on with before its signal


def begin(is_signal: bool) -> None:
    """A switch begins. From a signal's on, changes of what a program will go on with are told."""
    _kept_at_first.clear()
    if is_signal:
        _kept_at_first.update(kept())


def picture() -> list[str]:
    pc = running.pc()
    if switching.contains(pc):
        return diagram.switch(pc)
    if crossings.is_entry_code(pc):
        return crossings.picture(pc)
    thread = threads.find(".")
    start = coro_switching.start_of(pc) if pc < memory.USER_END else None
    if start is not None:
        return diagram.coroutine_switch(thread, start, pc)
    if _kept_at_first and pc >= memory.USER_END:
        return diagram.delivery(thread, _kept_at_first, kept())
    place = "its program" if pc < memory.USER_END else "the kernel"
    return [f"CPU {cpus.selected()}: {thread.title()} runs in {place}, out of the switch",
            gdb.execute("x/i $pc", to_string=True).rstrip()]


def kept() -> dict[str, int]:
    """What the program of the running thread will go on with."""
    thread = threads.find(".")
    return crossings.kept_registers(thread) if thread.user is not None else {}


def is_over(pc: int) -> bool:
    """The CPU is out of the code that switches."""
    return not (switching.contains(pc) or crossings.is_entry_code(pc) or
                (pc < memory.USER_END and coro_switching.start_of(pc) is not None))


def work_of(thread: threads.Thread) -> int:
    """Why a thread on its way to its program has to do something first."""
    return 0 if thread.user is None else int(values.atomic(thread.user["work"]))
