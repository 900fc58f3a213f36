#!/usr/bin/env python3
"""Runs the coroutines' benchmark and its peers in turn, and prints the table of ratios.

Every round runs each program once, so that whatever else the machine does strikes them all alike. A
ratio is the median over the rounds of weft's time by the peer's in the same round. The first round doesn't
count: on a virtual machine it pays for memory that nobody has touched since the machine was started.
"""

import argparse
import json
import pathlib
import re
import statistics
import subprocess
import sys

# Nanoseconds of the machine on which the bars were set, as so many of the cheapest possible switches.
FLOOR = 0.82
# And of a cache line's way from one of its CPUs to the other.
LINE = 31


def times_floor(nanoseconds):
    return nanoseconds / FLOOR


# What weft measures, the peer's program and measure, and the most that the ratio may be.
BARS = [
    ("raw switch, inline", "switch_inline", "weft", "switch_floor", 1.2),
    ("raw switch, inline", "switch_inline", "boost", "context_switch", 0.2),
    ("switch as a function, eight places", "switch_function", "boost", "context_switch", 0.45),
    ("yield, 2 coroutines", "yield_2", "boost", "yield_2", 0.07),
    ("yield, 1,000 coroutines", "yield_1000", "boost", "yield_1000", 0.3),
    ("yield, 1,000 in random order", "yield_random_1000", "weft", "switch_floor", times_floor(12)),
    ("yield, 10 in random order", "yield_random_10", "boost", "yield_1000", None),
    ("yield, 100 in random order", "yield_random_100", "boost", "yield_1000", None),
    ("yield, 1,000 in random order", "yield_random_1000", "boost", "yield_1000", None),
    ("yield, 10,000 in random order", "yield_random_10000", "boost", "yield_1000", None),
    ("yield, 100,000 in random order", "yield_random_100000", "boost", "yield_1000", None),
    ("semaphore hop, one worker", "semaphore_hop", "state_threads", "semaphore_hop", 0.45),
    ("rendezvous channel hop, one worker", "channel_hop", "go", "channel_hop", 0.13),
    ("spawn and join, one", "spawn_join", "state_threads", "spawn_join", 0.25),
    ("spawn and join, one, by the queue", "spawn_join_queued", "state_threads", "spawn_join", None),
    ("spawn and join, batch of 1,000", "spawn_batch_1000", "go", "spawn_batch_1000", 0.13),
    ("spawn and join, batch of 1,000,000", "spawn_batch_1000000", "go", "spawn_batch_1000000", 0.04),
    ("skynet, a leaf, one worker", "skynet_1", "go", "skynet_1", 0.04),
    ("skynet, a leaf, two workers", "skynet_2", "go", "skynet_2", 0.04),
    ("skynet, two workers by one", "skynet_2", "weft", "skynet_1", 1 / 1.85),
    ("skynet, two by one that shares", "skynet_2", "weft", "skynet_shared_1", None),
    ("skynet, two that share nothing by one", "skynet_apart", "weft", "skynet_1", None),
    ("mutex, 8 coroutines on 2 workers", "mutex_8_on_2", "weft", "pthread_mutex_8", 0.35),
    ("hop to a worker that spins", "hop_to_spinning", "weft", "line_hop", 150 / LINE),
    ("the same, and its answer, without a rest", "hop_and_answer", "weft", "line_hop", None),
    ("hop to a worker that is parked", "hop_to_parked", "weft", "futex_hop", 1.1),
    ("generator step", "generator_step", "weft", "switch_floor", times_floor(1.7)),
    ("task begun and awaited", "task_await", "weft", "switch_floor", times_floor(7)),
    ("task spawned and awaited", "task_spawn_await", "weft", "switch_floor", None),
]

# What needs two CPUs at once wanders more than anything else: so many times as many rounds.
MORE_ROUNDS = {"skynet_2": 3, "hop_to_parked": 3}

# What a blocked coroutine takes, or very many, and the most that it may be.
TAKEN = [
    ("blocked, guarded stack", "bytes_guarded", "bytes", 4400),
    ("blocked, packed stack of 2 KiB", "bytes_packed_2k", "bytes", 2300),
    ("blocked, packed stack of 1 KiB", "bytes_packed_1k", "bytes", 1250),
    ("blocked, without a stack", "bytes_stackless", "bytes", 130),
    ("not started", "bytes_not_started", "bytes", 64),
    ("1,000,000 guarded stacks", "mappings_guarded", "mappings", 50),
    ("idle for a second, lone worker", "idle_lone", "ms of CPU", 1),
    ("idle for a second, 4 workers", "idle_shared", "ms of CPU", 1),
    ("the same, with time slices", "idle_sliced", "ms of CPU", 1),
]

# The same on Weft, in instructions; most of them are those of who measures.
IDLE_ON_WEFT = [
    ("idle on Weft, lone worker", "idle_lone", 1500),
    ("idle on Weft, 4 workers", "idle_shared", 1500),
]

# A yield on Weft, in instructions: with a tracer that is off, and the most that this may be of one without a tracer.
UNTRACED = [
    ("tracing off, yield of a lone worker", "yield_lone", 1.02),
    ("tracing off, yield of one that shares", "yield_shared", 1.02),
]


def measure(programs, program, name):
    """What the program prints: nanoseconds of one operation, or bytes."""
    try:
        done = subprocess.run([str(programs / program), name], capture_output=True, text=True,
                              timeout=120, check=False)
    except subprocess.TimeoutExpired:
        sys.exit(f"compare: {program} {name} does not end")
    if done.returncode != 0:
        sys.exit(f"compare: {program} {name} failed with {done.returncode}: {done.stderr[-300:]}")
    return float(done.stdout)


def compare(programs, bar, rounds):
    """The row of the table that belongs to a bar."""
    title, ours, peer, theirs, limit = bar
    rounds *= MORE_ROUNDS.get(ours, 1)
    pairs = [(measure(programs, "weft", ours), measure(programs, peer, theirs)) for _ in range(rounds + 1)][1:]
    return {
        "title": title,
        "ours": statistics.median(one for one, _ in pairs),
        "peer": f"{peer} {theirs}",
        "theirs": statistics.median(other for _, other in pairs),
        "ratio": statistics.median(one / other for one, other in pairs),
        "limit": limit,
    }


def count_instructions(program, kernel):
    """The figures that a program prints on Weft. They are the same each time."""
    root = pathlib.Path(__file__).resolve().parents[3]
    command = [root / "tools/weft", "run", "--kernel", kernel, "--cpus", "1", "--icount", "--initrd", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        sys.exit(f"compare: {program.name} failed on Weft with {done.returncode}: {done.stdout[-300:]}")
    return {name: float(figure) for name, figure in re.findall(r"^(\w+) ([\d.]+)\s*$", done.stdout, re.MULTILINE)}


def count_idle(programs, kernel, only):
    """The rows for a machine on which everybody waits, which are printed as well."""
    wanted = [bar for bar in IDLE_ON_WEFT if not only or only in bar[1]]
    if not wanted:
        return []
    taken = count_instructions(programs / "idle", kernel)
    for title, name, most in wanted:
        print(f"{title:36} {taken[name]:8.0f} instructions in a second, bar {most}"
              f"{'  MISSED' if taken[name] > most else ''}", flush=True)
    return [{"title": title, "ours": taken[name], "limit": most} for title, name, most in wanted]


def compare_untraced(programs, kernel, only):
    """The rows for the tracer, which are printed as well."""
    wanted = [bar for bar in UNTRACED if not only or only in bar[1]]
    if not wanted:
        return []
    traced, untraced = (count_instructions(programs / name, kernel) for name in ("yields", "yields_untraced"))
    rows = []
    for title, name, most in wanted:
        ratio = traced[name] / untraced[name]
        rows.append({"title": title, "ours": traced[name], "theirs": untraced[name], "ratio": ratio, "limit": most})
        print(f"{title:40} {traced[name]:8.2f} instructions, by {untraced[name]:.2f} {ratio:.3f}, bar {most}"
              f"{'  MISSED' if ratio > most else ''}", flush=True)
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    parser.add_argument("--kernel", type=pathlib.Path, required=True, help="where instructions are counted")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", help="rows whose measure has this in its name")
    parser.add_argument("--json", type=pathlib.Path)
    arguments = parser.parse_args()
    rows = []
    print(f"{'':36} {'weft':>8} {'peer':>8}  {'ratio':>6} {'bar':>5}")
    for bar in BARS:
        if arguments.only and arguments.only not in bar[1]:
            continue
        row = compare(arguments.programs, bar, arguments.rounds)
        rows.append(row)
        limit = "" if row["limit"] is None else f"{row['limit']:.2f}"
        missed = row["limit"] is not None and row["ratio"] > row["limit"]
        print(f"{row['title']:36} {row['ours']:8.2f} {row['theirs']:8.2f}  {row['ratio']:6.3f} {limit:>5}"
              f"  {'MISSED ' if missed else ''}{row['peer']}", flush=True)
    for title, name, unit, most in TAKEN:
        if arguments.only and arguments.only not in name:
            continue
        taken = measure(arguments.programs, "weft", name)
        rows.append({"title": title, "ours": taken, "limit": most})
        # Memory in whole bytes: the page tables alone are 1/512 of whatever is in memory.
        missed = (round(taken) if unit == "bytes" else taken) > most
        print(f"{title:36} {taken:8.2f} {unit}, bar {most}{'  MISSED' if missed else ''}", flush=True)
    rows += count_idle(arguments.programs, arguments.kernel, arguments.only)
    rows += compare_untraced(arguments.programs, arguments.kernel, arguments.only)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
