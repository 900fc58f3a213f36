"""Prints how a run failed: the verdict, what to look at, and the command that repeats it."""

import re
import shlex
import sys

from weftlib.guest import Guest
from weftlib.verdict import Kind, Verdict

ESCAPE_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def explain(verdict: Verdict, guest: Guest, arguments: list[str], tail: int = 30) -> None:
    """To standard error; `tail` is how many of the last lines of the serial port to show."""
    out = sys.stderr
    lines = serial_lines(guest)
    if tail and lines:
        print(f"  the last lines of the serial port ({min(tail, len(lines))} of {len(lines)}):", file=out)
        for line in lines[-tail:]:
            print(f"  | {line}", file=out)
    print(f"weft: {verdict}", file=out)
    if verdict.kind is not Kind.BROKEN_SETUP:
        print(f"weft: to repeat it: tools/weft {shlex.join(arguments)}", file=out)


def serial_lines(guest: Guest) -> list[str]:
    """What the guest printed, without colours."""
    text = ESCAPE_SEQUENCE.sub("", guest.serial.decode("utf-8", "replace"))
    return [line.rstrip() for line in text.splitlines()]
