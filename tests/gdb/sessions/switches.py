"""weft switch and weft step-switch, instruction by instruction, against what llvm-objdump says of the code."""

import re
import subprocess

import gdb
from checking import check, complaint, finish, said, set_scene, thread_in

from weftgdb import switching, threads


def disassembly(function: str, end: str = "ret") -> list[tuple[int, str]]:
    """The function's instructions up to the last of that name: address and text."""
    image = gdb.current_progspace().filename
    text = subprocess.run(["llvm-objdump-19", "-d", "--no-show-raw-insn", f"--disassemble-symbols={function}", image],
                          stdout=subprocess.PIPE, check=True, text=True).stdout
    every = [(int(address, 16), " ".join(words.split()))
             for address, words in re.findall(r"^([0-9a-f]+):\s+(.*)$", text, re.M)]
    last = next(place for place, (_, words) in enumerate(every) if words.startswith(end))
    return every[:last + 1]


def pc() -> int:
    return int(gdb.parse_and_eval("(unsigned long) $pc"))


def value(expression: str) -> int:
    return int(gdb.parse_and_eval(f"(unsigned long) {expression}"))


def slots(picture: str) -> list[list[tuple[int, str]]]:
    """Of both stacks: each slot's address and text, from the picture."""
    found = [[], []]
    for line in picture.splitlines():
        for match in re.finditer(r"(0x[0-9a-f]+) \| (.*?) *\|", line):
            found[match.start() > 50].append((int(match[1], 16), match[2]))
    return found


def outermost(label: str) -> str:
    """The last frame of the thread's backtrace, without its number."""
    return said(f"weft bt {label}").rstrip().splitlines()[-1].split(maxsplit=1)[1]


set_scene()

# ---- With gdb's own commands alone ----------------------------------------------------------------------

# Where a breakpoint stops, names are looked up in its function's namespace, and that has a switch_context, too.
gdb.execute("tbreak weft::hal::switch_context", to_string=True)
gdb.execute("continue", to_string=True)
for kept in (switching.instructions, switching.change):
    kept.cache_clear()
LONGEST_CALL = 20  # instructions
check("a switch to which a breakpoint led is shown as one",
      any("comes: " in said("weft step-switch") for _ in range(LONGEST_CALL)))

# ---- From thread to thread ----------------------------------------------------------------------------

code = disassembly("switch_context")
change = next(place for place, (_, words) in enumerate(code) if re.match(r"mov\S* .*, %rsp$", words))
pushed = [words.split("%")[1] for _, words in code if words.startswith("push")]
picture = said("weft switch")
check("weft switch stops at the switch's first instruction", pc() == code[0][0], picture)
leaving, coming = re.search(r'thread (\w+) ".*?  ->  thread (\w+) "', picture).groups()
entry_rsp = value("$rsp")
saved = {name: value(f"${name}") for name in pushed}
theirs = value("*(unsigned long *) $rsi")
began = {label: outermost(label) for label in (leaving, coming)}
for place, (address, words) in enumerate(code):
    check(f"step {place} is at {words}", pc() == address, hex(pc()))
    check(f"step {place}: the arrow is there", re.search(rf"=> {address:#x}  ", picture) is not None, picture)
    check(f"step {place}: one mark, at the load of the stack pointer",
          re.findall(r"(0x[0-9a-f]+) .*<== here one thread", picture) == [hex(code[change][0])], picture)
    runs = coming if place > change else leaving
    check(f"step {place}: {runs} runs", f"so here runs {runs};" in picture, picture)
    check(f"step {place}: to the other commands, too", threads.find(".").label == runs, threads.find(".").label)
    if place in (0, change, change + 1, len(code) - 1):
        check(f"step {place}: both backtraces are whole",
              {label: outermost(label) for label in (leaving, coming)} == began, began)
    check(f"step {place}: the chosen thread's stack is in use", f"leaves: {leaving} " in picture and
          f"comes: {coming} " in picture, picture)
    left, right = slots(picture)
    check(f"step {place}: the leaving thread's slots", [address for address, _ in left] ==
          [entry_rsp - 8 * number for number in range(len(pushed) + 1)], picture)
    check(f"step {place}: the coming thread's slots", sorted(address for address, _ in right) ==
          [theirs + 8 * number for number in range(len(pushed) + 1)], picture)
    done = sum(1 for _, before in code[:place] if before.startswith("push"))
    for number, name in enumerate(pushed):
        wanted = f"{name} {saved[name]:x}" if number < done else f"({name})"
        check(f"step {place}: {name} of the leaving thread", left[number + 1][1] == wanted, f"{left} {wanted}")
    popped = sum(1 for _, before in code[:place] if before.startswith("pop"))
    check(f"step {place}: {popped} of the coming thread's registers are taken back",
          sum(1 for _, what in right if what.startswith("(")) == popped, picture)
    rsp = [int(each, 16) for each in re.findall(r"(0x[0-9a-f]+) \|[^|]*\| <- rsp", picture)]
    check(f"step {place}: rsp is where the picture says", rsp == [value("$rsp")], f"{rsp} {picture}")
    picture = said("weft step-switch")
check("behind the switch the other thread runs", f"thread {coming} " in picture and "out of the switch" in picture and
      threads.find(".").label == coming, picture)

# ---- Of whom ------------------------------------------------------------------------------------------

sender = thread_in("signal_oneself")
pid = int(sender.process["pid"])
picture = said(f"weft switch thread {sender.label}")
check("weft switch thread ID", re.search(
    rf"^CPU.*thread {sender.label} ", picture, re.M) is not None, picture)
picture = said(f"weft switch process {pid}")
check("weft switch process PID", re.search(rf"^CPU.*of process {pid}", picture, re.M) is not None, picture)
# A CPU that has just got the sender: it will lose it soon, while an idle one might stay as it is.
for _ in range(10):
    picture = said(f"weft switch thread {sender.label}")
    if f"  ->  thread {sender.label} " in picture:
        break
cpu = re.search(r"^CPU (\d+): ", picture, re.M)[1]
picture = said(f"weft switch cpu {cpu}")
check("weft switch cpu N", re.search(rf"^CPU {cpu}: ", picture, re.M) is not None, picture)
check("weft switch shows two page tables", re.search(r"CR3 0x[0-9a-f]+", said(f"weft switch process {pid}")) is not None)
check("weft switch of nobody", "whom?" in complaint("weft switch nobody 3"))

# ---- Into the kernel, and out ---------------------------------------------------------------------------

code = disassembly("system_call_entry", "callq *")
picture = said(f"weft switch entry thread {sender.label}")
program = {"rip": value("$rcx"), "rsp": value("$rsp"), "rax": value("$rax"), "rbp": value("$rbp")}
for place, (address, words) in enumerate(code):
    check(f"entry step {place} is at {words}", pc() == address, hex(pc()))
    for name, was in program.items():
        check(f"entry step {place}: the program's {name}", re.search(rf"^ +{name} +{was:#x}\b", picture, re.M) is not None,
              f"{was:#x}\n{picture}")
    changed = re.search(r"=> 0x[0-9a-f]+ .*%gs:.*,%rsp   <== here the stack changes", picture) is not None
    check(f"entry step {place}: the mark of the stack's change", changed == (words.startswith("mov") and words.endswith(", %rsp")), picture)
    if place + 1 < len(code) and not words.startswith("j"):
        picture = said("weft step-switch")
    else:
        break
for _ in range(10):
    picture = said(f"weft switch exit thread {sender.label}")
    check("weft switch exit stops on the way out", "between its program and the kernel" in picture, picture)
    where = int(re.search(r"^ +rip +(0x[0-9a-f]+)", picture, re.M)[1], 16)
    picture = said("weft step-switch out")
    if "handle_user_work" not in picture:
        break  # else a signal had to be seen to first
check("weft step-switch out ends in the program", "runs in its program" in picture and pc() == where, picture)

# ---- A signal ---------------------------------------------------------------------------------------------

handler = value("&on_signal")
picture = said(f"weft switch signal thread {sender.label}")
check("weft switch signal: on the way back to the program", "the program goes on with" in picture and
      "<==" not in picture, picture)
picture = said("weft step-switch change")
check("weft step-switch change: the handler is next", re.search(
    rf"rip +{handler:#x}   <== was 0x", picture) is not None, f"{handler:#x}\n{picture}")
check("weft step-switch change: on another place of the stack", re.search(
    r"rsp +0x[0-9a-f]+   <== was 0x", said("weft step-switch change")) is not None or "rsp" in picture)
finish()
