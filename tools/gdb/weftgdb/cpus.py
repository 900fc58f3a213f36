"""The CPUs: which of gdb's threads each is, and what runs there."""

from contextlib import contextmanager

import gdb

from weftgdb import values
from weftgdb.command import Problem

KERNEL = 1 << 47  # no program's address is that high


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
    """The Thread whose stack that CPU is on, as a pointer; may be null at the very start. The kernel names
    the coming thread a few instructions before it loads its stack pointer: till then the other one is there."""
    named = values.items(values.variable("weft::x86::cpu_blocks"))[cpu]["current"]
    queue = values.items(values.variable("weft::sched::cpus"))[cpu]["queue"]
    previous = queue["previous"]
    if int(named) == 0 or int(previous) == 0 or not values.is_held(queue["lock"]):
        return named
    rsp = stack_pointer(cpu)
    if has_stack(previous):
        return previous if is_on_stack(rsp, previous) else named
    return previous if rsp >= KERNEL and not is_on_stack(rsp, named) else named  # an idle thread left


def has_stack(thread: gdb.Value) -> bool:
    """A CPU's idle thread has the one of start-up, of which no thread knows."""
    return int(thread["stack_base"]) != 0


def is_on_stack(rsp: int, thread: gdb.Value) -> bool:
    return 0 <= rsp - int(thread["stack_base"]) <= int(thread["stack_size"])


# Of a CPU that gdb was told to show another thread's registers for (registers.py): its own stack pointer.
own_stack_pointers: dict[int, int] = {}


def stack_pointer(cpu: int) -> int:
    if cpu in own_stack_pointers:
        return own_stack_pointers[cpu]
    with chosen(cpu):
        gdb.newest_frame().select()
        return int(gdb.parse_and_eval("(unsigned long) $rsp"))


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
