"""weft connect"""

import os
import time

import gdb

from weftgdb import recording, running
from weftgdb.command import Command, Problem

PATIENCE_SECONDS = 20


class Connect(Command):
    """Connect to a machine that waits for a debugger, and run it to the kernel's first line of C++.
Usage: weft connect PLACE [here|recording]
PLACE is a socket or HOST:PORT. With `here` the machine stays where it is; a `recording` is gone through
once, so that one can move in it quickly."""

    name = "connect"
    usage = "PLACE [here|recording]"

    def run(self, arguments):
        if len(arguments) not in (1, 2):
            self.refuse_usage()
        place = arguments[0]
        if ":" not in place:
            wait_for(place)
        gdb.execute(f"target remote {place}", to_string=True)
        if arguments[1:] == ["here"]:
            return
        gdb.execute("tbreak weft::kernel_main", to_string=True)
        gdb.execute("continue", to_string=True)
        if arguments[1:] == ["recording"]:
            recording.prepare()
            print(f"the recording goes to moment {recording.end}: weft goto, weft when, weft last-write, reverse-stepi ...")


def wait_for(path: str) -> None:
    """Until the machine has made its socket: it starts at the same time as gdb."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not os.path.exists(path):
        if time.monotonic() > end:
            raise Problem(f"no machine has made {path}")
        time.sleep(0.02)


def register() -> None:
    Connect()
    # gdb ends, and with it the machine: nobody else would let it go on.
    gdb.events.gdb_exiting.connect(lambda _event: running.end_machine())
