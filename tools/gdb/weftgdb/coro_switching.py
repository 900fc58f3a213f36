"""The switch from coroutine to coroutine, in user space (userlib/coro/switch.hh). It is in line, so a
program has it at many places; they are known by their instructions."""

import functools
import re
from dataclasses import dataclass

import gdb

from weftgdb import coroutines, elf, session, values

# What all have in common: rsp, rbp and the place to go on at are saved behind rax; then the others come.
SAVES = re.compile(rb"\x48\x89\x60\x08\x48\x89\x68\x10\x48\x8d\x15....\x48\x89\x10", re.S)
MOST = 10  # instructions
SAVED = ("resume_at", "stack_pointer", "frame_pointer")


@dataclass
class Side:
    """A coroutine in a switch, by its control block."""

    label: str
    words: dict[str, int]  # its Context


@functools.cache
def places(program: elf.Program) -> tuple[int, ...]:
    """The first instruction of each switch in a program."""
    return tuple(start + found.start() for start, code in elf.code(program.path)
                 for found in SAVES.finditer(code))


def all_places() -> list[int]:
    return [place for program in elf.programs(session.symbol_places) if not program.is_movable
            and coroutines.is_program_with_runtime(program) for place in places(program)]


def instructions(start: int) -> list[dict]:
    """From the first one to the jump."""
    found = gdb.selected_inferior().architecture().disassemble(start, count=MOST)
    jump = next(number for number, each in enumerate(found) if each["asm"].startswith("jmp"))
    return found[:jump + 1]


def start_of(pc: int) -> int | None:
    """Of the switch that the instruction belongs to; None if it belongs to none."""
    for start in all_places():
        if start <= pc < start + 64 and any(each["addr"] == pc for each in instructions(start)):
            return start
    return None


def sides() -> tuple[Side, Side]:
    """Who leaves and who comes: their control blocks are in registers."""
    return side("rax"), side("rcx")


def side(register: str) -> Side:
    address = int(gdb.parse_and_eval(f"(unsigned long) ${register}"))
    kind = gdb.lookup_type("weft::coro::Context").pointer()
    context = gdb.Value(address).cast(kind).dereference()
    words = {name: int(values.atomic(context[name]) if name == "resume_at" else context[name]) for name in SAVED}
    return Side(coroutines.label(address), words)
