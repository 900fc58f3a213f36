"""System calls as text, as strace prints them: from the events, by the table the kernel is made of."""

import errno
import signal
from typing import Iterator

from events import chars
from names import calls, table

MOST_TEXT = 48
AT_FDCWD = -100


def _signed(value: int, bits: int = 64) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def quoted(text: bytes, cut: bool) -> str:
    shown = "".join(chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else
                    {10: "\\n", 9: "\\t", 13: "\\r", 34: '\\"', 92: "\\\\"}.get(byte, f"\\{byte:o}")
                    for byte in text[:MOST_TEXT])
    return f'"{shown}"' + ("..." if cut or len(text) > MOST_TEXT else "")


def names_of(kind: str, which: str) -> dict[str, int]:
    known = table()["sets"].get(f"{kind}.{which}", {})
    names = dict(known.get("supported") or {})
    names.update(known.get("ignored") or {})
    names.update({name: pair[0] for name, pair in (known.get("refused") or {}).items()})
    names.update(known.get("modifiers") or {})
    return {name: value for name, value in names.items() if isinstance(value, int)}


def flags(which: str, value: int) -> str:
    """A|B|0x40: what has a name by its name, larger names first; what has none as a number."""
    found, left = [], value & 0xFFFFFFFF
    names = names_of("flags", which)
    for name, bits in sorted(names.items(), key=lambda each: -each[1]):
        bits &= 0xFFFFFFFF
        if bits and left & bits == bits:
            found.append(name)
            left &= ~bits
    if left:
        found.insert(0, f"{left:#x}")
    # A name for nothing at all: shown alone, or where two bits are a number (O_RDONLY).
    nothing = [name for name, bits in names.items() if bits == 0]
    if nothing and (not found or which == "open" and value & 3 == 0):
        found.append(nothing[0])
    return "|".join(reversed(found)) or "0"


def choice(which: str, value: int) -> str:
    for name, number in names_of("choice", which).items():
        if number & 0xFFFFFFFF == value & 0xFFFFFFFF:
            return name
    return str(_signed(value, 32))


def signal_name(value: int) -> str:
    try:
        return signal.Signals(value).name
    except ValueError:
        return str(_signed(value, 32))


def argument(kind: str, which: str | None, value: int) -> str:
    if kind == "flags":
        return flags(which, value)
    if kind == "choice":
        return choice(which, value)
    if kind == "signal":
        return signal_name(value)
    if kind == "dirfd" and _signed(value, 32) == AT_FDCWD:
        return "AT_FDCWD"
    if kind == "mode":
        return f"{value & 0o7777:#o}".replace("0o", "0")
    if kind in ("fd", "dirfd", "pid", "int"):
        return str(_signed(value, 32))
    if kind in ("uint", "uid"):
        return str(value & 0xFFFFFFFF)
    if kind in ("size", "ulong", "exactly"):
        return str(value)
    if kind in ("long", "offset"):
        return str(_signed(value))
    return f"{value:#x}" if value else "NULL"


def result(returns: str, value: int) -> str:
    number = _signed(value)
    if -4096 < number < 0:
        return f"-1 {errno.errorcode.get(-number, -number)}"
    return f"{value:#x}" if returns == "address" else str(number)


class Reader:
    """Takes events in their order and gives a line for each call that has come to its end."""

    def __init__(self):
        self._open: dict[int, dict] = {}
        self._who: dict[int, str] = {}
        self._names: dict[int, str] = {}

    def lines(self, events: Iterator[tuple]) -> Iterator[str]:
        for when, _, thread, kind, detail, first, second in events:
            if kind == "belongs to":
                self._who[thread] = str(second)
            elif kind == "call":
                self._open[thread] = {"number": detail, "arguments": [first, second], "texts": {}}
            elif kind == "arguments" and thread in self._open:
                self._open[thread]["arguments"] += [first, second]
            elif kind == "text" and thread in self._open:
                texts = self._open[thread]["texts"]
                texts[detail] = texts.get(detail, b"") + chars(first, second)
            elif kind in ("return", "exits") and thread in self._open:
                call = self._open.pop(thread)
                end = "?" if kind == "exits" else self._result(call, first)
                yield f"[{self._who.get(thread, thread):>4}] {when / 1e9:10.6f} {self._call(call, first)} = {end}"

    @staticmethod
    def _result(call: dict, value: int) -> str:
        known = calls().get(call["number"])
        return result(known["returns"] if known else "value", value)

    @staticmethod
    def _call(call: dict, value: int) -> str:
        known = calls().get(call["number"])
        if known is None:
            return f"call_{call['number']}()"
        shown = []
        for place, each in enumerate(known["arguments"]):
            number = call["arguments"][place] if place < len(call["arguments"]) else 0
            text = call["texts"].get(place)
            if text is None:
                shown.append(argument(each["kind"], each["type"], number))
            elif each["kind"] == "path":
                shown.append(quoted(text.split(b"\0")[0], False))
            else:
                following = call["arguments"][place + 1] if place + 1 < len(call["arguments"]) else len(text)
                length = following if each["kind"] == "in" else max(_signed(value), 0)
                shown.append(quoted(text[:length], length > len(text)))
        return f"{known['name']}({', '.join(shown)})"
