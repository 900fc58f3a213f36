"""weft vm"""

import gdb

from weftgdb import files, memory, processes, table, values
from weftgdb.command import Command, Problem, number


class Vm(Command):
    """Show a process's memory: its map, or how the CPU finds one address, table by table.
Usage: weft vm PID [ADDRESS]"""

    name = "vm"
    usage = "PID [ADDRESS]"

    def run(self, arguments):
        if len(arguments) not in (1, 2):
            self.refuse_usage()
        process = processes.find(arguments[0])
        space = values.referenced(process["memory"])
        if int(space) == 0:
            raise Problem(f"process {arguments[0]} has ended: it has no memory")
        if len(arguments) == 1:
            show_map(space)
        else:
            show_walk(space, number(arguments[1]))

    def words(self):
        return processes.pids()


def regions(space: gdb.Value):
    return values.tree_elements(space["regions_"]["regions_"])


def show_map(space: gdb.Value) -> None:
    rows = [[f"{int(region['start']):#014x}-{int(region['end']):#014x}", access(region),
             (int(region["end"]) - int(region["start"])) // memory.PAGE, content(space, region)]
            for region in regions(space)]
    table.show(["addresses", "may", "pages", "content"], rows)
    print(f"{int(values.atomic(space['resident_']))} pages are there; "
          f"page table at {int(space['table_']['root_']):#x}")


def access(region: gdb.Value) -> str:
    bits = int(region["access"])
    letters = (("read", "r"), ("write", "w"), ("execute", "x"))
    allowed = (letter if bits & values.enumerator("weft::mm::Access", name) else "-" for name, letter in letters)
    return "".join(allowed) + ("s" if region["is_shared"] else "p")


def content(space: gdb.Value, region: gdb.Value) -> str:
    if region["grows_down"]:
        return "stack"
    if int(region["start"]) <= int(space["heap_start_"]) < int(region["end"]):
        return "heap"
    pointer = values.referenced(region["object"])
    return "zeros" if int(pointer) == 0 else f"{files.kind_name(pointer)} from page {int(region['first_page'])}"


def show_walk(space: gdb.Value, address: int) -> None:
    memory.require_user_address(address)
    region = next((each for each in regions(space)
                   if int(each["start"]) <= address < int(each["end"])), None)
    if region is None:
        print(f"{address:#x} is in no region: a touch is an error (SIGSEGV)")
    else:
        print(f"{address:#x} is in {int(region['start']):#x}-{int(region['end']):#x}, "
              f"{access(region)}, {content(space, region)}")
    root = int(space["table_"]["root_"])
    rows = [[step.level, f"{step.table:#x}", step.index, f"{step.entry:#x}", step.bits()]
            for step in memory.walk(root, address)]
    table.show(["table", "at", "entry", "holds", "which means"], rows)
    physical = memory.translate(root, address)
    if physical is None:
        print("no page is there: a touch brings the CPU into the kernel (page fault)")
    else:
        print(f"physical address {physical:#x}, which the kernel sees at {memory.direct_map() + physical:#x}")


def register() -> None:
    Vm()
