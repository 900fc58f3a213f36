"""Which program a process runs, and its symbols: only those of the process one looks at are loaded,
since programs share addresses."""

import gdb

from weftgdb import elf, memory, session, values
from weftgdb.command import Problem

_loaded: elf.Program | None = None
_known: dict[tuple[int, int], elf.Program] = {}


def of_process(process: gdb.Value) -> elf.Program | None:
    """The program with symbols whose code is in the process's memory at its entry; None if none is."""
    space = values.referenced(process["memory"])
    if int(space) == 0:
        return None
    root = int(space["table_"]["root_"])
    key = (int(process["pid"]), root)
    known = _known.get(key)
    if known is not None and has_code(root, known):
        return known
    for program in elf.programs(session.symbol_places):
        if not program.is_movable and has_code(root, program):
            _known[key] = program
            return program
    return None


def has_code(root: int, program: elf.Program) -> bool:
    return memory.read_user(root, program.entry, len(program.sample)) == program.sample


def follow(process: gdb.Value | None) -> None:
    """The symbols of user code are this process's from now on. None: those loaded stay, if any."""
    if process is not None:
        load(of_process(process))


def load(program: elf.Program | None) -> None:
    global _loaded
    if program == _loaded:
        return
    unload()
    if program is not None:
        gdb.execute(f"add-symbol-file {program.path}", to_string=True)
        _loaded = program


def unload() -> None:
    global _loaded
    if _loaded is not None:
        gdb.execute(f"remove-symbol-file -a {_loaded.entry:#x}", to_string=True)
        _loaded = None


def loaded() -> elf.Program | None:
    return _loaded


def named(name: str) -> list[elf.Program]:
    """The programs that may be meant: the file of that name, or else all (one file may be many programs)."""
    every = elf.programs(session.symbol_places)
    exact = [program for program in every if program.name == name]
    if not every:
        raise Problem("no program with symbols is known: weft symbols PATH says where they are")
    return exact or every


def follow_selected(_event=None) -> None:
    """The symbols are those of the process on the CPU that gdb looks at. Never fails: at a stop
    anything may be the case."""
    from weftgdb import cpus, registers, threads
    try:
        if registers.shown() is None and int(cpus.current(cpus.selected())) != 0:
            follow(threads.at(int(cpus.current(cpus.selected()))).process)
    except (gdb.error, Problem):
        pass
