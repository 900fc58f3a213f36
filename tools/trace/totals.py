"""What a run comes to: time in each state, switches, what was waited for, how long the woken waited."""

from dataclasses import dataclass, field

from model import STATES, Model

PERCENTILES = (50, 90, 99, 100)


@dataclass
class ThreadTotals:
    title: str
    process: int
    times: dict[str, int]  # nanoseconds in each state
    switches: int
    calls: int


@dataclass
class Totals:
    length: int
    events: int
    lost: int
    switches: int
    busy: list[int]  # nanoseconds of each CPU
    threads: list[ThreadTotals] = field(default_factory=list)
    waits: list[tuple] = field(default_factory=list)  # (state, object, times, nanoseconds), longest first
    latency: dict[int, int] = field(default_factory=dict)  # percentile -> nanoseconds from wake to run
    calls: list[tuple] = field(default_factory=list)  # (number, times, nanoseconds), longest first


def percentile(values: list[int], part: int) -> int:
    """The smallest value that so many of a hundred do not exceed. The values are sorted."""
    return values[max(0, -(-len(values) * part // 100) - 1)]


def of(model: Model) -> Totals:
    totals = Totals(model.end - model.start, model.event_count, model.lost,
                    model.counts.get("switches to", 0),
                    [sum(span.end - span.start for span in cpu) for cpu in model.cpus])
    waits: dict[tuple, list[int]] = {}
    calls: dict[int, list[int]] = {}
    for thread in model.threads.values():
        times = dict.fromkeys(STATES, 0)
        for span in thread.states:
            times[span.what] += span.end - span.start
            if span.what in ("Waiting", "Locked"):
                each = waits.setdefault((span.what, span.detail or 0), [0, 0])
                each[0] += 1
                each[1] += span.end - span.start
        for start, end, number, _ in thread.calls:
            each = calls.setdefault(number, [0, 0])
            each[0] += 1
            each[1] += end - start
        totals.threads.append(
            ThreadTotals(thread.title(), thread.process, times, thread.switches, len(thread.calls)))
    totals.threads.sort(key=lambda each: -each.times["Running"])
    totals.waits = sorted(((*key, *value) for key, value in waits.items()), key=lambda each: -each[3])
    totals.calls = sorted(((key, *value) for key, value in calls.items()), key=lambda each: -each[2])
    delays = sorted(wake.runs_at - wake.when for wake in model.wakes if wake.runs_at is not None)
    if delays:
        totals.latency = {part: percentile(delays, part) for part in PERCENTILES}
    return totals
