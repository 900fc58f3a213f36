"""A sleeping thread's registers in a CPU's place, so that gdb's own commands work in that thread.

The CPU gets its own registers back before it runs a single instruction: every command of gdb that lets
the machine go is preceded by restore(). Where a thread's registers are on its stack, the unwind
information of switch_context knows; so this needs only its stack pointer, and the place in the code.
"""

from contextlib import contextmanager

import gdb

from weftgdb import cpus, memory, programs, switching
from weftgdb.command import Problem
from weftgdb.threads import Thread

BORROWED = ("rip", "rsp", "cr3")
RUNNING_COMMANDS = (
    "continue", "step", "stepi", "next", "nexti", "finish", "until", "advance", "jump", "detach", "signal",
    "call", "reverse-continue", "reverse-step", "reverse-stepi", "reverse-next", "reverse-nexti", "reverse-finish")

_saved: dict[str, int] = {}
_saved_thread: gdb.InferiorThread | None = None
_shown: Thread | None = None


def show(thread: Thread) -> None:
    """From now on gdb's frames are this thread's, until restore() or until the machine runs."""
    global _saved_thread, _shown
    restore()
    cpu = thread.running_on
    if cpu is not None:
        cpus.gdb_thread(cpu).switch()
        gdb.newest_frame().select()
        root = _get("cr3")
        if thread.root is not None and (root ^ thread.root) & memory.FRAME:
            # In the middle of a switch the CPU has the coming one's already.
            _saved_thread, _saved["cr3"] = gdb.selected_thread(), root
            _set("cr3", thread.root)
        programs.follow(thread.process)
        return
    stack_pointer = int(thread.value["context"]["stack_pointer"])
    if thread.state in ("New", "Dead") or stack_pointer == 0:
        raise Problem(f"{thread.title()} is {thread.state}: it has no stack to look at")
    _saved_thread, _shown = gdb.selected_thread(), thread
    cpus.own_stack_pointers[cpus.selected()] = cpus.stack_pointer(cpus.selected())
    gdb.newest_frame().select()
    for name in BORROWED:
        _saved[name] = _get(name)
    try:
        _set("rip", switching.arrival())
        _set("rsp", stack_pointer)
        if thread.root is not None:
            _set("cr3", thread.root)
        programs.follow(thread.process)
    except BaseException:
        restore()
        raise


def shown() -> Thread | None:
    """The sleeping thread that gdb is shown, if it is."""
    return _shown


def restore() -> None:
    """The CPU has its own registers again."""
    global _saved_thread, _shown
    if _saved_thread is None:
        return
    selected = gdb.selected_thread()
    if _saved_thread.is_valid():
        _saved_thread.switch()
        gdb.newest_frame().select()
        for name, value in _saved.items():
            _set(name, value)
        if selected is not None and selected.is_valid() and selected != _saved_thread:
            selected.switch()
    _saved.clear()
    cpus.own_stack_pointers.clear()
    _saved_thread = _shown = None


def hook_commands() -> None:
    """Before each command that lets the machine run. (A hook is gdb's own way to do that.)"""
    for name in RUNNING_COMMANDS:
        gdb.execute(f"define hook-{name}\npython import weftgdb.registers; weftgdb.registers.restore()\nend", to_string=True)


@contextmanager
def looking_at(thread: Thread):
    """gdb's frames are this thread's meanwhile."""
    before, shown_before = gdb.selected_thread(), _shown
    show(thread)
    try:
        yield
    finally:
        restore()
        before.switch()
        if shown_before is not None:
            show(shown_before)


def _get(name: str) -> int:
    return int(gdb.parse_and_eval(f"${name}").cast(gdb.lookup_type("unsigned long")))


def _set(name: str, value: int) -> None:
    gdb.parse_and_eval(f"${name} = (unsigned long) {value:#x}")


def is_remote_controlled() -> bool:
    """An editor's gdb (its machine interface) runs the machine by commands that have no hooks."""
    with open("/proc/self/cmdline", "rb") as file:
        words = file.read().decode("utf-8", "replace").split("\0")
    return any(word.startswith(("--interpreter=mi", "-i=mi", "mi2", "mi3")) for word in words)


def forget() -> None:
    """The machine goes to another moment: what a CPU's registers were means nothing there."""
    global _saved_thread, _shown
    _saved.clear()
    cpus.own_stack_pointers.clear()
    _saved_thread = _shown = None


def use_root(root: int) -> int:
    """The chosen CPU sees memory through that page table; which one it had. The caller puts it back."""
    gdb.newest_frame().select()
    before = _get("cr3")
    _set("cr3", root)
    return before


@contextmanager
def replaced(**others: int):
    """The chosen CPU's registers are these meanwhile."""
    gdb.newest_frame().select()
    before = {name: _get(name) for name in others}
    try:
        for name, value in others.items():
            _set(name, value)
        yield
    finally:
        gdb.newest_frame().select()
        for name, value in before.items():
            _set(name, value)
