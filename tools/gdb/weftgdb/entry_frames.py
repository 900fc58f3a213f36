"""The kernel's entries in backtraces, by their names. To gdb they look like the frames that a Unix system
puts between a program and its signal handler, and it would say so."""

import gdb
from gdb.FrameDecorator import FrameDecorator

from weftgdb.memory import USER_END


class EntryFrame(FrameDecorator):
    """A frame of entry.S."""

    def function(self):
        frame = self.inferior_frame()
        if frame.type() == gdb.SIGTRAMP_FRAME and frame.pc() >= USER_END:
            return frame.name() or gdb.execute(f"info symbol {frame.pc():#x}", to_string=True).split()[0]
        return frame.name() or super().function()


class EntryNames:
    """gdb's protocol of frame filters."""

    name, priority, enabled = "weft-entries", 100, True

    def __init__(self):
        gdb.frame_filters[self.name] = self

    def filter(self, frames):
        return map(EntryFrame, frames)


def register() -> None:
    EntryNames()
