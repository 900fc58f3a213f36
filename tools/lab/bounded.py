"""Runs a program that may hang, print without end or fork: it is ended, with all its children, when it is silent
for too long or has used up its CPU time."""

import contextlib
import os
import resource
import selectors
import signal
import subprocess
import time
from dataclasses import dataclass

MOST_OUTPUT = 4 << 20
MOST_FILE = 512 << 20


@dataclass
class Ending:
    status: int
    output: str
    why: str = ""  # it was ended by us: why; "" if it ended by itself

    @property
    def passed(self) -> bool:
        return self.status == 0 and not self.why


def run(command: list[str], silence: float = 60, cpu_seconds: int = 120, show: bool = False,
        environment: dict[str, str] | None = None) -> Ending:
    """Its standard output and error, together; `show` prints them as they come."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               start_new_session=True, env=environment)
    for which, most in ((resource.RLIMIT_CPU, cpu_seconds), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, MOST_FILE)):
        lower_limit(process.pid, which, most)
    output = bytearray()
    why = ""
    try:
        why = _read(process, output, silence, show)
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


def _read(process: subprocess.Popen, output: bytearray, silence: float, show: bool) -> str:
    """Until it closes its output. Why we don't wait any longer, or ""."""
    selector = selectors.DefaultSelector()
    selector.register(process.stdout, selectors.EVENT_READ)
    last_sign = time.monotonic()
    while True:
        if not selector.select(max(0.0, last_sign + silence - time.monotonic())):
            return f"it was silent for {silence:.0f} s"
        data = os.read(process.stdout.fileno(), 65536)
        if not data:
            return ""
        last_sign = time.monotonic()
        output += data
        if show:
            print(data.decode("utf-8", "replace"), end="", flush=True)
        if len(output) > MOST_OUTPUT:
            return "it printed without end"


def _end_all(process: subprocess.Popen) -> None:
    """It and whoever is left of its process group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
