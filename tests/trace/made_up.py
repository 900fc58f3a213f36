"""Traces made up for tests: small ones whose picture anyone can work out, and large ones."""

import pathlib
import random
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/trace"))

from events import Kind, Trace  # noqa: E402 (needs the path above)

WAITING, LOCKED, SLEEPING = 1, 2, 3
RUNNABLE, BLOCKED, DEAD = 1, 3, 4


def kinds() -> list[Kind]:
    """The kernel's own list, out of its source."""
    source = (ROOT / "kernel/core/trace/event.cc").read_text()
    rows = re.findall(r'\{"([^"]+)", "([^"]*)", "([^"]*)", "([^"]*)"\}', source)
    return [Kind(*row) for row in rows]


def name(text: str) -> tuple[int, int]:
    data = text.encode().ljust(16, b"\0")
    return int.from_bytes(data[:8], "little"), int.from_bytes(data[8:], "little")


def trace(events: list[tuple], lost: dict | None = None, **about) -> Trace:
    """Events as (when, cpu, thread, kind, detail, first, second); what is missing at the end is 0."""
    known = {kind.name for kind in kinds()}
    whole = [(*event, *[0] * (7 - len(event))) for event in events]
    assert all(event[3] in known for event in whole), "a kind the kernel does not have"
    return Trace(kinds(), {"command": "made up", "cpus": 1, **about}, whole, lost or {0: 0})


def ping_pong() -> Trace:
    """Two threads on one CPU. Thread 1 runs, waits for object 0x10; 2 runs, wakes it, is preempted."""
    return trace([
        (0, 0, 0, "starts thread", 0, 1), (0, 0, 1, "is named", 0, *name("ping")),
        (5, 0, 0, "starts thread", 0, 2), (5, 0, 2, "is named", 0, *name("pong")),
        (10, 0, 0, "switches to", RUNNABLE, 1, 1),
        (30, 0, 1, "blocks on", WAITING, 0x10),
        (30, 0, 1, "switches to", BLOCKED, 2, 0),
        (50, 0, 2, "wakes", 0, 1),
        (60, 0, 2, "switches to", RUNNABLE, 1, 1),
        (90, 0, 1, "call", 39, 0, 0), (95, 0, 1, "return", 39, 7),
        (100, 0, 1, "ends"), (100, 0, 1, "switches to", DEAD, 2, 0),
        (130, 0, 2, "ends"), (130, 0, 2, "switches to", DEAD, 0, 0),
    ])


def coroutines() -> Trace:
    """Process 9 with worker threads 5 and 6. Coroutine A parks for 0x77, B on the same worker wakes it, and it
    goes on on the other worker; C is woken by thread 5 itself, when it runs no coroutine."""
    return trace([
        (0, 0, 0, "starts thread", 0, 5), (0, 0, 5, "belongs to", 0, 9, 9), (0, 0, 5, "is named", 0, *name("left")),
        (0, 0, 0, "starts thread", 0, 6), (0, 0, 6, "belongs to", 0, 9, 10), (0, 0, 6, "is named", 0, *name("right")),
        (5, 0, 0, "switches to", RUNNABLE, 5, 0), (5, 1, 0, "switches to", RUNNABLE, 6, 0),
        (10, 0, 5, "starts coroutine", 0, 0xA), (10, 0, 5, "names coroutine", 0, 0xA, name("A")[0]),
        (10, 0, 5, "starts coroutine", 0, 0xB), (10, 0, 5, "names coroutine", 0, 0xB, name("B")[0]),
        (20, 0, 5, "runs coroutine", 0, 0xA), (40, 0, 5, "coroutine parks", 2, 0xA, 0x77),
        (40, 0, 5, "runs coroutine", 0, 0xB), (60, 0, 5, "wakes coroutine", 0, 0xA),
        (70, 1, 6, "runs coroutine", 1, 0xA), (80, 0, 5, "coroutine ends", 0, 0xB),
        (85, 0, 5, "wakes coroutine", 0, 0xC), (90, 0, 5, "runs coroutine", 0, 0xC),
        (100, 1, 6, "coroutine ends", 0, 0xA), (110, 0, 5, "coroutine ends", 0, 0xC),
        (120, 0, 5, "timer"),
    ], cpus=2)


def large(events: int, cpus: int = 4, threads: int = 200, seed: int = 1) -> Trace:
    """A run as a scheduler could have made it, of about as many events."""
    chance = random.Random(seed)
    made = [(0, 0, 0, "starts thread", 0, thread, 0) for thread in range(1, threads + 1)]
    made += [(0, 0, thread, "belongs to", 0, 1 + thread // 20, thread) for thread in range(1, threads + 1)]
    runs: list[int] = [0] * cpus
    ready, asleep, when = list(range(1, threads + 1)), [], 1
    chance.shuffle(ready)
    while len(made) < events:
        when += chance.randrange(200, 5000)
        cpu = chance.randrange(cpus)
        self = runs[cpu]
        if asleep and self and chance.random() < 0.6:
            woken = asleep.pop(chance.randrange(len(asleep)))
            made.append((when, cpu, self, "wakes", cpu, woken, 0))
            ready.append(woken)
        if self and chance.random() < 0.5:
            made.append((when + 20, cpu, self, "call", chance.choice((0, 1, 202)), 3, 0))
            made.append((when + 90, cpu, self, "return", 0, 0, 0))
        if not ready:
            continue
        following = ready.pop(0)
        state = RUNNABLE
        if self and chance.random() < 0.6:
            made.append((when + 100, cpu, self, "blocks on", chance.choice((1, 1, 2)), 0x1000 + self % 7, 0))
            state = BLOCKED
            asleep.append(self)
        elif self:
            ready.append(self)
        made.append((when + 100, cpu, self, "switches to", state, following, len(ready)))
        runs[cpu] = following
    made.sort(key=lambda event: event[0])
    return trace(made, cpus=cpus)
