"""weft break and weft syscalls, and what the machine prints of our types."""

import re

import gdb
from checking import check, complaint, finish, said

from weftgdb import processes, running, threads, values

# ---- A breakpoint in a program that has not begun ---------------------------------------------------------

check("nothing runs yet", processes.listed() == [])
text = said("weft break scene:signal_oneself")
check("weft break tells its number", re.search(r"^Breakpoint \d+ at signal_oneself of scene, 0x", text, re.M) is not None, text)
running.go("continue")
check("it stops there", gdb.newest_frame().name() in ("signal_oneself", "start"), gdb.newest_frame().name())
process = threads.find(".").process
check("in a process that comes there", processes.name(process) == "init" and " main () " in said("bt"), said("bt"))
check("weft break shows in gdb's own list", "signal_oneself" in said("info breakpoints") or "0x" in said("info breakpoints"))
said("delete")
check("a function that no program has", "has no_such_function" in complaint("weft break scene:no_such_function"))
check("a wrong use", "usage" in complaint("weft break scene"))

# Only in that program: another name, the same address.
said("weft break other:on_signal")
said("weft break scene:scene_is_set")
running.go("continue")
check("a breakpoint of another program does not stop", gdb.newest_frame().name() == "scene_is_set", gdb.newest_frame().name())
said("delete")

# ---- Printers -----------------------------------------------------------------------------------------------

said("set language c++")  # the program is C

check("a list shows its elements", re.search(
    r"List of \d+ = \{", said("print 'weft::sched::(anonymous namespace)::all_threads'.value_.list")) is not None,
    said("print 'weft::sched::(anonymous namespace)::all_threads'.value_.list")[:300])
guarded = said("print 'weft::sched::(anonymous namespace)::all_threads'")
check("guarded data shows its lock", "guarded by a free lock" in guarded, guarded[:300])
thread = threads.find(".")
check("a thread prints as one line", re.search(
    r'thread \d+ "init" of process \d+, Running', said(f"print *(weft::Thread *) {thread.address:#x}")) is not None)
check("an atomic prints as its value", said(f"print ((weft::Thread *) {thread.address:#x})->cpu").strip().split()[-1]
      == str(thread.cpu))
check("a reference prints what it leads to", "Ref to " in said(f"print ((weft::proc::Process *) {int(thread.process.address):#x})->memory"))
space = values.referenced(thread.process["memory"])
check("a tree shows its elements", "RbTree of " in said(f"print ((weft::mm::AddressSpace *) {int(space):#x})->regions_.regions_"))
check("a result prints its value or its errno", any(
    word in complaint_or_text for complaint_or_text in [said("print (weft::Errno) 12")] for word in ("nomem", "12")))

# ---- weft locks, where one is held ----------------------------------------------------------------------------

in_fault = [spot.pc for spot in gdb.decode_line("weft::mm::AddressSpace::fault_locked")[1]]
running.run_to(in_fault)
notes = len(values.items(threads.find(".").value["held_locks"]["held"])) > 1
text = said("weft locks")
check("locks: a debug build knows that a fault holds its address space", not notes or re.search(
    rf" address_space +{threads.find('.').label} ", text) is not None, text)
mutex = said(f"print (('weft::mm::AddressSpace' *) {int(values.referenced(threads.find('.').process['memory'])):#x})->lock_")
check("a mutex prints with its owner", f"mutex of thread {threads.find('.').label} " in mutex, mutex)

# ---- weft syscalls -------------------------------------------------------------------------------------------

check("weft syscalls needs a word", "usage" in complaint("weft syscalls"))
said("weft syscalls on")
said("weft break scene:scene_is_set")
running.go("continue")
said("weft syscalls off")
finish()
