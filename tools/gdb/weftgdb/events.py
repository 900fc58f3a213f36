"""The kernel's event rings: what each CPU did last."""

from dataclasses import dataclass

import gdb

from weftgdb import cpus, values


@dataclass(order=True)
class Event:
    when: int
    order: int
    cpu: int
    thread: int
    kind: str
    subject: int  # the first of its numbers
    text: str  # what happened, in the words of the kernel's own list of events

    def __str__(self) -> str:
        return f"#{self.order} {self.when / 1e3:12.3f} us  CPU {self.cpu}  thread {self.thread}  {self.text}"


def control() -> gdb.Value:
    return values.variable("weft_trace_control")


def rings() -> list[gdb.Value]:
    return values.items(control()["rings"])


def written(ring: gdb.Value) -> int:
    return int(values.atomic(ring["written"]))


def count() -> int:
    """How many events the first CPU has noted: the number of its next one. (A recording has one CPU.)"""
    return written(rings()[0])


def noting() -> list[int]:
    """The functions that note an event."""
    return [int(gdb.parse_and_eval(f"(unsigned long) &'weft::trace::{name}'")) for name in ("record_event", "record_whole")]


def is_on() -> bool:
    return bool(values.atomic(values.variable("weft::trace::is_on")))


def _words(kind: gdb.Value, event: gdb.Value) -> str:
    """"switches to 7, queued 2, state 1": what the kind has no name for is left out."""
    text = kind["name"].string()
    if kind["first"].string():
        text += f" {int(event['first']):#x}" if int(event["first"]) > 9999 else f" {int(event['first'])}"
    for part in ("second", "detail"):
        if kind[part].string():
            text += f", {kind[part].string()} {int(event[part])}"
    return text


def last(count: int) -> list[Event]:
    """The newest events of all CPUs, in the order of time. (Of a stream, the launcher has them.)"""
    found = []
    kinds = values.items(values.variable("weft_trace_kinds"))
    recorders = values.items(values.variable("weft::trace::(anonymous namespace)::recorders"))
    for cpu, ring in enumerate(rings()[:len(cpus.blocks())]):
        slots = values.items(recorders[cpu])
        end = written(ring)
        for number in range(max(0, end - min(count, len(slots))), end):
            event = slots[number % len(slots)]
            kind = kinds[int(event["kind"])]
            found.append(Event(int(event["when"]), number, cpu, int(event["thread"]), kind["name"].string(),
                               int(event["first"]), _words(kind, event)))
    return sorted(found)[-count:] if count > 0 else []


def turn(on: bool) -> None:
    """The kernel notes events from now on, or no more."""
    flag = values.atomic(values.variable("weft::trace::is_on"))
    gdb.selected_inferior().write_memory(int(flag.address), bytes([on]))
