"""Programs in which nobody can go on, though no circle is to be seen: a semaphore or a condition has no owner.
But where each thread waits for a word of the program's own memory, nobody is left to change one; and the same
holds of coroutines that all wait for each other's doings."""

import gdb

from weftgdb import coroutines, processes, threads, values, waiting

# What only another coroutine of the program ends. The others (sleep, files, a call in a thread) end by themselves.
AMONG_THEMSELVES = ("join", "mutex", "semaphore", "condition", "event", "rwlock", "barrier", "latch", "once",
                    "channel", "wait_group")


def stories(told_of_threads: set[int]) -> list[list[str]]:
    """Of a process whose threads' circle has been told already, that says it better."""
    told = []
    for process in processes.listed():
        if not process["has_ended"]:
            told.append(of_coroutines(process))
            if not told[-1] and int(process["pid"]) not in told_of_threads:
                told.append(of_threads(process))
    return [story for story in told if story]


def of_threads(process: gdb.Value) -> list[str]:
    everyone = [threads.Thread(record["thread"].referenced_value())
                for record in values.list_elements(process["threads"])]
    if not everyone or not all(waits_for_own_word(thread) for thread in everyone):
        return []
    lines = [f"all {len(everyone)} threads of process {int(process['pid'])} wait for words of their own memory, "
             "and nobody else can change one:"]
    for thread in everyone:
        lines.append(f"  {thread.title()} waits for {waiting.of(thread)}")
        lines += [f"      at {place}" for place in waiting.places(thread, 3)]
    return lines


def waits_for_own_word(thread: threads.Thread) -> bool:
    return thread.is_blocked and waiting.own_word(thread) is not None and not waiting.has_deadline(thread)


def of_coroutines(process: gdb.Value) -> list[str]:
    if coroutines.programs.of_process(process) is None:
        return []
    with coroutines.in_process(process):
        everyone = coroutines.listed(process)
        if not everyone or not all(each.is_parked and each.reason in AMONG_THEMSELVES for each in everyone):
            return []
        lines = [f"all {len(everyone)} coroutines of process {int(process['pid'])} wait for what only one of them "
                 "could do:"]
        for each in everyone:
            lines.append(f"  coroutine {each.number} waits for {each.waits_for()}")
            lines += [f"      spawned at {place}" for place in [coroutines.spawned_at(each)] if place]
    return lines
