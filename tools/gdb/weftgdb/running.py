"""Letting the machine run to somewhere, and what to say if it stops elsewhere or ends."""

import os
from contextlib import contextmanager, nullcontext

import gdb

from weftgdb import registers
from weftgdb.command import Problem


STALE_STOPS = 10  # in a row; more than there can be


class Stop(gdb.Breakpoint):
    """A breakpoint of ours, at an address; it stops where `wanted()` says so."""

    def __init__(self, address: int, wanted):
        super().__init__(f"*{address:#x}", internal=True)
        self.silent = True
        self.was_hit = False
        self._wanted = wanted

    def stop(self):
        self.was_hit = bool(self._wanted())
        return self.was_hit


class Change(gdb.Breakpoint):
    """Stops when eight bytes of the kernel's memory have changed."""

    def __init__(self, address: int):
        super().__init__(f"*(unsigned long *) {address:#x}", gdb.BP_WATCHPOINT, gdb.WP_WRITE, internal=True)
        self.silent = True


def run_to_change(address: int, places: list[int], wanted) -> None:
    """Runs until the word has changed, or one of the places is reached and is wanted."""
    change = Change(address)
    try:
        run_to(places, wanted)
    finally:
        change.delete()


def run_to(addresses: list[int], wanted=lambda: True) -> bool:
    """Runs until one of the addresses is reached and is wanted. False: it stopped for another reason,
    which gdb has told."""
    registers.restore()
    stops = [Stop(address, wanted) for address in addresses]
    try:
        for _ in range(STALE_STOPS):
            if not is_stale(go("continue")):
                break
        return any(stop.was_hit for stop in stops)
    finally:
        for stop in stops:
            stop.delete()


def step(is_alone: bool) -> None:
    """One instruction of this CPU. The others stand still if `is_alone`; they must not where it may wait
    for one of them."""
    registers.restore()
    with alone() if is_alone else nullcontext():
        before = state()
        go("stepi")
        if state() == before:  # QEMU ends a step before it begins when an interrupt was looked at
            go("stepi")


def state() -> list[int]:
    """What every instruction changes at least a part of."""
    return [int(gdb.parse_and_eval(f"(unsigned long) ${name}")) for name in ("pc", "rsp", "rcx")]


@contextmanager
def alone():
    before = gdb.parameter("scheduler-locking")
    gdb.execute("set scheduler-locking on")
    try:
        yield
    finally:
        gdb.execute(f"set scheduler-locking {before}")


def go(command: str) -> gdb.StopEvent | None:
    """A command that lets the machine run; how it stopped."""
    seen = []
    gdb.events.stop.connect(seen.append)
    try:
        with quiet():
            gdb.execute(command)
    except gdb.error as error:
        raise Problem(str(error)) from None
    finally:
        gdb.events.stop.disconnect(seen.append)
    if gdb.selected_thread() is None:
        raise Problem("the machine has ended")
    return seen[-1] if seen else None


def is_stale(event: gdb.StopEvent | None) -> bool:
    """A CPU tells of a breakpoint that was there when it came by, and is gone by now."""
    return isinstance(event, gdb.SignalEvent) and event.stop_signal == "SIGTRAP"


@contextmanager
def quiet():
    """What gdb says of each stop is not shown: the command has something better to say. (gdb writes it
    past all that Python could catch, so its standard output leads nowhere meanwhile.)"""
    gdb.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        gdb.flush()
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def pc() -> int:
    return int(gdb.parse_and_eval("(unsigned long) $pc"))


def end_machine() -> None:
    """No machine any more. It may be gone before it has answered."""
    try:
        gdb.execute("kill", to_string=True)
    except gdb.error:
        pass
