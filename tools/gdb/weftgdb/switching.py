"""The context switch in the machine's code: which instruction is where, and who leaves and who comes.

Nothing here knows addresses or offsets: the code itself is read (disassembled), so the picture is right
for whatever switch.S says."""

import functools
from dataclasses import dataclass

import gdb

from weftgdb import threads, values
from weftgdb.command import Problem

FUNCTION = "switch_context"


@functools.cache
def instructions(function: str = FUNCTION) -> tuple[dict, ...]:
    """The instructions of a function of our assembly, up to its `ret`: "addr", "asm", "length"."""
    start = values.function(function)
    found = gdb.selected_inferior().architecture().disassemble(start, count=64)
    for number, instruction in enumerate(found):
        if instruction["asm"].startswith("ret"):
            return tuple(found[:number + 1])
    raise Problem(f"{function} has no end")


@functools.cache
def change() -> dict:
    """The instruction at which the stack, and with it the thread, changes."""
    for instruction in instructions():
        if loads_stack_pointer(instruction["asm"]):
            return instruction
    raise Problem(f"{FUNCTION} does not load the stack pointer")


def loads_stack_pointer(text: str) -> bool:
    words = text.replace(",", " ").split()
    return words[0].startswith("mov") and words[-1] == "%rsp"


def arrival() -> int:
    """The first instruction that runs on the coming thread's stack."""
    return change()["addr"] + change()["length"]


def contains(pc: int) -> bool:
    every = instructions()
    return every[0]["addr"] <= pc <= every[-1]["addr"]


def registers_named(word: str, after: bool) -> list[tuple[int, str]]:
    """The addresses and registers of the pushes before the change, or of the pops behind it."""
    return [(each["addr"], each["asm"].split("%")[-1]) for each in instructions()
            if each["asm"].startswith(word) and (each["addr"] > change()["addr"]) == after]


@dataclass
class Slot:
    """One word that a switch leaves on a stack, or will."""

    address: int
    what: str  # a register's name, or "return address"
    is_saved: bool  # it is there now, and not yet taken back


class Side:
    """A thread's part in a switch: its stack, and where its registers are on it."""

    def __init__(self, thread: threads.Thread, slots: list[Slot], stack_pointer: int):
        self.thread, self.slots, self.stack_pointer = thread, slots, stack_pointer


def sides(pc: int) -> tuple[Side, Side]:
    """Who leaves and who comes, at an instruction of switch_context on the chosen CPU."""
    leaving, coming = (thread_of_context(register) for register in ("rdi", "rsi"))
    rsp = int(gdb.parse_and_eval("(unsigned long) $rsp"))
    return leaving_side(leaving, pc, rsp), coming_side(coming, pc, rsp)


def leaving_side(thread: threads.Thread, pc: int, rsp: int) -> Side:
    pushes = registers_named("push", after=False)
    done = sum(1 for address, _ in pushes if address < pc)
    is_gone = pc > change()["addr"]
    top = saved_stack_pointer(thread) + 8 * len(pushes) if is_gone else rsp + 8 * done
    slots = [Slot(top, "return address", True)]
    slots += [Slot(top - 8 * (place + 1), register, place < done)
              for place, (_, register) in enumerate(pushes)]
    return Side(thread, slots, saved_stack_pointer(thread) if is_gone else rsp)


def coming_side(thread: threads.Thread, pc: int, rsp: int) -> Side:
    pops = registers_named("pop", after=True)
    done = sum(1 for address, _ in pops if address < pc)
    has_come = pc > change()["addr"]
    lowest = rsp - 8 * done if has_come else saved_stack_pointer(thread)
    slots = [Slot(lowest + 8 * place, register, place >= done)
             for place, (_, register) in enumerate(pops)]
    slots.append(Slot(lowest + 8 * len(pops), "return address", True))
    return Side(thread, list(reversed(slots)), rsp if has_come else lowest)


def saved_stack_pointer(thread: threads.Thread) -> int:
    return int(thread.value["context"]["stack_pointer"])


def thread_of_context(register: str) -> threads.Thread:
    """The thread around the Context that a register points to."""
    context = int(gdb.parse_and_eval(f"(unsigned long) ${register}"))
    return threads.at(context - values.field_offset(gdb.lookup_type("weft::Thread"), "context"))
