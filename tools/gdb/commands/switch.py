"""weft switch"""

import gdb

from weftgdb import crossings, moment, running, switching, threads, values, whom
from weftgdb.command import Command

WHAT = ("entry", "exit", "signal")


class Switch(Command):
    """Run to the next moment at which somebody else takes over, and show both sides.
Usage: weft switch [entry|exit|signal] [thread ID|cpu N|process PID]
Without a first word: from one thread to another. `entry`: a program calls the kernel. `exit`: the kernel
goes back to a program. `signal`: the kernel is about to send a program to its signal handler.
weft step-switch goes on from there, one instruction at a time."""

    name = "switch"
    usage = "[entry|exit|signal] [thread ID|cpu N|process PID]"

    def run(self, arguments):
        what = arguments[0] if arguments and arguments[0] in WHAT else None
        wanted = whom.parse(arguments[1 if what else 0:])
        places, question = PLACES[what]
        if running.run_to(places(), lambda: question(wanted)):
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


PLACES = {
    None: (lambda: [switching.instructions()[0]["addr"]], switch_is),
    "entry": (lambda: [crossings.address_of("system_call_entry")], current_is),
    "exit": (crossings.ways_out, current_is),
    "signal": (lambda: [crossings.address_of("handle_user_work")], has_signal),
}


def register() -> None:
    Switch()
