"""The kernel's event rings: what each CPU did last."""

from dataclasses import dataclass

import gdb

from weftgdb import cpus, values

OBJECTS = ("block", "contend")  # whose subject is an address; of the others it is a thread's id


@dataclass(order=True)
class Event:
    when: int
    order: int
    cpu: int
    thread: int
    kind: str
    subject: int

    def __str__(self) -> str:
        subject = f"{self.subject:#x}" if self.kind in OBJECTS else str(self.subject)
        return f"#{self.order} {self.when / 1e3:12.3f} us  CPU {self.cpu}  thread {self.thread}  {self.kind} {subject}"


def rings() -> list[gdb.Value]:
    return values.items(values.variable("weft::trace::(anonymous namespace)::rings"))


def count() -> int:
    """How many events the first CPU has noted: the number of its next one. (A recording has one CPU.)"""
    return int(rings()[0]["count"])


def noting() -> int:
    """The function that notes an event."""
    return int(gdb.parse_and_eval("(unsigned long) &'weft::trace::record_event'"))


def is_on() -> bool:
    return bool(values.atomic(values.variable("weft::trace::is_on")))


def last(count: int) -> list[Event]:
    """The newest events of all CPUs, in the order of time."""
    found = []
    for cpu, ring in enumerate(rings()[:len(cpus.blocks())]):
        slots = values.items(ring["events"])
        end = int(ring["count"])
        for number in range(max(0, end - min(count, len(slots))), end):
            event = slots[number % len(slots)]
            found.append(Event(int(event["when"]), number, cpu, int(event["thread"]),
                               values.enum_name(event["kind"]), int(event["subject"])))
    return sorted(found)[-count:] if count > 0 else []


def turn(on: bool) -> None:
    """The kernel notes events from now on, or no more."""
    flag = values.atomic(values.variable("weft::trace::is_on"))
    gdb.selected_inferior().write_memory(int(flag.address), bytes([on]))
