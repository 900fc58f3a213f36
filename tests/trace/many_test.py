"""A million events, each of them known beforehand (scene/count.c): none is lost that is not reported."""

import pathlib
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from made_up import ROOT  # noqa: E402 (needs the path above)

import channel  # noqa: E402
import events  # noqa: E402

sys.path.insert(0, str(ROOT / "tools"))

from weftlib import machine, trace  # noqa: E402

GETPPID = 110
OTHERS = 20_000  # more events than the start, the end and the ticks of a run can make


class Many(unittest.TestCase):
    def record(self, calls: int, size: str) -> events.Trace:
        parser = trace.parser()
        options = parser.parse_args(["--kernel", "build/release/weft.elf", "--initrd", "build/trace-scenes/count",
                                     "--cpus", "2", "--size", size, "--cmd", str(calls)])
        with tempfile.TemporaryDirectory(prefix="weft-trace-") as folder:
            path = folder + "/run.weft"
            self.assertEqual(trace.record(options, options.cmd[0], path, []), 0)
            return events.read(path)

    def numbers(self, recorded: events.Trace) -> list[list[int]]:
        """The calls of each of the two processes, in the order of time."""
        found = [[], []]
        for _, _, _, kind, detail, number, who in recorded.events:
            if kind == "call" and detail == GETPPID:
                found[who].append(number)
        return found

    def test_a_million_events_all_arrive(self):
        calls = 250_000
        recorded = self.record(calls, "128M")  # room for all of them on either CPU
        self.assertGreater(len(recorded.events), 1_000_000)
        self.assertEqual(sum(recorded.lost.values()), 0)
        self.assertEqual(self.numbers(recorded), [list(range(calls))] * 2)
        left = sum(1 for event in recorded.events if event[3] == "return" and event[4] == GETPPID)
        self.assertEqual(left, 2 * calls)

    def test_what_finds_no_room_is_counted(self):
        calls = 100_000
        with mock.patch.object(channel.Channel, "_run", lambda self: self._ends.wait()):  # nobody takes any
            recorded = self.record(calls, "2M")
        kept = 0
        for numbers in self.numbers(recorded):
            self.assertEqual(numbers, list(range(len(numbers))))  # the first ones, without a gap
            kept += len(numbers)
        missing = 2 * (2 * calls - kept)
        self.assertGreater(missing, 0)
        lost = sum(recorded.lost.values())
        self.assertGreaterEqual(lost, missing - 2)  # of each process one call may be half there
        self.assertLess(lost, missing + OTHERS)
