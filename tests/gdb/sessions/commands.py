"""Every command that looks, at a machine that stands still in a known scene."""

import re

import gdb
from checking import PROCESSES, check, complaint, finish, said, set_scene, thread_in

from weftgdb import cpus, crossings, threads
from weftgdb.running import alone, end_machine

set_scene()

# ---- weft bt: all the way to main -------------------------------------------------------------------

for function in ("wait_for_word", "sleep_long", "lock_each_other_out"):
    thread = thread_in(function)
    text = said(f"weft bt {thread.label}")
    check(f"bt of a thread in {function} comes through the kernel's entry", "system_call_entry" in text, text)
    check(f"bt of a thread in {function} reaches main", " main () at " in text, text)
    check(f"bt of a thread in {function} is whole", "stopped" not in text and "??" not in text, text)
other = thread_in("take_right_first")
check("bt of a program's second thread reaches its beginning", "start_thread" in said(f"weft bt {other.label}"))
everything = said("weft bt all")
for thread in threads.listed():
    check(f"bt all shows thread {thread.label}", f'thread {thread.label} "' in everything)
check("no backtrace is cut short", "Backtrace stopped" not in everything, everything)
idle = [part for part in everything.split("\n\n") if part.startswith("thread idle")]
check("bt all shows each CPU's idle thread", len(idle) == len(cpus.blocks()), len(idle))

# ---- weft thread: gdb's own commands in a sleeping thread ---------------------------------------------

reader = thread_in("wait_for_word")
before = {name: int(gdb.parse_and_eval(f"(unsigned long) ${name}")) for name in ("rip", "rsp", "rbp", "cr3", "rbx")}
said(f"weft thread {reader.label}")
check("weft thread tells whom it shows", f"thread {reader.label} " in said("weft thread"))
frames = said("bt")
check("gdb's bt is the thread's", "wait_for_word" in frames and "main ()" in frames, frames)
said("frame function reader")
check("info locals works in its program", "word = " in said("info locals"), said("info locals"))
check("weft threads marks it", re.search(rf"^\* +{reader.label} ", said("weft threads"), re.M) is not None)
said("weft thread .")
after = {name: int(gdb.parse_and_eval(f"(unsigned long) ${name}")) for name in before}
check("the CPU has its own registers again", before == after, f"{before} {after}")
said(f"weft thread {reader.label}")
with alone():
    said("stepi")
pc = int(gdb.parse_and_eval("(unsigned long) $pc"))
check("the machine steps where it was", 0 <= pc - before["rip"] < 16 or crossings.is_entry_code(pc), hex(pc))

# ---- The lists --------------------------------------------------------------------------------------

listing = said("weft threads")
check("threads: the reader waits for its pipe", re.search(
    rf"^ +{reader.label} +.*Waiting.*Pipe 0x[0-9a-f]+, since [0-9.]+ ms", listing, re.M) is not None, listing)
check("threads: a lock has an owner", re.search(r"futex 0x[0-9a-f]+, owned by \d+", listing) is not None, listing)
check("threads: who sleeps waits for time", "time, since" in listing, listing)
pid = int(reader.process["pid"])
own = said(f"weft threads {pid}")
check("threads PID lists that process's only", own.count("\n") == 2 and f" {reader.label} " in own, own)

procs = said("weft procs")
check("procs: all, one with two threads", procs.count("build/gdb/scene") == PROCESSES and
      re.search(r"alive +2 ", procs) is not None, procs)
running = said("weft cpus")
check("cpus: each, and one is chosen", running.count("\n") == len(cpus.blocks()) + 1 and
      running.count("\n*") == 1, running)

pipes = said("weft pipes")
check("pipes: both ends, and who waits", re.search(
    rf"0x[0-9a-f]+ +0 .*\b{pid}:3\b.*\b{pid}:4\b.* {reader.label}$", pipes, re.M) is not None, pipes)
fds = said(f"weft fds {pid}")
check("fds: the console and the pipe", "/dev/console" in fds and "PipeFile" in fds, fds)

memory = said(f"weft vm {pid}")
check("vm: code, heap and stack", all(word in memory for word in ("r-xp", "heap", "stack")), memory)
said("weft symbols")
entry = int(gdb.parse_and_eval("(unsigned long) &wait_for_word"))
walk = said(f"weft vm {pid} {entry:#x}")
check("vm ADDRESS: four tables and a physical address",
      [line.split()[0] for line in walk.splitlines()[2:6]] == ["PML4", "PDPT", "PD", "PT"] and
      "physical address" in walk, walk)
physical = int(re.search(r"the kernel sees at (0x[0-9a-f]+)", walk)[1], 16)
inferior = gdb.selected_inferior()
with open("build/gdb/scene", "rb") as file:
    check("vm ADDRESS: the code is there", bytes(inferior.read_memory(physical, 16)) in file.read())
check("vm: a hole in the map", "in no region" in said(f"weft vm {pid} 0x10"))

circle = said("weft deadlock")
check("deadlock: the two threads, each with its lock and its place",
      "2 threads wait for each other" in circle and circle.count("take_both") == 2, circle)

locks = said("weft locks")
check("locks: an answer", "no lock is held" in locks or locks.startswith("lock "), locks)
check("trace: events, or why there are none", "CPU " in said("weft trace 5") or "no events" in said("weft trace 5"))
said("weft trace on")
said("weft switch")
check("trace on: the kernel notes events", re.search(
    r"^#\d+ +[0-9.]+ us  CPU \d+  thread \d+  \w+ ", said("weft trace 3"), re.M) is not None, said("weft trace 3"))
check("log: the kernel's first line", "Weft, " in said("weft log"), said("weft log"))

# ---- Refusals, help, Tab ------------------------------------------------------------------------------

check("an unknown thread", "there is no thread 999" in complaint("weft bt 999"))
check("an unknown process", "there is no process 999" in complaint("weft vm 999"))
check("a wrong use", "usage: weft fds PID" in complaint("weft fds"))
check("no recording", "recording" in complaint("weft goto 5"))
every = re.findall(r"^weft ([\w-]+) -- ", said("help weft"), re.M)
check("help weft lists the commands", {"bt", "threads", "vm", "switch", "step-switch"} <= set(every), every)
check("Tab completes the commands", said("complete weft sw").split() == ["weft", "switch"])
for name in every:
    text = said(f"help weft {name}")
    check(f"help weft {name}", "Usage: weft " in text and len(text.splitlines()) >= 2, text)
check("Tab completes thread numbers", f"weft bt {reader.label}" in said(f"complete weft bt {reader.label}").splitlines())
check("Tab completes process numbers", f"weft vm {pid}" in said(f"complete weft vm {pid}").splitlines())
end_machine()
for words in ("threads", "step-switch"):
    check(f"weft {words} without a machine", "there is no machine" in complaint(f"weft {words}"))
finish()
