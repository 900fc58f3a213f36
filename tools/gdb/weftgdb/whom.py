"""Of whom a command speaks: thread ID, cpu N, process PID, or of all."""

from weftgdb import cpus, threads
from weftgdb.command import Problem, number

KINDS = ("thread", "cpu", "process")


def parse(words: list[str]):
    """A question that is asked of one or more threads, with the CPU they are on."""
    if not words:
        return lambda *whom: True
    if len(words) != 2 or words[0] not in KINDS:
        raise Problem(f"whom? One of: {', '.join(f'{kind} NUMBER' for kind in KINDS)}")
    kind, text = words
    if kind == "thread":
        return lambda *whom: any(thread.label == text for thread in whom)
    wanted = number(text)
    if kind == "cpu":
        return lambda *whom: cpus.selected() == wanted
    return lambda *whom: any(is_of_process(thread, wanted) for thread in whom)


def is_of_process(thread: threads.Thread, pid: int) -> bool:
    return thread.process is not None and int(thread.process["pid"]) == pid
