"""Is the caller known at every single instruction of the code that switches? Each path is gone through one
instruction at a time, and what the unwind information says of the caller is compared with what it is."""

import gdb
from checking import check, finish, set_scene

from weftgdb import cpus, crossings, moment, running, switching, threads, values
from weftgdb.memory import USER_END

GENERAL = ("rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rsp")
KEPT_BY_CALLS = ("rbx", "rbp", "r12", "r13", "r14", "r15", "rsp")
LONGEST = 200


def registers_of(frame: gdb.Frame, names) -> dict[str, int]:
    kind = gdb.lookup_type("unsigned long")
    found = {name: int(frame.read_register(name).cast(kind)) for name in names}
    found["pc"] = frame.pc()
    return found


def caller(names) -> dict[str, int] | str:
    """What the unwinder says of the frame around the innermost real one."""
    frame = gdb.newest_frame()
    while frame.type() == gdb.INLINE_FRAME:
        frame = frame.older()
    try:
        return registers_of(frame.older(), names)
    except (gdb.error, AttributeError) as error:
        return str(error)


def go_through(name: str, truth: dict[str, int], goes_on, names) -> int:
    """Steps while `goes_on()`, and compares at each instruction; how many there were."""
    wrong, count = [], 0
    while goes_on() and count < LONGEST:
        seen = caller(names)
        if seen != truth:
            wrong.append(f"{running.pc():#x}: {seen}, not {truth}")
        running.step(is_alone=True)
        count += 1
    check(f"{name}: the caller is known at each of its instructions", count > 0 and not wrong,
          f"{count} instructions\n" + "\n".join(wrong[:4]))
    return count


def truth_of_interrupted(saved_by_cpu_at: int, extra: int = 0) -> dict[str, int]:
    """At an entry's first instruction: the registers are still those of the interrupted code, and the CPU
    has pushed five words (and an error code)."""
    truth = registers_of(gdb.newest_frame(), GENERAL)
    words = [int.from_bytes(gdb.selected_inferior().read_memory(saved_by_cpu_at + extra + 8 * number, 8).tobytes(),
                            "little") for number in range(5)]
    truth["pc"], truth["rsp"] = words[0], words[3]
    return truth


def value(expression: str) -> int:
    return int(gdb.parse_and_eval(f"(unsigned long) {expression}"))


def in_entry() -> bool:
    return crossings.is_entry_code(running.pc())


set_scene()

# ---- switch_context: before the change it is the leaving thread's caller, behind it the coming one's ----

for number in range(4):
    running.run_to([switching.instructions()[0]["addr"]])
    coming = threads.at(switching.thread_of_context("rsi").address)
    is_new = coming.state == "running" and int(coming.value["switches"]) == 1
    before = caller(KEPT_BY_CALLS)
    frame = gdb.newest_frame()
    real = {name: value(f"${name}") for name in KEPT_BY_CALLS}
    check(f"switch {number}: the caller's registers at its first instruction",
          {**real, "rsp": real["rsp"] + 8, "pc": value("*(unsigned long *) $rsp")} == before, before)
    lowest = switching.saved_stack_pointer(coming)
    pops = switching.registers_named("pop", after=True)
    theirs = {name: value(f"*(unsigned long *) {lowest + 8 * place}") for place, (_, name) in enumerate(pops)}
    theirs["rsp"] = lowest + 8 * len(pops) + 8
    theirs["pc"] = value(f"*(unsigned long *) {lowest + 8 * len(pops)}")
    change = switching.change()["addr"]
    count = go_through(f"switch {number}, leaving", before, lambda: running.pc() <= change, KEPT_BY_CALLS)
    count += go_through(f"switch {number}, coming", theirs, lambda: switching.contains(running.pc()), KEPT_BY_CALLS)
    check(f"switch {number}: no instruction was left out", count == len(switching.instructions()), count)
    check(f"switch {number}: and there it goes on", running.pc() == theirs["pc"])

# ---- A system call, in and out --------------------------------------------------------------------------

for number in range(3):
    running.run_to([values.function("system_call_entry")])
    truth = registers_of(gdb.newest_frame(), GENERAL)
    truth["pc"] = truth["rcx"]
    changed_by_cpu = ("rcx", "r11")
    names = [name for name in GENERAL if name not in changed_by_cpu]
    truth = {name: truth[name] for name in (*names, "pc")}
    go_through(f"system call {number}, in", truth, in_entry, names)

for number in range(3):
    running.run_to([crossings.ways_out()[0]])
    thread = threads.find(".")
    kept = crossings.kept_registers(thread)
    # The frame has what the call came with; what C++ keeps is in the registers, and was never saved.
    truth = registers_of(gdb.newest_frame(), KEPT_BY_CALLS)
    truth.update({name: kept[name] for name in ("rsp", "rdi", "rsi", "rdx", "r8", "r9", "r10")}, pc=kept["rip"])
    names = tuple(name for name in truth if name != "pc")
    go_through(f"system call {number}, out", truth, in_entry, names)
    if running.pc() < USER_END:
        found = registers_of(gdb.newest_frame(), names)
        check(f"system call {number} is back in its program, with its registers", found == truth, f"{found}, not {truth}")

# ---- Back to the program by the common way ------------------------------------------------------------------

for number in range(2):
    running.run_to([values.function("return_to_user")],
                   lambda: not int(threads.find(".").user["work"]["value_"]["_M_i"]))
    kept = crossings.kept_registers(threads.find("."))
    truth = {name: kept[name] for name in GENERAL}
    truth["pc"] = kept["rip"]
    go_through(f"return {number}", truth, in_entry, GENERAL)

# ---- A signal: out of the kernel to its handler, through that, and by sigreturn back to what it interrupted ------


def places() -> list[int]:
    """Where the innermost function is and those that called it go on."""
    frame, found = gdb.newest_frame(), []
    while frame is not None:
        if frame.type() != gdb.INLINE_FRAME:
            found.append(frame.pc())
        frame = frame.older()
    return found


def to_program(thread: int, pc: int) -> dict[str, int]:
    """Runs to where the thread is about to go on in its program at that place; with which registers."""
    running.run_to([values.function("return_to_user")], lambda: threads.find(".").address == thread and
                   crossings.kept_registers(threads.find("."))["rip"] == pc)
    kept = crossings.kept_registers(threads.find("."))
    return {**{name: kept[name] for name in GENERAL}, "pc": kept["rip"]}


def has_signal() -> bool:
    return bool(moment.work_of(threads.find(".")) & int(values.variable("weft::hal::k_work_signals")))


handler = value("&on_signal")
for number in range(2):
    running.run_to([values.function("handle_user_work")], has_signal)
    thread = threads.find(".").address
    interrupted = [pc for pc in places() if pc < USER_END]
    check(f"signal {number}: what it interrupts is known to its beginning", len(interrupted) > 2, interrupted)
    go_through(f"signal {number}, to its handler", to_program(thread, handler), in_entry, GENERAL)
    check(f"signal {number}: the handler begins", running.pc() == handler, hex(running.pc()))
    wrong, count = [], 0
    while running.pc() < USER_END and count < LONGEST:
        seen = places()
        if seen[-len(interrupted):] != interrupted:
            wrong.append(f"{running.pc():#x}: {[hex(pc) for pc in seen]}")
        running.step(is_alone=True)
        count += 1
    check(f"signal {number}, in its handler: the interrupted program is known at each instruction",
          3 < count < LONGEST and not wrong, f"{count} {[hex(pc) for pc in interrupted]} {wrong[:3]}")
    go_through(f"signal {number}, back to the program", to_program(thread, interrupted[0]), in_entry, GENERAL)

# ---- Exceptions and interrupts, from the program and from the kernel ----------------------------------------

vectors = {"page fault": ("exception_14", 8), "timer": (value("(char *) &interrupt_entries") + 16 * (225 - 32), 0),
           "kick": (value("(char *) &interrupt_entries") + 16 * (224 - 32), 0)}


def from_program() -> bool:
    return bool(value("*(unsigned long *) ($rsp + 8 + %d)" % extra) & 3)


for name, (place, extra) in vectors.items():
    address = place if isinstance(place, int) else values.function(place)
    if name == "kick" and len(cpus.blocks()) == 1:
        continue  # nobody else is there to kick this CPU
    for side, wanted in (("the program", True), ("the kernel", False)):
        if name == "kick" and wanted:
            continue  # a kick wakes idle CPUs; one that runs a program gets none for a long time
        if not running.run_to([address], lambda wanted=wanted: from_program() == wanted):
            check(f"{name} in {side}: it came", False)
            continue
        truth = truth_of_interrupted(value("$rsp"), extra)
        count = go_through(f"{name} in {side}, in", truth, in_entry, GENERAL)
        check(f"{name} in {side}: a few instructions", 5 < count < 40, count)
        if not wanted:
            # The handler's return: out of the entry again, when this thread goes on.
            frame = gdb.newest_frame()
            while frame is not None and not crossings.is_entry_code(frame.pc()):
                frame = frame.older()
            thread = threads.find(".").address
            running.run_to([frame.pc()], lambda thread=thread: threads.find(".").address == thread)
            # What was interrupted may itself be code of an entry.
            go_through(f"{name} in {side}, out", truth,
                       lambda end=truth["pc"]: in_entry() and running.pc() != end, GENERAL)
            check(f"{name} in {side} is over", running.pc() == truth["pc"], hex(running.pc()))
finish()
