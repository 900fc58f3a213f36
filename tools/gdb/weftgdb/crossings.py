"""Where a program and the kernel meet: the entries and the ways out in entry.S."""

import re

import gdb

from weftgdb import cpus, diagram, threads, values

SOURCE = "x86_64/entry.S"
LISTED = 8  # instructions before and behind the place
PROGRAM_REGISTERS = ("rip", "rsp", "rbp", "rbx", "rdi", "rsi", "rdx", "rax")


def is_entry_code(pc: int) -> bool:
    """Code of entry.S: the only part of the kernel whose caller is whatever was interrupted."""
    symtab = gdb.find_pc_line(pc).symtab
    return symtab is not None and symtab.filename.endswith(SOURCE)


def picture(pc: int) -> list[str]:
    """Of the crossing that the chosen CPU is in the middle of."""
    frame = gdb.newest_frame()
    caller = frame.older()
    program = {name: register_of(caller, name) for name in PROGRAM_REGISTERS}
    return diagram.crossing(threads.find("."), program, saved_registers(), around(pc), pc)


def register_of(frame: gdb.Frame | None, name: str) -> int | None:
    """None where the unwind information does not say."""
    if frame is None:
        return None
    try:
        return int(frame.read_register(name).cast(gdb.lookup_type("unsigned long")))
    except gdb.error:
        return None


def saved_registers() -> dict[str, int]:
    """Which of the caller's registers are on the stack, and where: as the unwind information has it."""
    text = gdb.execute("info frame", to_string=True)
    return {name: int(address, 16) for name, address in re.findall(r"\b(r\w+|[ce]s|eflags) at (0x[0-9a-f]+)", text)}


def around(pc: int) -> list[dict]:
    """The instructions near the place, of the piece of code it is in."""
    block = gdb.execute(f"info symbol {pc:#x}", to_string=True).split()
    start = values.function(block[0])
    architecture = gdb.selected_inferior().architecture()
    listing = architecture.disassemble(start, pc)
    behind = architecture.disassemble(pc, count=LISTED + 1)[1:]
    return [*listing[-LISTED - 1:], *behind]


def ways_out() -> list[int]:
    """Where the kernel has done its work and turns back to the program: behind a system call's `cli`,
    and the common way."""
    every = gdb.selected_inferior().architecture().disassemble(values.function("system_call_entry"), count=80)
    behind_cli = next(after["addr"] for before, after in zip(every, every[1:]) if before["asm"].startswith("cli"))
    return [behind_cli, values.function("return_to_user")]


# ---- What the kernel keeps of a program, at the top of its thread's kernel stack ---------------------


def kept(thread: threads.Thread) -> gdb.Value:
    """The program's registers as it will find them when the kernel goes back to it."""
    kind = gdb.lookup_type("weft::Registers")
    place = int(thread.user["stack_top"]) - kind.sizeof
    return gdb.Value(place).cast(kind.pointer()).dereference()


def kept_registers(thread: threads.Thread) -> dict[str, int]:
    registers = kept(thread)
    return {field.name: int(registers[field.name]) for field in registers.type.fields()}


def place_of_kept(name: str, thread: threads.Thread) -> int:
    return int(kept(thread)[name].address)


def program_stack_pointer(thread: threads.Thread) -> int:
    """Where its program's stack ends now, or did when it came into the kernel."""
    if thread.running_on == cpus.selected() and int(gdb.parse_and_eval("$cs")) & 3:
        return int(gdb.parse_and_eval("(unsigned long) $rsp"))
    return kept_registers(thread)["rsp"]
