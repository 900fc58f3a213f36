"""weft step-switch"""

from weftgdb import crossings, moment, running, threads, values
from weftgdb.command import Command, Problem, number

LONGEST = 1_000  # instructions, before giving up


class StepSwitch(Command):
    """Go one instruction on in a switch, and show both sides again.
Usage: weft step-switch [COUNT|change|out]
`change`: to behind the instruction that changes where the program goes on (a signal's delivery).
`out`: until the switch is over."""

    name = "step-switch"
    usage = "[COUNT|change|out]"

    def run(self, arguments):
        if len(arguments) > 1:
            self.refuse_usage()
        how = arguments[0] if arguments else "1"
        if how == "change":
            run_to_change()
        elif how == "out":
            step_out()
        else:
            for _ in range(number(how)):
                running.step(is_alone=not moment.is_over(running.pc()))
                show()
            return
        show()

    def words(self):
        return ["change", "out"]


def run_to_change() -> None:
    """To where the program's next instruction changes, or to where the kernel turns back to it unchanged."""
    thread = threads.find(".")
    if thread.user is None:
        raise Problem(f"{thread.title()} has no program")
    running.run_to_change(crossings.place_of_kept("rip", thread), [values.function("return_to_user")],
                          lambda: threads.find(".").address == thread.address)


def step_out() -> None:
    for _ in range(LONGEST):
        if moment.is_over(running.pc()):
            return
        running.step(is_alone=True)


def show() -> None:
    print("\n".join(moment.picture()))


def register() -> None:
    StepSwitch()
