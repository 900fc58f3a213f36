"""What the trace tools need of a kernel image: where a name stands in memory, and what is there."""

import struct


class Image:
    """A 64-bit ELF file with its symbols."""

    def __init__(self, path: str):
        with open(path, "rb") as file:
            self._data = file.read()
        if self._data[:6] != b"\x7fELF\x02\x01":
            raise ValueError(f"{path} is no 64-bit ELF file")
        self._segments = self._table(0x20, 0x36, 0x38, "<4x4xQQQQ")
        self._sections = self._table(0x28, 0x3A, 0x3C, "<II8xQQQI")
        self._symbols = self._read_symbols()

    def _table(self, offset_at: int, size_at: int, count_at: int, fields: str) -> list[tuple]:
        (start,) = struct.unpack_from("<Q", self._data, offset_at)
        (size,) = struct.unpack_from("<H", self._data, size_at)
        (count,) = struct.unpack_from("<H", self._data, count_at)
        return [struct.unpack_from(fields, self._data, start + size * number) for number in range(count)]

    def _read_symbols(self) -> dict[str, tuple[int, int]]:
        symbols = {}
        for _, kind, _, offset, size, link in self._sections:
            if kind != 2:  # SHT_SYMTAB
                continue
            names = self._sections[link][3]
            for at in range(offset, offset + size, 24):
                name, value, length = struct.unpack_from("<I4xQQ", self._data, at)
                start = names + name
                symbols[self._data[start:self._data.index(b"\0", start)].decode()] = (value, length)
        return symbols

    def physical(self, name: str) -> int:
        """Where the symbol stands in the machine's memory."""
        address, _ = self._symbols[name]
        for _, virtual, physical, size in self._segments:
            if virtual <= address < virtual + max(size, 1):
                return address - virtual + physical
        # Behind what the file has: the segment's zeros.
        _, virtual, physical, _ = max(each for each in self._segments if each[1] <= address)
        return address - virtual + physical

    def contents(self, name: str) -> bytes:
        address, length = self._symbols[name]
        for offset, virtual, _, size in self._segments:
            if virtual <= address < virtual + size:
                start = offset + address - virtual
                return self._data[start:start + length]
        raise KeyError(name)
