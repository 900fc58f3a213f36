"""The CPUs: which of gdb's threads each is, and what runs there."""

from contextlib import contextmanager

import gdb

from weftgdb import values
from weftgdb.command import Problem


def blocks() -> list[gdb.Value]:
    """The kernel's own record of each CPU that works."""
    every = values.items(values.variable("weft::x86::cpu_blocks"))
    return [block for number, block in enumerate(every)
            if number == 0 or values.atomic(block["is_online"])]


def queues() -> list[gdb.Value]:
    return values.items(values.variable("weft::sched::cpus"))[:len(blocks())]


def of_gdb_thread(thread: gdb.InferiorThread) -> int:
    """QEMU numbers CPUs from 1, in the order of their numbers in the kernel."""
    return thread.ptid[1] - 1


def selected() -> int:
    thread = gdb.selected_thread()
    if thread is None:
        raise Problem("there is no machine: make gdb starts one")
    return of_gdb_thread(thread)


def gdb_thread(cpu: int) -> gdb.InferiorThread:
    for thread in gdb.selected_inferior().threads():
        if of_gdb_thread(thread) == cpu:
            return thread
    raise Problem(f"there is no CPU {cpu}")


def current(cpu: int) -> gdb.Value:
    """The Thread that runs on that CPU, as a pointer; may be null at the very start."""
    return values.items(values.variable("weft::x86::cpu_blocks"))[cpu]["current"]


@contextmanager
def chosen(cpu: int):
    """gdb looks at that CPU meanwhile."""
    before, frame = gdb.selected_thread(), gdb.selected_frame()
    wanted = gdb_thread(cpu)
    if wanted != before:
        wanted.switch()
    try:
        yield
    finally:
        if wanted != before:
            before.switch()
        if frame.is_valid():
            frame.select()
