"""weft goto"""

import re

import gdb

from weftgdb import events, recording, running
from weftgdb.command import Command, Problem

UNITS = {"ns": 1, "us": 1_000, "ms": 1_000_000, "s": 1_000_000_000}


class Goto(Command):
    """Go to a moment of a recording, forwards or backwards.
Usage: weft goto INSTRUCTIONS | #EVENT | TIME
INSTRUCTIONS: how many were executed before it, as `weft when` says. #EVENT: as `weft trace` numbers them.
TIME: such as 71.6ms, on the kernel's clock: the first event at or after it. `weft goto end`: the last moment."""

    name = "goto"
    usage = "INSTRUCTIONS | #EVENT | TIME | end"

    def run(self, arguments):
        if len(arguments) != 1:
            self.refuse_usage()
        text = arguments[0].replace(",", "")
        time = re.fullmatch(r"([0-9.]+)(ns|us|ms|s)", text)
        if text == "end" and recording.end is not None:
            recording.go_to(recording.end)
        elif text.isdigit():
            recording.go_to(int(text))
        elif text.startswith("#") and text[1:].isdigit():
            go_to_event(int(text[1:]))
        elif time is not None:
            go_to_time(int(float(time[1]) * UNITS[time[2]]))
        else:
            self.refuse_usage()
        gdb.execute("frame")

    def words(self):
        return ["end"]


def go_to_event(number: int) -> None:
    """To the call that notes it."""
    recording.come_near(lambda noted: noted.events <= number)
    ends = recording.last_places()
    if events.count() != number or running.pc() not in events.noting():
        running.run_to([*events.noting(), *ends], lambda: events.count() == number or running.pc() in ends)
    if running.pc() in ends or events.count() != number:
        raise Problem(f"there is no event #{number} in the recording")


def go_to_time(time: int) -> None:
    """To the first event that is not before it."""
    recording.come_near(lambda noted: noted.time < time)
    ends = recording.last_places()
    running.run_to([*events.noting(), *ends], lambda: recording.noted().time >= time or running.pc() in ends)
    if events.count() == 0:
        raise Problem("nothing was traced")
    go_to_event(events.count() - 1)


def register() -> None:
    Goto()
