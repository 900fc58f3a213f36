"""What a process's descriptors stand for."""

import gdb

from weftgdb import values

ACCESS = ("read", "write", "read+write", "-")


def open_files(process: gdb.Value) -> list[tuple[int, gdb.Value]]:
    """The numbers in use, each with its File (a pointer of the kind's own type)."""
    files = values.referenced(process["files"])
    if int(files) == 0:
        return []
    return [(number, own_type(files["files_"][number]))
            for number in range(int(files["end_"])) if int(files["files_"][number]) != 0]


def own_type(pointer: gdb.Value) -> gdb.Value:
    """The pointer as that of the class that was made: the table of virtual functions tells."""
    try:
        return pointer.cast(pointer.dynamic_type)
    except gdb.error:
        return pointer


def kind_name(pointer: gdb.Value) -> str:
    return str(own_type(pointer).type.target().unqualified()).replace("(anonymous namespace)::", "").rsplit(
        "::", maxsplit=1)[-1]


def path(file: gdb.Value) -> str:
    """By which it was opened; empty for a file in no tree."""
    entry = values.referenced(file["entry_"])
    return entry_path(entry) if int(entry) else ""


def entry_path(entry: gdb.Value) -> str:
    parts = []
    while True:
        parent = values.referenced(entry["parent_"])
        name = entry["name_"].string("utf-8", "replace", length=int(entry["name_length_"]))
        if int(parent) in (0, int(entry)) or len(parts) > 200:
            break
        parts.append(name)
        entry = parent
    return "/" + "/".join(reversed(parts))


def access(file: gdb.Value) -> str:
    return ACCESS[int(values.atomic(file["flags_"])) & 3]


def flags(file: gdb.Value) -> int:
    return int(values.atomic(file["flags_"]))
