"""Pictures of two stacks, beside each other, in plain text."""

import gdb

from weftgdb import coro_switching, cpus, memory, switching
from weftgdb.symbols import place_name

WIDTH = 58


def beside(left: list[str], right: list[str]) -> list[str]:
    """Two columns of lines."""
    height = max(len(left), len(right))
    left, right = (column + [""] * (height - len(column)) for column in (left, right))
    return [f"  {one:{WIDTH}}  {other}".rstrip() for one, other in zip(left, right)]


def word(address: int) -> int:
    return int.from_bytes(memory.read(address, 8), "little")


# ---- From thread to thread ------------------------------------------------------------------------


def switch(pc: int) -> list[str]:
    """A moment inside switch_context: both threads' stacks, and the code with the place in it."""
    leaving, coming = switching.sides(pc)
    has_changed = pc > switching.change()["addr"]
    runs, waits = (coming, leaving) if has_changed else (leaving, coming)
    lines = [f"CPU {cpus.selected()}: {leaving.thread.title()}  ->  {coming.thread.title()}",
             f"  the stack is that of {runs.thread.label}, so here runs {runs.thread.label}; "
             f"{waits.thread.label} is what it left on its stack", ""]
    lines += beside(side("leaves", leaving, is_running=not has_changed),
                    side("comes", coming, is_running=has_changed))
    return [*lines, "", *code(switching.instructions(), pc, mark_of_switch)]


def side(role: str, who: switching.Side, is_running: bool) -> list[str]:
    thread = who.thread
    lines = [f'{role}: {thread.label} "{thread.name}"', root_line(thread)]
    for slot in who.slots:
        pointer = ""
        if slot.address == who.stack_pointer:
            pointer = " <- rsp" if is_running else " <- saved rsp"
        lines.append(f"{slot.address:#x} | {slot_text(slot):20} |{pointer}")
    if who.stack_pointer > who.slots[0].address:
        lines.append(f"rsp = {who.stack_pointer:#x}")
    return lines


def slot_text(slot: switching.Slot) -> str:
    if not slot.is_saved:
        return f"({slot.what})"  # not yet pushed, or popped already
    if slot.what == "return address":
        return place_name(word(slot.address)).rsplit("::", maxsplit=1)[-1][-20:]
    return f"{slot.what} {word(slot.address):x}"


def root_line(thread) -> str:
    """Its page table, and whether the CPU uses it now."""
    if thread.root is None:
        return "CR3: a kernel thread keeps what is loaded"
    return f"CR3 {thread.root:#x}" + (" (loaded)" if thread.root == memory.loaded_root() else "")


def mark_of_switch(instruction: dict) -> str:
    return "   <== here one thread becomes the other" if instruction == switching.change() else ""


# ---- Between a program and the kernel ---------------------------------------------------------------


def crossing(thread, program: dict[str, int | None], saved: dict[str, int], listing: list[dict], pc: int) -> list[str]:
    """A moment in the entry code: the program's registers, and where they are on the kernel's stack."""
    rsp = int(gdb.parse_and_eval("(unsigned long) $rsp"))
    on_kernel_stack = rsp >= memory.USER_END
    lines = [f"CPU {cpus.selected()}: {thread.title()}, between its program and the kernel",
             f"  the stack is the {'kernel' if on_kernel_stack else 'program'}'s", ""]
    left = ["the program"]
    left += [f"{name:6} {value:#x}" if value is not None else f"{name:6} not known here"
             for name, value in program.items()]
    right = ["the kernel's stack"]
    places = {address: name for name, address in saved.items()}
    for address in sorted(places, reverse=True):
        pointer = " <- rsp" if address == rsp else ""
        right.append(f"{address:#x} | {places[address]:6} {word(address):x} |{pointer}")
    if rsp not in places:
        right.append(f"rsp = {rsp:#x}")
    lines += beside(left, right)
    return [*lines, "", *code(listing, pc, mark_of_crossing)]


def delivery(thread, before: dict[str, int], now: dict[str, int]) -> list[str]:
    """The kernel may change what its thread's program goes on with: a signal's handler, for one."""
    lines = [f"CPU {cpus.selected()}: {thread.title()}, in the kernel on its way back to its program", "",
             "  the program goes on with"]
    for name, value in now.items():
        change = f"   <== was {before[name]:#x}" if before.get(name, value) != value else ""
        lines.append(f"  {name:10} {value:#x}{change}")
    return lines


# ---- From coroutine to coroutine ----------------------------------------------------------------------


def coroutine_switch(thread, start: int, pc: int) -> list[str]:
    """A moment inside a switch in user space: what both control blocks hold."""
    leaving, coming = coro_switching.sides()
    every = coro_switching.instructions(start)
    jump = every[-1]["addr"]
    changed = next((each["addr"] for each in every if switching.loads_stack_pointer(each["asm"])), jump)
    whose = coming.label if pc > changed else leaving.label
    lines = [f"CPU {cpus.selected()}: {thread.title()}: {leaving.label}  ->  {coming.label}",
             f"  the stack is that of {whose}", ""]
    lines += beside(coroutine_side("leaves", leaving), coroutine_side("comes", coming))
    rsp = int(gdb.parse_and_eval("(unsigned long) $rsp"))
    return [*lines, f"  rsp = {rsp:#x}", "", *code(every, pc, mark_of_coroutine_switch)]


def coroutine_side(role: str, who) -> list[str]:
    lines = [f"{role}: {who.label}"]
    for name, value in who.words.items():
        where = f" {place_name(value).rsplit('::', maxsplit=1)[-1]}" if name == "resume_at" and value > 15 else ""
        lines.append(f"{name:13} | {value:#x} |{where}")
    return lines


def mark_of_coroutine_switch(instruction: dict) -> str:
    if instruction["asm"].startswith("jmp"):
        return "   <== here one coroutine becomes the other"
    return "   <-- the stack changes" if switching.loads_stack_pointer(instruction["asm"]) else ""


def mark_of_crossing(instruction: dict) -> str:
    name = instruction["asm"].split()[0]
    if name.startswith(("sysret", "iret")):
        return "   <== here the CPU becomes the program's"
    if name == "swapgs":
        return "   <-- GS changes hands"
    if switching.loads_stack_pointer(instruction["asm"]):
        return "   <== here the stack changes"
    return ""


def code(listing, pc: int, mark) -> list[str]:
    return [f"  {'=>' if each['addr'] == pc else '  '} {each['addr']:#x}  {each['asm']}{mark(each)}"
            for each in listing]
