"""How our types look when gdb prints them: print, info locals, the editor's variables."""

import gdb

from weftgdb import queue_printers, threads, values
from weftgdb.command import Problem

SHOWN = 200  # elements of a list


class Elements:
    """A container: how many, and each."""

    def __init__(self, value: gdb.Value, name: str, elements):
        self._name, self._elements = name, list(zip(range(SHOWN + 1), elements(value)))

    def to_string(self):
        more = "more than " if len(self._elements) > SHOWN else ""
        return f"{self._name} of {more}{min(len(self._elements), SHOWN)}"

    def children(self):
        return ((f"[{number}]", element.address) for number, element in self._elements[:SHOWN])

    def display_hint(self):
        return None


class Line:
    """A value that says all in one line."""

    def __init__(self, text):
        self._text = text

    def to_string(self):
        return self._text


class Guarded:
    """Data inside its lock."""

    def __init__(self, value: gdb.Value):
        self._value = value

    def to_string(self):
        return f"guarded by a {lock_state(self._value['lock_'])} lock"

    def children(self):
        yield "value", self._value["value_"]


class Result:
    """std::expected with our errno."""

    def __init__(self, value: gdb.Value):
        self._value = value

    def to_string(self):
        if not self._value["_M_has_value"]:
            return f"error {values.enum_name(self._value['_M_unex'])}"
        return "fine" if not values.has_field(self._value, "_M_val") else None

    def children(self):
        if self._value["_M_has_value"] and values.has_field(self._value, "_M_val"):
            yield "value", self._value["_M_val"]


def lock_state(lock: gdb.Value) -> str:
    return "held" if values.is_held(lock) else "free"


def mutex_text(value: gdb.Value) -> str:
    word = int(values.atomic(value["word_"]))
    if word == 0:
        return "free mutex"
    return f"mutex of {threads.at(word & ~1).title()}" + (", waited for" if word & 1 else "")


def ref_text(value: gdb.Value) -> str:
    pointer = values.referenced(value)
    if int(pointer) == 0:
        return "empty Ref"
    count = int(values.atomic(pointer.dereference()["references_"]))
    return f"Ref to {pointer.dynamic_type.target().name} {int(pointer):#x}, one of {count}"


def thread_text(value: gdb.Value) -> str:
    thread = threads.Thread(value)
    return f"{thread.title()}, {thread.state}"


PRINTERS = (
    ("weft::List<", lambda value: Elements(value, "List", values.list_elements)),
    ("weft::RbTree<", lambda value: Elements(value, "RbTree", values.tree_elements)),
    ("weft::WaitQueue", lambda value: Elements(value["waiters_"], "WaitQueue", values.list_elements)),
    ("weft::Guarded<", Guarded),
    ("weft::SpinLock", lambda value: Line(f"{lock_state(value)} spin lock ({values.enum_name(value['rank_'])})")),
    ("weft::Mutex", lambda value: Line(mutex_text(value))),
    ("weft::Atomic<", lambda value: Line(values.atomic(value))),
    ("weft::Ref<", lambda value: Line(ref_text(value))),
    ("weft::Thread", lambda value: Line(thread_text(value))),
    ("weft::Text<", lambda value: Line(values.text(value))),
    ("std::expected<", Result),
    *queue_printers.PRINTERS,
)


def find(value: gdb.Value):
    """gdb's question: who prints this? None: gdb itself."""
    kind = value.type.strip_typedefs()
    if kind.code != gdb.TYPE_CODE_STRUCT or not kind.name:
        return None
    for name, printer in PRINTERS:
        if kind.name == name or (name.endswith("<") and kind.name.startswith(name)):
            if name == "std::expected<" and not kind.name.endswith("weft::Errno>"):
                return None
            try:
                return printer(value)
            except (gdb.error, Problem):
                return None  # not there in memory, or torn: gdb shows what it can
    return None


def register() -> None:
    gdb.pretty_printers.append(find)
