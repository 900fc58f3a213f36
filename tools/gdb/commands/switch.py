"""weft switch"""

import gdb

from weftgdb import coro_switching, crossings, moment, programs, running, switching, threads, values, whom
from weftgdb.command import Command, Problem

WHAT = ("entry", "exit", "signal", "coro")


class Switch(Command):
    """Run to the next moment at which somebody else takes over, and show both sides.
Usage: weft switch [entry|exit|signal|coro [ID]] [thread ID|cpu N|process PID]
Without a first word: from one thread to another. `entry`: a program calls the kernel. `exit`: the kernel
goes back to a program. `signal`: the kernel is about to send a program to its signal handler. `coro`: in
a program, from one coroutine (that one) to another.
weft step-switch goes on from there, one instruction at a time."""

    name = "switch"
    usage = "[entry|exit|signal|coro [ID]] [thread ID|cpu N|process PID]"

    def run(self, arguments):
        what = arguments[0] if arguments and arguments[0] in WHAT else None
        words = arguments[1 if what else 0:]
        number = words.pop(0) if what == "coro" and words and words[0].isdigit() else None
        wanted = whom.parse(words)
        places, question = PLACES[what]
        if running.run_to(places(), lambda: question(wanted) and (number is None or is_of_coroutine(number))):
            programs.follow_selected()
            moment.begin(is_signal=what == "signal")
            print("\n".join(moment.picture()))
        else:
            gdb.execute("frame")

    def words(self):
        return [*WHAT, *whom.KINDS]


def switch_is(wanted) -> bool:
    return wanted(*(switching.thread_of_context(register) for register in ("rdi", "rsi")))


def current_is(wanted) -> bool:
    return wanted(threads.find("."))


def has_signal(wanted) -> bool:
    thread = threads.find(".")
    work = int(values.variable("weft::hal::k_work_signals"))
    return wanted(thread) and bool(moment.work_of(thread) & work)


def is_of_coroutine(number: str) -> bool:
    programs.follow_selected()
    return any(side.label == f"coroutine {number}" for side in coro_switching.sides())


def coroutine_places() -> list[int]:
    places = coro_switching.all_places()
    if not places:
        raise Problem("no program that is known has coroutines: weft symbols PATH says where programs are")
    return places


PLACES = {
    None: (lambda: [switching.instructions()[0]["addr"]], switch_is),
    "entry": (lambda: [values.function("system_call_entry")], current_is),
    "exit": (crossings.ways_out, current_is),
    "coro": (coroutine_places, current_is),
    "signal": (lambda: [values.function("handle_user_work")], has_signal),
}


def register() -> None:
    Switch()
