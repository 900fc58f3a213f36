"""weft step-switch"""

from weftgdb import moment, running
from weftgdb.command import Command, number

LONGEST = 20_000  # instructions, before giving up


class StepSwitch(Command):
    """Go one instruction on in a switch, and show both sides again.
Usage: weft step-switch [COUNT|change|out]
`change`: to the instruction that changes what the program goes on with (a signal's delivery).
`out`: until the switch is over."""

    name = "step-switch"
    usage = "[COUNT|change|out]"

    def run(self, arguments):
        if len(arguments) > 1:
            self.refuse_usage()
        how = arguments[0] if arguments else "1"
        if how == "change":
            before = moment.kept()
            step_while(lambda: moment.kept() == before)
        elif how == "out":
            step_while(lambda: not moment.is_over(running.pc()))
        else:
            for _ in range(number(how)):
                running.step()
                show()
            return
        show()

    def words(self):
        return ["change", "out"]


def step_while(goes_on) -> None:
    for _ in range(LONGEST):
        running.step()
        if not goes_on():
            return


def show() -> None:
    print("\n".join(moment.picture()))


def register() -> None:
    StepSwitch()
