"""Guest programs on this machine's Linux, in the oracle's world (oracle.py)."""

import os
import select
import signal
import subprocess
import sys
import time

import transcript

HERE = os.path.dirname(os.path.realpath(__file__))
NO_WORLD_STATUS = 125


class NoOracle(Exception):
    """This machine cannot run guest programs in a world of their own."""


def command(programs: str, calls: str | None, arguments: list[str]) -> list[str]:
    options = ["--calls", calls] if calls else []
    return [sys.executable, f"{HERE}/oracle.py", *options, "--bin", programs, "--", *arguments]


def run_family(programs: str, calls: str | None, family: str, names: list[str], silence: float) -> str:
    """The whole transcript. A case that hangs is ended and noted, and the others go on behind it."""
    text = ""
    arguments = names
    while True:
        part, status = run_once(command(programs, calls, [f"/guest/{family}", *arguments]), silence)
        if status == NO_WORLD_STATUS:
            raise NoOracle(part.strip())
        text += part
        hung = transcript.unfinished(text)
        if hung is None:
            return text
        text += f"\nhung {hung}\n"
        if names:
            arguments = names[names.index(hung) + 1:]
            if not arguments:
                return text
        else:
            arguments = ["--after", hung]


def run_once(command_line: list[str], silence: float) -> tuple[str, int]:
    """What it printed until its end, or until it was silent for so many seconds and was ended."""
    process = subprocess.Popen(command_line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, start_new_session=True)
    output = b""
    last_sign = time.monotonic()
    try:
        while True:
            left = last_sign + silence - time.monotonic()
            if left <= 0 or not select.select([process.stdout], [], [], left)[0]:
                break
            data = os.read(process.stdout.fileno(), 65536)
            if not data:
                return output.decode("utf-8", "replace"), process.wait()
            output += data
            last_sign = time.monotonic()
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)  # its whole world dies with it
        process.wait()
        process.stdout.close()
    return output.decode("utf-8", "replace"), -signal.SIGKILL
