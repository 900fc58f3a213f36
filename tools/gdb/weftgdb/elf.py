"""The few facts about a program's file that are needed to know it again in memory."""

import functools
import os
import struct
from dataclasses import dataclass

SAMPLE = 48
PT_LOAD = 1
PF_X = 1
ET_DYN = 3


@dataclass(frozen=True)
class Program:
    path: str
    entry: int
    sample: bytes  # the code at the entry
    is_movable: bool

    @property
    def name(self) -> str:
        return os.path.basename(self.path)


def program(path: str) -> Program | None:
    """What is known of the file; None if it is no 64-bit program. Read again when it has changed."""
    try:
        return _program(path, os.stat(path).st_mtime_ns)
    except OSError:
        return None


@functools.cache
def _program(path: str, _changed: int) -> Program | None:
    with open(path, "rb") as file:
        header = file.read(64)
        if len(header) < 64 or header[:5] != b"\x7fELF\x02":
            return None
        kind, _, _, entry, table = struct.unpack_from("<HHIQQ", header, 16)
        size, count = struct.unpack_from("<HH", header, 54)
        for number in range(count):
            file.seek(table + number * size)
            part, _, offset, start, _, length = struct.unpack_from("<IIQQQQ", file.read(size))
            if part == PT_LOAD and start <= entry < start + length:
                file.seek(offset + entry - start)
                return Program(path, entry, file.read(min(SAMPLE, start + length - entry)), kind == ET_DYN)
    return None


def programs(places: list[str]) -> list[Program]:
    """All programs at these places: files, or folders with files in them."""
    found = []
    for place in places:
        paths = [place]
        if os.path.isdir(place):
            paths = [os.path.join(place, name) for name in sorted(os.listdir(place))]
        found += [each for each in map(program, filter(os.path.isfile, paths)) if each is not None]
    return found


def code(path: str) -> list[tuple[int, bytes]]:
    """The parts of a program that may be executed, each with its address."""
    with open(path, "rb") as file:
        image = file.read()
    table, = struct.unpack_from("<Q", image, 32)
    size, count = struct.unpack_from("<HH", image, 54)
    parts = [struct.unpack_from("<IIQQQQ", image, table + number * size) for number in range(count)]
    return [(start, image[offset:offset + length]) for kind, flags, offset, start, _, length in parts
            if kind == PT_LOAD and flags & PF_X]
