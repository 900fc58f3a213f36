"""Memory of any process, whichever runs: the page table is walked here, as the CPU does it."""

import functools
import struct
from dataclasses import dataclass

import gdb

from weftgdb import values
from weftgdb.command import Problem

PAGE = 4096
USER_END = 0x8000_0000_0000
FRAME = 0x000F_FFFF_FFFF_F000
LEVELS = ("PML4", "PDPT", "PD", "PT")
PRESENT, WRITABLE, USER, ACCESSED, DIRTY, LARGE, GLOBAL = 1, 2, 4, 32, 64, 128, 256
NO_EXECUTE = 1 << 63


@dataclass
class Step:
    """One table that the CPU looks into on its way to an address."""

    level: str
    table: int  # physical
    index: int
    entry: int

    def bits(self) -> str:
        names = ((PRESENT, "present"), (WRITABLE, "writable"), (USER, "user"), (ACCESSED, "accessed"),
                 (DIRTY, "dirty"), (LARGE, "large"), (GLOBAL, "global"), (NO_EXECUTE, "no-execute"))
        return " ".join(name for bit, name in names if self.entry & bit and
                        not (bit == LARGE and self.level == "PT")) or "not present"


def read(address: int, size: int) -> bytes:
    """Memory at an address that means the same in every process: the kernel's."""
    return bytes(gdb.selected_inferior().read_memory(address, size))


@functools.cache
def direct_map() -> int:
    """Where all of the machine's memory is at one distance."""
    return int(values.variable("weft::x86::k_direct_map"))


def walk(root: int, address: int) -> list[Step]:
    """The way from the root table to the entry of the address's page, as far as it goes."""
    steps, table = [], root & FRAME
    for number, level in enumerate(LEVELS):
        index = address >> (39 - 9 * number) & 511
        entry, = struct.unpack("<Q", read(direct_map() + table + 8 * index, 8))
        steps.append(Step(level, table, index, entry))
        if not entry & PRESENT or (entry & LARGE and level in ("PDPT", "PD")):
            break
        table = entry & FRAME
    return steps


def translate(root: int, address: int) -> int | None:
    """The physical address, or None where nothing is."""
    last = walk(root, address)[-1]
    if not last.entry & PRESENT:
        return None
    size = PAGE << 9 * (3 - LEVELS.index(last.level))
    return (last.entry & FRAME & ~(size - 1)) + (address & (size - 1))


def read_user(root: int, address: int, size: int) -> bytes | None:
    """A process's memory; None where a part of it isn't there."""
    parts = []
    while size > 0:
        physical = translate(root, address)
        if physical is None:
            return None
        length = min(size, PAGE - address % PAGE)
        parts.append(read(direct_map() + physical, length))
        address, size = address + length, size - length
    return b"".join(parts)


def require_user_address(address: int) -> None:
    if not 0 <= address < USER_END:
        raise Problem(f"{address:#x} is not an address of a program")


def loaded_root() -> int:
    """The page table that the chosen CPU uses."""
    return int(gdb.parse_and_eval("$cr3").cast(gdb.lookup_type("unsigned long"))) & FRAME
