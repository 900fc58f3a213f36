"""Runs a program that may hang, print without end or fork: it is ended, with all its children, when it is silent
or sleeps for too long, or has used up its CPU time."""

import contextlib
import os
import pathlib
import resource
import selectors
import signal
import subprocess
import time
from dataclasses import dataclass

MOST_OUTPUT = 4 << 20
MOST_FILE = 512 << 20
LOOK_SECONDS = 0.5  # so often we look whether it sleeps


@dataclass
class Ending:
    status: int
    output: str
    why: str = ""  # it was ended by us: why; "" if it ended by itself

    @property
    def passed(self) -> bool:
        return self.status == 0 and not self.why


def run(command: list[str], silence: float = 60, cpu_seconds: int = 120, show: bool = False,
        environment: dict[str, str] | None = None, asleep: float | None = None) -> Ending:
    """Its standard output and error, together; `show` prints them as they come. `asleep`, for a program that waits for
    nobody outside: so long nothing in it may run at all. That is a hang, however loaded this machine is,
    so it can be told sooner than from silence."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               start_new_session=True, env=environment)
    for which, most in ((resource.RLIMIT_CPU, cpu_seconds), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, MOST_FILE)):
        lower_limit(process.pid, which, most)
    output = bytearray()
    why = ""
    try:
        why = _read(process, output, silence, show, asleep)
        if not why:  # it has closed its output, which many do just before they end
            process.wait(silence)
    except subprocess.TimeoutExpired:
        why = f"it closed its output and did not end within {silence:.0f} s"
    finally:
        _end_all(process)
    status = process.wait()
    if status == -signal.SIGXCPU and not why:
        why = f"it used {cpu_seconds} s of CPU time and was not done"
    return Ending(status, output.decode("utf-8", "replace"), why)


def lower_limit(pid: int, which: int, wanted: int) -> None:
    """For a process that has just begun. A limit that is stricter already stays."""
    with contextlib.suppress(ProcessLookupError):
        hard = resource.prlimit(pid, which)[1]
        limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.prlimit(pid, which, (limit, hard))


def _read(process: subprocess.Popen, output: bytearray, silence: float, show: bool, asleep: float | None) -> str:
    """Until it closes its output. Why we don't wait any longer, or ""."""
    selector = selectors.DefaultSelector()
    selector.register(process.stdout, selectors.EVENT_READ)
    last_sign = time.monotonic()
    looks = _looks_asleep(process.pid)
    while True:
        left = max(0.0, last_sign + silence - time.monotonic())
        if not selector.select(left if asleep is None else min(left, LOOK_SECONDS)):
            if time.monotonic() >= last_sign + silence:
                return f"it was silent for {silence:.0f} s"
            if asleep is not None and next(looks) * LOOK_SECONDS >= asleep:
                return f"all of it slept for {asleep:.0f} s"
            continue
        data = os.read(process.stdout.fileno(), 65536)
        if not data:
            return ""
        last_sign = time.monotonic()
        output += data
        if show:
            print(data.decode("utf-8", "replace"), end="", flush=True)
        if len(output) > MOST_OUTPUT:
            return "it printed without end"


def _looks_asleep(session: int):
    """How often it has been looked at, one time after the other, without any sign of life between. Looks are counted,
    and not the time: if this machine stops for a while, so do both."""
    last = None
    count = 0
    while True:
        now = _cpu_times(session)
        count = count + 1 if now == last else 0
        last = now
        yield count


def _cpu_times(session: int) -> dict[str, list[str]]:
    """The processes of this session, and the CPU time each has used, with its threads and ended children."""
    times = {}
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            if int(fields[3]) == session:
                times[path.parent.name] = fields[11:15]
    return times


def _end_all(process: subprocess.Popen) -> None:
    """It and whoever is left of its process group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
