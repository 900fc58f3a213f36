"""Locks that programs make of futex words. The kernel knows only the word; but where a program's library notes
who holds a lock, that stands near it, and the functions on the waiter's stack tell which library it is."""

import gdb

from weftgdb import memory, registers, values
from weftgdb.threads import Thread

TID = 0x3FFFFFFF  # the part of a robust lock's word that is its owner
GLIBC_OWNER = 8  # where struct __pthread_mutex_s has __owner; that is a part of the C library's ABI


def holder(thread: Thread, word: int) -> int:
    """The number of the thread that holds the lock whose word the thread waits for; 0 where nobody notes it."""
    functions = functions_in_program(thread)
    if any("pthread_mutex" in name for name in functions):
        return number_at(thread, word + GLIBC_OWNER)
    if any(name.startswith("weft::process_mutex::") for name in functions):
        return number_at(thread, word) & TID
    recursive = next((name for name in functions if name.startswith("weft::detail::Recursive<")), None)
    if recursive is not None:
        kind = gdb.lookup_type(recursive[:recursive.rindex(">::") + 1])
        return number_at(thread, word + values.field_offset(kind, "owner_"))
    return 0


def functions_in_program(thread: Thread) -> list[str]:
    with registers.looking_at(thread):
        frame, found = gdb.newest_frame(), []
        while frame is not None:
            if frame.pc() < memory.USER_END and frame.name():
                found.append(frame.name())
            frame = frame.older()
    return found


def number_at(thread: Thread, address: int) -> int:
    data = memory.read_user(thread.root, address, 4)
    return 0 if data is None else int.from_bytes(data, "little")
