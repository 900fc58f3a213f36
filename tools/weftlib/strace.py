"""System calls as they happen: what `tools/weft run --strace` prints."""

import os
import sys
from typing import TextIO

from weftlib.machine import Machine, size_in_bytes

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))), "trace"))

import calls as trace_calls  # noqa: E402 (needs the path above)
import channel as trace_channel  # noqa: E402
import events as trace_events  # noqa: E402

MEMORY = "32M"


class Strace:
    """Use as: with Strace(machine, file) as strace: ... strace.start() once the machine runs."""

    def __init__(self, computer: Machine, out: TextIO):
        self._channel = trace_channel.Channel(
            computer.kernel, computer.machine, size_in_bytes(computer.mem))
        computer.memory_file = self._channel.path
        computer.append += [f"trace={MEMORY}", "strace=on"]
        self._kinds = [kind.name for kind in trace_events.read_kinds(self._channel.kinds())]
        self._reader = trace_calls.Reader()
        self._out = out
        self._waiting: list[tuple] = []
        self._newest = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._channel.close()

    def start(self) -> None:
        self._channel.start(self._take, self._write)

    def finish(self) -> None:
        lost = sum(self._channel.finish().values())
        self._write()
        self._write()
        if lost:
            print(f"({lost} events were lost)", file=self._out)

    def _take(self, cpu: int, data: bytes) -> None:
        self._waiting += [(when, cpu, thread, self._kinds[kind], detail, first, second)
                          for when, thread, kind, detail, first, second in trace_events.EVENT.iter_unpack(data)]

    def _write(self) -> None:
        """Writes the calls up to the newest event of the last look: of those before it none is missing,
        whatever CPU they happened on."""
        self._waiting.sort(key=lambda event: event[0])
        ready = [event for event in self._waiting if event[0] <= self._newest]
        self._waiting = self._waiting[len(ready):]
        if self._waiting:
            self._newest = self._waiting[-1][0]
        for line in self._reader.lines(iter(ready)):
            print(line, file=self._out)
        self._out.flush()
