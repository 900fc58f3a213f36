"""The coroutines of a process (userlib/coro): found through the runtime's own slab of control blocks, in
the memory of that process."""

from contextlib import contextmanager

import gdb

from weftgdb import crossings, elf, processes, programs, registers, threads, values
from weftgdb.command import Problem
from weftgdb.symbols import place_name

MARKS = ("running", "not started", "stackless", "a thread", None, "waits in place", "called")  # of Context::resume_at, by its value
RUNNING = ("running", "waits in place", "called")  # of them, who stands on its stack now
LAST_MARK = 15
STACKLESS = 2
UNUSED = 4
LARGEST_STACK = 1 << 26


class Coroutine:
    """One control block that is in use. Read while its process's memory is in view."""

    def __init__(self, number: int, block: gdb.Value):
        self.number = number
        self.address = int(block.address)
        self.resume_at = int(values.atomic(block["context"]["resume_at"]))
        self.stack_pointer = int(block["context"]["stack_pointer"])
        self.frame_pointer = int(block["context"]["frame_pointer"])
        self.park = values.enum_name(values.atomic(block["park"]))
        self.reason = values.enum_name(block["reason"])
        # What it waits for: of a task, its block says it where others save a register.
        self.object = self.frame_pointer if self.resume_at == STACKLESS else int(block["object"])
        self.place = int(block["place"])
        self.frame = int(block["frame"])  # at the top of its stack, once it has one
        self.runs_on: str | None = None  # the thread whose stack pointer is in its stack

    @property
    def has_stack(self) -> bool:
        return self.resume_at > LAST_MARK

    @property
    def is_parked(self) -> bool:
        return self.park.startswith("waiting")

    @property
    def state(self) -> str:
        if self.runs_on is not None:
            return f"running on {self.runs_on}"
        if not self.has_stack:
            return MARKS[self.resume_at]
        return "blocked" if self.is_parked else "runnable"

    def waits_for(self) -> str:
        return f"{self.reason} {self.object:#x}" if self.is_parked else ""


@contextmanager
def in_process(process: gdb.Value):
    """gdb sees that process's memory and its program's symbols meanwhile."""
    program = programs.of_process(process)
    if program is None:
        raise Problem(f"no symbols are known for process {int(process['pid'])}: weft symbols PATH says where")
    registers.restore()
    before = registers.use_root(int(values.referenced(process["memory"])["table_"]["root_"]))
    programs.load(program)
    try:
        yield
    finally:
        registers.use_root(before)


def is_program_with_runtime(program: elf.Program) -> bool:
    """By a name that is in its table of names."""
    with open(program.path, "rb") as file:
        return b"_ZN4weft4coro6detail11blocks_madeE" in file.read()


def label(address: int) -> str:
    """A control block by its number, in the process in view; one that is not of the slab stands for a thread."""
    in_chunk = int(values.variable("weft::coro::detail::k_blocks_in_chunk"))
    size = gdb.lookup_type("weft::coro::Coroutine").sizeof
    made = int(values.atomic(values.variable("weft::coro::detail::blocks_made")))
    chunks = values.variable("weft::coro::detail::block_chunks")
    for chunk in range(-(-made // in_chunk)):
        base = int(values.atomic(chunks[chunk]))
        if base <= address < base + in_chunk * size:
            return f"coroutine {chunk * in_chunk + (address - base) // size}"
    return "the worker itself"


def has_runtime() -> bool:
    return gdb.lookup_global_symbol("weft::coro::detail::blocks_made") is not None


def listed(process: gdb.Value) -> list[Coroutine]:
    """Those in use in a process, which is in view."""
    if not has_runtime():
        return []
    try:
        made = int(values.atomic(values.variable("weft::coro::detail::blocks_made")))
    except gdb.MemoryError:
        return []  # the program has not come to that page of its memory yet
    found = in_use(made)
    for record in values.list_elements(process["threads"]):
        thread = threads.Thread(record["thread"].referenced_value())
        note_runner(found, crossings.program_stack_pointer(thread), thread.label)
    return found


def in_use(made: int | None = None) -> list[Coroutine]:
    """Those of the program in view, of so many blocks; who runs them is not noted yet."""
    if made is None:
        made = int(values.atomic(values.variable("weft::coro::detail::blocks_made")))
    in_chunk = int(values.variable("weft::coro::detail::k_blocks_in_chunk"))
    chunks = values.variable("weft::coro::detail::block_chunks")
    found = []
    for number in range(made):
        block = values.atomic(chunks[number // in_chunk])[number % in_chunk]
        if int(values.atomic(block["context"]["resume_at"])) != UNUSED:
            found.append(Coroutine(number, block))
    return found


def note_runner(found: list[Coroutine], stack_pointer: int, thread: str) -> None:
    """A thread's stack pointer is in the stack of the coroutine that it runs, if it runs one: the one
    whose top is next above it."""
    started = [each for each in found if each.has_stack or MARKS[each.resume_at] in RUNNING]
    above = [each for each in started if 0 <= each.frame - stack_pointer < LARGEST_STACK]
    if above:
        min(above, key=lambda each: each.frame).runs_on = thread


def all_processes() -> list[gdb.Value]:
    """The processes that may have coroutines: alive, with known symbols."""
    return [process for process in processes.listed()
            if not process["has_ended"] and programs.of_process(process) is not None]


def spawned_at(coroutine: Coroutine) -> str:
    """The place in the program that spawned it."""
    if coroutine.place == 0:
        return ""
    # The record has the low half of the address; the other is that of all the program's code.
    code = int(gdb.parse_and_eval("(unsigned long) &weft_coro_main"))
    return place_name(code >> 32 << 32 | coroutine.place).rsplit("::", maxsplit=1)[-1]


@contextmanager
def shown(process: gdb.Value, number: int):
    """gdb's frames are that coroutine's meanwhile."""
    with in_process(process):
        coroutine = next((each for each in listed(process) if each.number == number), None)
        if coroutine is None:
            raise Problem(f"process {int(process['pid'])} has no coroutine {number}")
        if not coroutine.has_stack or coroutine.runs_on is not None:
            raise Problem(f"coroutine {number} is {coroutine.state}: it has no stack of its own to look at now")
        with registers.replaced(rip=coroutine.resume_at, rsp=coroutine.stack_pointer, rbp=coroutine.frame_pointer):
            yield coroutine
