"""The trace as the Perfetto viewer opens it: its protobuf format, as far as we need it.

Only the numbers of the fields are Perfetto's; they are facts of its published format (trace.proto,
track_event.proto, track_descriptor.proto).
"""

from typing import BinaryIO

from model import Model
from names import call_name

# TracePacket
PACKET, TIMESTAMP, SEQUENCE, TRACK_EVENT, TRACK_DESCRIPTOR = 1, 8, 10, 11, 60
SEQUENCE_FLAGS = 13
# TrackDescriptor
UUID, TRACK_NAME, PROCESS, THREAD, PARENT, COUNTER = 1, 2, 3, 4, 5, 8
# TrackEvent
TYPE, TRACK, NAME, COUNTER_VALUE, FLOWS, ENDING_FLOWS, CATEGORY = 9, 11, 23, 30, 47, 48, 22
BEGIN, END, INSTANT, COUNT = 1, 2, 3, 4

CPU_TRACKS, QUEUE_TRACKS, MEMORY_TRACK = 1000, 2000, 3000
PROCESS_TRACKS, THREAD_TRACKS, CALL_TRACKS = 1 << 32, 2 << 32, 3 << 32
COROUTINE_TRACKS = 4 << 32


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def fixed(field: int, value: int) -> bytes:
    return varint(field << 3 | 1) + value.to_bytes(8, "little")


def data(field: int, value: bytes) -> bytes:
    return varint(field << 3 | 2) + varint(len(value)) + value


def text(field: int, value: str) -> bytes:
    return data(field, value.encode())


class Writer:
    """Packets in the order in which they are written; the viewer sorts them by time."""

    def __init__(self, file: BinaryIO):
        self._file = file
        self._parts: list[bytes] = []
        self._first = True

    def _packet(self, body: bytes) -> None:
        flags = b""
        if self._first:  # the beginning of a sequence: nothing was said before
            flags, self._first = number(SEQUENCE_FLAGS, 1), False
        self._parts.append(data(PACKET, body + number(SEQUENCE, 1) + flags))
        if len(self._parts) == 10000:
            self.flush()

    def flush(self) -> None:
        self._file.write(b"".join(self._parts))
        self._parts.clear()

    def track(self, track: int, name: str, parent: int = 0, counts: bool = False, process: int = 0) -> None:
        body = number(UUID, track) + text(TRACK_NAME, name)
        if parent:
            body += number(PARENT, parent)
        if counts:
            body += data(COUNTER, b"")
        if process:
            body += data(PROCESS, number(1, process) + text(6, name))
        self._packet(data(TRACK_DESCRIPTOR, body))

    def begin(self, when: int, track: int, name: str, starts: int = 0, ends: int = 0) -> None:
        body = number(TYPE, BEGIN) + number(TRACK, track) + text(NAME, name)
        if starts:
            body += fixed(FLOWS, starts)
        if ends:
            body += fixed(ENDING_FLOWS, ends)
        self._event(when, body)

    def end(self, when: int, track: int) -> None:
        self._event(when, number(TYPE, END) + number(TRACK, track))

    def instant(self, when: int, track: int, name: str, starts: int = 0) -> None:
        body = number(TYPE, INSTANT) + number(TRACK, track) + text(NAME, name)
        if starts:
            body += fixed(FLOWS, starts)
        self._event(when, body)

    def count(self, when: int, track: int, value: int) -> None:
        self._event(when, number(TYPE, COUNT) + number(TRACK, track) + number(COUNTER_VALUE, value))

    def _event(self, when: int, body: bytes) -> None:
        self._packet(number(TIMESTAMP, when) + data(TRACK_EVENT, body))


class Arrows:
    """From each wake-up to the run that it led to. Threads and coroutines are named as the model names them."""

    def __init__(self, model: Model):
        self.arrivals: dict[tuple, int] = {}  # (who, when it runs) -> the arrow that ends there
        self.departures: dict[object, list[tuple]] = {}  # of each waker: (when, whom, the arrow)
        done = (wake for wake in (*model.wakes, *model.coroutine_wakes) if wake.runs_at is not None)
        for arrow, wake in enumerate(done, 1):
            self.arrivals[wake.thread, wake.runs_at] = arrow
            self.departures.setdefault(wake.by, []).append((wake.when, model.title_of(wake.thread), arrow))

    def write_states(self, writer: Writer, track: int, who, states, name_of) -> None:
        """The states on a track, with the arrows that end at its turns, and those that begin in them."""
        for span in states:
            arrow = self.arrivals.get((who, span.start), 0) if span.what == "Running" else 0
            writer.begin(span.start, track, name_of(span), ends=arrow)
            writer.end(span.end, track)
        for when, woken, arrow in self.departures.get(who, []):
            writer.instant(when, track, f"wakes {woken}", starts=arrow)


def write(model: Model, file: BinaryIO) -> None:
    writer, arrows = Writer(file), Arrows(model)
    _write_cpus(writer, model)
    _write_threads(writer, model, arrows)
    _write_coroutines(writer, model, arrows)
    writer.flush()


def _write_cpus(writer: Writer, model: Model) -> None:
    for cpu, spans in enumerate(model.cpus):
        track = CPU_TRACKS + cpu
        writer.track(track, f"CPU {cpu}")
        for span in spans:
            writer.begin(span.start, track, model.threads[span.what].title())
            writer.end(span.end, track)
        writer.track(QUEUE_TRACKS + cpu, f"waiting for CPU {cpu}", counts=True)
        for when, queued in model.queued[cpu]:
            writer.count(when, QUEUE_TRACKS + cpu, queued)
    writer.track(MEMORY_TRACK, "free pages", counts=True)
    for when, pages in model.memory:
        writer.count(when, MEMORY_TRACK, pages)


def _write_threads(writer: Writer, model: Model, arrows: Arrows) -> None:
    for process, name in model.processes.items():
        writer.track(PROCESS_TRACKS + process, f"{name} {process}", process=process)
    for thread in model.threads.values():
        track = THREAD_TRACKS + thread.id
        writer.track(track, thread.title(), PROCESS_TRACKS + thread.process if thread.process else 0)
        arrows.write_states(writer, track, thread.id, thread.states, _state_name)
        for when, mark in thread.marks:
            writer.instant(when, track, mark)
        if thread.calls:
            calls = CALL_TRACKS + thread.id
            writer.track(calls, f"{thread.title()}: system calls", track)
            for start, end, call, _ in thread.calls:
                writer.begin(start, calls, call_name(call))
                writer.end(end, calls)


def _state_name(span) -> str:
    return span.what if span.detail is None else f"{span.what} for {span.detail:#x}"


def _write_coroutines(writer: Writer, model: Model, arrows: Arrows) -> None:
    def state_name(span) -> str:
        return f"Running on {model.threads[span.detail].title()}" if span.what == "Running" else _state_name(span)

    for place, (key, coroutine) in enumerate(model.coroutines.items()):
        track = COROUTINE_TRACKS + place
        parent = PROCESS_TRACKS + coroutine.process if coroutine.process else 0
        writer.track(track, coroutine.title(), parent)
        arrows.write_states(writer, track, key, coroutine.states, state_name)
