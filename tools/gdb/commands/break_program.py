"""weft break"""

import gdb

from weftgdb import elf, memory, processes, programs, session, threads
from weftgdb.command import Command, Problem


class Break(Command):
    """Stop where a program comes to a function, in that program's processes only.
Usage: weft break PROGRAM:FUNCTION
The program need not run yet. FUNCTION may also be FILE:LINE. gdb's own commands (info breakpoints, delete,
condition ...) work on it."""

    name = "break"
    usage = "PROGRAM:FUNCTION"

    def run(self, arguments):
        program, colon, place = " ".join(arguments).partition(":")
        if not colon or not program or not place:
            self.refuse_usage()
        addresses = {address for candidate in programs.named(program)
                     for address in addresses_of(candidate, place)}
        if not addresses:
            raise Problem(f"no program that may be {program} has {place}")
        for address in sorted(addresses):
            ProgramBreakpoint(address, program, place)

    def words(self):
        return [f"{program.name}:main" for program in elf.programs(session.symbol_places)]


class ProgramBreakpoint(gdb.Breakpoint):
    """At an address of user code, for one program."""

    def __init__(self, address: int, program: str, place: str):
        super().__init__(f"*{address:#x}")
        self._program = program
        print(f"Breakpoint {self.number} at {place} of {program}, {address:#x}")

    def stop(self):
        process = threads.find(".").process
        if process is None or not runs(process, self._program):
            return False
        programs.follow(process)
        return True


def runs(process: gdb.Value, name: str) -> bool:
    """By the name it was started by, or by the name of its file."""
    program = programs.of_process(process)
    return processes.name(process) == name or (program is not None and program.name == name)


def addresses_of(program: elf.Program, place: str) -> list[int]:
    """Where the function's own code begins, behind what sets up its frame."""
    before = programs.loaded()
    programs.load(program)
    try:
        _, found = gdb.decode_line(place)
        return [spot.pc for spot in found or () if spot.pc < memory.USER_END]
    except gdb.error:
        return []
    finally:
        programs.load(before)


def register() -> None:
    Break()
