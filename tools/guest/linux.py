"""Guest programs on this machine's Linux, in the oracle's world (oracle.py)."""

import os
import select
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
NO_WORLD_STATUS = 125


class NoOracle(Exception):
    """This machine cannot run guest programs in a world of their own."""


def run_plan(folder: str, calls: str | None, plan: str, silence: float) -> str:
    """What tests/guest/init prints for that plan; cut off when it is silent for too long."""
    with open(f"{folder}/plan", "w", encoding="ascii") as file:
        file.write(plan)
    options = ["--calls", calls] if calls else []
    output, status = run_until_silent(
        [sys.executable, f"{HERE}/oracle.py", *options, "--bin", folder, "--", "/guest/init"], silence)
    if status == NO_WORLD_STATUS:
        raise NoOracle(output.strip())
    return output


def run_until_silent(command: list[str], silence: float) -> tuple[str, int]:
    """What a command printed until its end, or until it was silent for so many seconds and was ended."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
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
