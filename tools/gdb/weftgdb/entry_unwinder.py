"""The way back from the two instructions of a system call's entry at which the program's stack pointer is
neither in its register nor on the kernel's stack, but in the CPU's own block. Unwind information has no
word for that place."""

import gdb
from gdb.unwinder import Unwinder, register_unwinder

from weftgdb import cpus, crossings, switching, values

SAME = ("rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15")
SIZE_OF_PLACE = 2  # instructions


class Identity:
    """What tells this frame from others."""

    def __init__(self, sp, pc):
        self.sp, self.pc = sp, pc


class EntryUnwinder(Unwinder):
    def __init__(self):
        super().__init__("system call entry")
        self._places = None

    def __call__(self, pending_frame):
        pc = int(pending_frame.read_register("pc").cast(gdb.lookup_type("unsigned long")))
        if pc not in self.places():
            return None
        info = pending_frame.create_unwind_info(
            Identity(pending_frame.read_register("rsp"), pending_frame.read_register("pc")))
        for name in SAME:
            info.add_saved_register(name, pending_frame.read_register(name))
        block = values.items(values.variable("weft::x86::cpu_blocks"))[cpus.selected()]
        info.add_saved_register("rsp", block["user_stack_pointer"])
        info.add_saved_register("rip", pending_frame.read_register("rcx"))
        return info

    def places(self) -> set[int]:
        """Behind the load of the kernel's stack pointer."""
        if self._places is None:
            found = gdb.selected_inferior().architecture().disassemble(
                values.function("system_call_entry"), count=20)
            changed = next(number for number, each in enumerate(found)
                           if switching.loads_stack_pointer(each["asm"]) and "%gs" in each["asm"])
            self._places = {each["addr"] for each in found[changed + 1:changed + 1 + SIZE_OF_PLACE]}
        return self._places


def register() -> None:
    register_unwinder(None, EntryUnwinder(), replace=True)
