"""Runs inside gdb, stopped at the kernel's first line: what truth.py wants to know of ADDRESS and FUNCTION, which it
has set, as a line of JSON."""

import json
import re

import gdb
from weftgdb import threads

PRESENT = 1
MAY_WRITE = 2
LARGE = 1 << 7
ADDRESS_BITS = 0x000FFFFFFFFFF000


def number(expression: str) -> int:
    return int(gdb.parse_and_eval(f"(unsigned long) ({expression})"))


def physical_word(address: int) -> int:
    said = gdb.execute(f"monitor xp /1gx {address:#x}", to_string=True)
    return int(re.search(r": (0x[0-9a-f]+)", said).group(1), 16)


def plain(name: str) -> str:
    """A function's name as people write it: without what it is within, and its arguments."""
    return re.sub(r"\(anonymous namespace\)::", "", name).partition("(")[0].rpartition("::")[2]


def top_table() -> int:
    said = gdb.execute("monitor info registers", to_string=True)
    return int(re.search(r"CR3=([0-9a-f]+)", said).group(1), 16) & ADDRESS_BITS


def walk(address: int) -> dict:
    """As the CPU does it: level by level, until an entry is no table."""
    found = {f"index_{level}": 0 for level in (4, 3, 2, 1)}
    table = top_table()
    may_write = True
    for level in (4, 3, 2, 1):
        shift = 12 + 9 * (level - 1)
        index = address >> shift & 511
        entry = physical_word(table + 8 * index)
        found[f"index_{level}"] = index
        may_write = may_write and entry & MAY_WRITE != 0
        if level == 1 or entry & LARGE:
            page = (1 << shift) - 1
            found["last_entry"] = entry
            found["physical"] = (entry & ADDRESS_BITS & ~page) | (address & page)
            found["may_write"] = "yes" if may_write else "no"
            return found
        table = entry & ADDRESS_BITS
    return found


def go_on_to(function: str) -> None:
    gdb.execute(f"break {function}")
    gdb.execute("continue")


FIRST = "weft::start_init"

answers = {"kernel_main": number("&weft::kernel_main"), "called_by": plain(gdb.selected_frame().older().name()),
           "top_table": top_table()}
go_on_to(FIRST)
answers |= walk(ADDRESS)  # noqa: F821 (truth.py has set it)
if FUNCTION != FIRST:  # noqa: F821
    go_on_to(FUNCTION)  # noqa: F821
current = next(thread for thread in threads.listed() if thread.running_on == 0)
answers |= {"thread": current.name, "stack_pointer": number("$rsp"),
            "returns_to": plain(gdb.selected_frame().older().name())}
print("truth:", json.dumps(answers))
