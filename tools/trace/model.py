"""From events to what a picture shows: who ran on which CPU when, in which state each thread was, who
woke whom, what each waited for."""

from dataclasses import dataclass, field

from events import Trace, name_in

# The kernel's ThreadState and BlockReason (kernel/core/sched/thread.hh).
RUNNABLE, RUNNING, BLOCKED, DEAD = 1, 2, 3, 4
BLOCKED_NAMES = {1: "Waiting", 2: "Locked", 3: "Sleeping"}
STATES = ("New", "Runnable", "Running", "Waiting", "Locked", "Sleeping", "Dead")


@dataclass
class Span:
    start: int
    end: int
    what: object  # a thread's id on a CPU's row, a state's name on a thread's
    detail: object = None  # of a blocked state: the object


@dataclass
class Wake:
    """Somebody woke a thread, or a coroutine, which then ran. Threads are known by their ids, coroutines by
    their keys in the model."""

    when: int
    cpu: int
    by: int | tuple
    thread: int | tuple
    runs_at: int | None = None
    runs_on: int | None = None


@dataclass
class Thread:
    id: int
    name: str = ""
    process: int = 0  # 0: the kernel's own
    tid: int = 0
    states: list[Span] = field(default_factory=list)
    calls: list[tuple] = field(default_factory=list)  # (start, end, number, result)
    marks: list[tuple] = field(default_factory=list)  # (when, text): faults, signals, forks...
    switches: int = 0

    def title(self) -> str:
        name = self.name or f"thread {self.id}"
        return f"{name} {self.tid}" if self.process else name


@dataclass
class Coroutine:
    id: int
    process: int
    name: str = ""
    states: list[Span] = field(default_factory=list)  # Runnable, Running (on a thread), Parked (for an object)

    def title(self) -> str:
        return self.name or f"coroutine {self.id:#x}"


@dataclass
class Model:
    about: dict
    start: int = 0
    end: int = 0
    event_count: int = 0
    lost: int = 0
    cpus: list[list[Span]] = field(default_factory=list)
    idle: set[int] = field(default_factory=set)
    threads: dict[int, Thread] = field(default_factory=dict)
    coroutines: dict[tuple, Coroutine] = field(default_factory=dict)
    processes: dict[int, str] = field(default_factory=dict)
    wakes: list[Wake] = field(default_factory=list)
    coroutine_wakes: list[Wake] = field(default_factory=list)
    queued: list[list[tuple]] = field(default_factory=list)  # of each CPU: (when, waiting threads)
    memory: list[tuple] = field(default_factory=list)  # (when, free pages)
    counts: dict[str, int] = field(default_factory=dict)  # events of each kind

    def title_of(self, who: int | tuple) -> str:
        """Of a thread or a coroutine, as wakes name them."""
        return (self.coroutines if isinstance(who, tuple) else self.threads)[who].title()


class Builder:
    """Goes through the events once. A method for each kind that changes the picture."""

    def __init__(self, trace: Trace):
        cpus = 1 + max((event[1] for event in trace.events), default=0)
        self.model = Model(trace.about, lost=sum(trace.lost.values()), event_count=len(trace.events))
        self.model.cpus = [[] for _ in range(cpus)]
        self.model.queued = [[] for _ in range(cpus)]
        self._runs: list[tuple | None] = [None] * cpus  # of each CPU: (since, thread)
        self._state: dict[int, tuple] = {}  # of each thread: (since, name, object)
        self._woken: dict[int | tuple, Wake] = {}  # those that have not run since
        self._calls: dict[int, tuple] = {}
        self._reasons: dict[int, tuple] = {}  # why a thread is about to block: the state and the object
        self._coroutine_state: dict[tuple, tuple] = {}
        self._on_worker: dict[int, tuple] = {}  # which coroutine a thread runs
        self._handlers = {
            "starts thread": self._thread_starts, "is named": self._named, "belongs to": self._belongs,
            "switches to": self._switches, "blocks on": self._blocks,
            "wakes": self._wakes, "moves": self._moves, "free memory": self._memory,
            "call": self._call, "return": self._return, "executes": self._executes,
            "fault": self._fault, "forks": self._forks, "exits": self._exits, "signals": self._signals,
            "handles signal": self._handles, "starts coroutine": self._coroutine_starts,
            "runs coroutine": self._coroutine_runs, "coroutine parks": self._coroutine_parks,
            "wakes coroutine": self._coroutine_wakes, "coroutine ends": self._coroutine_ends,
            "names coroutine": self._coroutine_named,
        }

    def build(self, events: list[tuple]) -> Model:
        model = self.model
        if events:
            model.start, model.end = events[0][0], events[-1][0]
        counts = model.counts
        handlers = self._handlers
        for when, cpu, thread, kind, detail, first, second in events:
            counts[kind] = counts.get(kind, 0) + 1
            handler = handlers.get(kind)
            if handler is not None:
                handler(when, cpu, thread, detail, first, second)
        self._finish()
        return model

    def _finish(self) -> None:
        end = self.model.end
        for cpu, runs in enumerate(self._runs):
            if runs is not None:
                self.model.cpus[cpu].append(Span(runs[0], end, runs[1]))
        for thread in list(self._state):
            self._become(end, thread, None)
        for key in list(self._coroutine_state):
            self._coroutine_becomes(end, key, None)
        for thread, (start, number) in self._calls.items():
            self._thread(thread).calls.append((start, end, number, None))

    # ---- Threads -----------------------------------------------------------------------------------

    def _thread(self, number: int) -> Thread:
        thread = self.model.threads.get(number)
        if thread is None:
            thread = self.model.threads[number] = Thread(number)
        return thread

    def _become(self, when: int, thread: int, state: str | None, what: object = None) -> None:
        """The state before this one ends here; None: no further one begins."""
        before = self._state.pop(thread, None)
        if before is not None:
            since, name, held = before
            if when > since or name == "Running":
                self._thread(thread).states.append(Span(since, when, name, held))
        if state is not None:
            self._state[thread] = (when, state, what)

    def _thread_starts(self, when, cpu, thread, detail, first, second):
        self._become(when, first, "Runnable")
        self._thread(first)

    def _named(self, when, cpu, thread, detail, first, second):
        self._thread(thread).name = name_in(first, second)
        process = self._thread(thread).process
        if process and self._thread(thread).tid == process:
            self.model.processes[process] = self._thread(thread).name

    def _belongs(self, when, cpu, thread, detail, first, second):
        it = self._thread(thread)
        it.process, it.tid = first, second
        self.model.processes.setdefault(first, it.name)

    def _switches(self, when, cpu, thread, detail, first, second):
        model = self.model
        runs = self._runs[cpu]
        if runs is not None:
            model.cpus[cpu].append(Span(runs[0], when, runs[1]))
        self._runs[cpu] = (when, first) if first else None
        if thread:
            if detail == RUNNABLE:
                self._become(when, thread, "Runnable")
            elif detail == DEAD:
                self._become(when, thread, None)
            else:
                self._become(when, thread, *self._reasons.pop(thread, ("Waiting", None)))
        if first:
            self._become(when, first, "Running")
            self._thread(first).switches += 1
            wake = self._woken.pop(first, None)
            if wake is not None:
                wake.runs_at, wake.runs_on = when, cpu
        model.queued[cpu].append((when, second))

    def _blocks(self, when, cpu, thread, detail, first, second):
        # It still runs until the switch, which comes next.
        self._reasons[thread] = (BLOCKED_NAMES.get(detail, "Waiting"), first)

    def _wakes(self, when, cpu, thread, detail, first, second):
        self._become(when, first, "Runnable")
        wake = Wake(when, cpu, thread, first)
        self._woken[first] = wake
        self.model.wakes.append(wake)

    def _moves(self, when, cpu, thread, detail, first, second):
        self._thread(first).marks.append((when, f"moved to CPU {detail}"))

    def _memory(self, when, cpu, thread, detail, first, second):
        self.model.memory.append((when, first))

    # ---- What programs do ----------------------------------------------------------------------------

    def _call(self, when, cpu, thread, detail, first, second):
        self._calls[thread] = (when, detail)

    def _return(self, when, cpu, thread, detail, first, second):
        call = self._calls.pop(thread, None)
        if call is not None:
            self._thread(thread).calls.append((call[0], when, detail, first))

    def _executes(self, when, cpu, thread, detail, first, second):
        self._thread(thread).marks.append((when, "executes " + name_in(first, second)))

    def _fault(self, when, cpu, thread, detail, first, second):
        self._thread(thread).marks.append((when, f"page fault at {first:#x}"))

    def _forks(self, when, cpu, thread, detail, first, second):
        self._thread(thread).marks.append((when, f"forks process {first}"))

    def _exits(self, when, cpu, thread, detail, first, second):
        self._thread(thread).marks.append((when, "exits"))
        call = self._calls.pop(thread, None)
        if call is not None:  # it does not return
            self._thread(thread).calls.append((call[0], when, call[1], None))

    def _signals(self, when, cpu, thread, detail, first, second):
        self._thread(thread).marks.append((when, f"sends signal {detail} to process {first}"))

    def _handles(self, when, cpu, thread, detail, first, second):
        self._thread(thread).marks.append((when, f"handles signal {detail}"))

    # ---- Coroutines ----------------------------------------------------------------------------------

    def _coroutine(self, thread: int, number: int) -> tuple:
        process = self._thread(thread).process
        key = (process, number)
        if key not in self.model.coroutines:
            self.model.coroutines[key] = Coroutine(number, process)
        return key

    def _coroutine_becomes(self, when: int, key: tuple, state: str | None, what: object = None) -> None:
        before = self._coroutine_state.pop(key, None)
        if before is not None and when >= before[0]:
            self.model.coroutines[key].states.append(Span(before[0], when, before[1], before[2]))
        if state is not None:
            self._coroutine_state[key] = (when, state, what)

    def _coroutine_starts(self, when, cpu, thread, detail, first, second):
        self._coroutine_becomes(when, self._coroutine(thread, first), "Runnable")

    def _coroutine_runs(self, when, cpu, thread, detail, first, second):
        before = self._coroutine_of(thread)
        if before is not None:  # its turn ends here
            self._coroutine_becomes(when, before, "Runnable")
        key = self._coroutine(thread, first)
        self._on_worker[thread] = key
        self._coroutine_becomes(when, key, "Running", thread)
        wake = self._woken.pop(key, None)
        if wake is not None:
            wake.runs_at, wake.runs_on = when, cpu

    def _coroutine_of(self, thread: int) -> tuple | None:
        """Who runs on that thread. One that has gone on on another thread since does not."""
        key = self._on_worker.get(thread)
        runs_here = key is not None and self._coroutine_state.get(key, (0, "", 0))[1:] == ("Running", thread)
        return key if runs_here else None

    def _coroutine_parks(self, when, cpu, thread, detail, first, second):
        self._coroutine_becomes(when, self._coroutine(thread, first), "Parked", second)

    def _coroutine_wakes(self, when, cpu, thread, detail, first, second):
        key = self._coroutine(thread, first)
        self._coroutine_becomes(when, key, "Runnable")
        wake = Wake(when, cpu, self._coroutine_of(thread) or thread, key)
        self._woken[key] = wake
        self.model.coroutine_wakes.append(wake)

    def _coroutine_ends(self, when, cpu, thread, detail, first, second):
        self._coroutine_becomes(when, self._coroutine(thread, first), None)

    def _coroutine_named(self, when, cpu, thread, detail, first, second):
        """A name comes in pieces, which count up from 0."""
        coroutine = self.model.coroutines[self._coroutine(thread, first)]
        coroutine.name = (coroutine.name if detail else "") + name_in(second, 0)


def build(trace: Trace) -> Model:
    return Builder(trace).build(trace.events)
