"""The totals as text, for a terminal."""

from names import call_name
from totals import Totals

MOST_ROWS = 20


def duration(nanoseconds: int) -> str:
    for unit, size in (("s", 10**9), ("ms", 10**6), ("us", 10**3)):
        if nanoseconds >= size:
            return f"{nanoseconds / size:.3f} {unit}"
    return f"{nanoseconds} ns"


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    """The first column to the left, the others to the right."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    return ["  ".join(cell.ljust(width) if column == 0 else cell.rjust(width)
                      for column, (cell, width) in enumerate(zip(row, widths))).rstrip()
            for row in [head, *rows]]


def report(totals: Totals) -> str:
    lines = [f"{duration(totals.length)}, {totals.events} events ({totals.lost} lost), "
             f"{totals.switches} switches"]
    for cpu, busy in enumerate(totals.busy):
        lines.append(f"CPU {cpu}: busy {busy * 100 / max(totals.length, 1):.1f} %")
    shown = ("Running", "Runnable", "Waiting", "Locked", "Sleeping")
    lines += ["", *table(
        ["thread", *shown, "switches", "calls"],
        [[each.title, *(duration(each.times[state]) for state in shown), str(each.switches),
          str(each.calls)] for each in totals.threads[:MOST_ROWS]])]
    if len(totals.threads) > MOST_ROWS:
        lines.append(f"... and {len(totals.threads) - MOST_ROWS} threads more")
    if totals.latency:
        lines += ["", "from wake-up to running: " + ", ".join(
            f"{part} % within {duration(value)}" for part, value in totals.latency.items())]
    if totals.waits:
        lines += ["", *table(["waited for", "times", "in all"],
                             [[f"{state} {what:#x}", str(times), duration(time)]
                              for state, what, times, time in totals.waits[:MOST_ROWS]])]
    if totals.calls:
        lines += ["", *table(["system call", "times", "in all"],
                             [[call_name(number), str(times), duration(time)]
                              for number, times, time in totals.calls[:MOST_ROWS]])]
    return "\n".join(lines) + "\n"
