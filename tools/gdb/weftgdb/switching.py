"""The context switch in the machine's code: where it begins, and where one thread becomes another."""

import functools

import gdb

from weftgdb.command import Problem


@functools.cache
def instructions(function: str) -> list[dict]:
    """A function's instructions: "addr", "asm", "length"."""
    block = gdb.block_for_pc(int(gdb.parse_and_eval(f"(unsigned long) &'{function}'")))
    if block is not None and block.function is not None and block.function.name == function:
        start, end = block.start, block.end
    else:
        start, end = symbol_range(function)
    return gdb.selected_inferior().architecture().disassemble(start, end - 1)


def symbol_range(function: str) -> tuple[int, int]:
    """From a function's first instruction to behind its last `ret`, for what only assembly knows."""
    start = int(gdb.parse_and_eval(f"(unsigned long) &'{function}'"))
    architecture = gdb.selected_inferior().architecture()
    for instruction in architecture.disassemble(start, count=64):
        if instruction["asm"].startswith("ret"):
            return start, instruction["addr"] + instruction["length"]
    raise Problem(f"{function} has no end")


def entry() -> int:
    return instructions("switch_context")[0]["addr"]


@functools.cache
def arrival() -> int:
    """The first instruction of switch_context that runs on the coming thread's stack."""
    return change()["addr"] + change()["length"]


@functools.cache
def change() -> dict:
    """The instruction at which the stack, and with it the thread, changes."""
    for instruction in instructions("switch_context"):
        words = instruction["asm"].replace(",", " ").split()
        if words[0].startswith("mov") and words[-1] == "%rsp":
            return instruction
    raise Problem("switch_context does not load the stack pointer")
