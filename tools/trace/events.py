"""A trace's file: what kinds of events there are, and the events themselves.

    one line of JSON          kinds, and what the run was
    blocks                    CPU and count (two 32-bit words), then the events, 32 bytes each
    a block of CPU 0xffffffff one line of JSON: how many events each CPU lost
"""

import json
import struct
from dataclasses import dataclass
from typing import Iterator

EVENT_SIZE = 32
EVENT = struct.Struct("<QIHHQQ")  # when, thread, kind, detail, first, second
BLOCK = struct.Struct("<II")
KIND = struct.Struct("24s16s16s16s")
END = 0xFFFFFFFF


class TraceError(Exception):
    """The file is no trace, or a damaged one."""


@dataclass
class Kind:
    """A kind of events, in the kernel's words: its name, and what its three numbers are."""

    name: str
    detail: str
    first: str
    second: str


@dataclass
class Trace:
    kinds: list[Kind]
    about: dict
    events: list[tuple]  # (when, cpu, thread, name of the kind, detail, first, second), by time
    lost: dict[int, int]


def read_kinds(table: bytes) -> list[Kind]:
    return [Kind(*(text.split(b"\0")[0].decode() for text in texts)) for texts in KIND.iter_unpack(table)]


def chars(first: int, second: int) -> bytes:
    """The text in an event's two numbers."""
    return struct.pack("<QQ", first, second)


def name_in(first: int, second: int) -> str:
    return chars(first, second).split(b"\0")[0].decode("utf-8", "replace")


class Writer:
    def __init__(self, path: str, kinds: bytes, about: dict):
        self._file = open(path, "wb")
        head = {"trace": "weft 1", "kinds": [vars(kind) for kind in read_kinds(kinds)], "about": about}
        self._file.write(json.dumps(head).encode() + b"\n")

    def write(self, cpu: int, events: bytes) -> None:
        self._file.write(BLOCK.pack(cpu, len(events) // EVENT_SIZE) + events)

    def close(self, lost: dict[int, int]) -> None:
        text = json.dumps({str(cpu): count for cpu, count in lost.items()}).encode()
        self._file.write(BLOCK.pack(END, len(text)) + text)
        self._file.close()


def _blocks(path: str) -> Iterator[tuple[int, bytes]]:
    """The head (as of CPU -1), the blocks, and the end (of CPU -2)."""
    with open(path, "rb") as file:
        yield -1, file.readline()
        while head := file.read(BLOCK.size):
            if len(head) != BLOCK.size:
                raise TraceError(f"{path} ends in the middle of a block")
            cpu, count = BLOCK.unpack(head)
            size = count if cpu == END else count * EVENT_SIZE
            data = file.read(size)
            if len(data) != size:
                raise TraceError(f"{path} ends in the middle of a block")
            yield (-2 if cpu == END else cpu), data


def read(path: str) -> Trace:
    """The whole trace, its events in the order of time. TraceError if it is none."""
    kinds, about, lost, events = [], {}, None, []
    for cpu, data in _blocks(path):
        if cpu == -1:
            head = _json(path, data)
            if head.get("trace") != "weft 1":
                raise TraceError(f"{path} is no trace")
            kinds, about = [Kind(**kind) for kind in head["kinds"]], head["about"]
            names = [kind.name for kind in kinds]
        elif cpu == -2:
            lost = {int(number): count for number, count in _json(path, data).items()}
        else:
            events += [(when, cpu, thread, names[kind], detail, first, second)
                       for when, thread, kind, detail, first, second in EVENT.iter_unpack(data)]
    if lost is None:
        raise TraceError(f"{path} has no end: was the launcher ended?")
    events.sort(key=lambda event: event[0])  # stable: each CPU's order stays
    return Trace(kinds, about, events, lost)


def _json(path: str, data: bytes) -> dict:
    try:
        return json.loads(data)
    except ValueError as error:
        raise TraceError(f"{path} is no trace") from error
