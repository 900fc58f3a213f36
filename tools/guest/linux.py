"""Guest programs on this machine's Linux, in the oracle's world (oracle.py)."""

import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
CALLS = "build/gen/oracle/table.json"
NO_WORLD_STATUS = 125


class NoOracle(Exception):
    """This machine cannot run guest programs in a world of their own."""


def run_plan(folder: str, plan: str, silence: float, without: list[str] | None = None) -> str:
    """What tests/guest/init prints for that plan; cut off when it is silent for too long. The calls in
    `without` don't exist for it, although they are in the table."""
    options = ["--calls", CALLS, "--silence", str(silence), "--plan", plan, "--bin", folder]
    for name in without or []:
        options += ["--without", name]
    done = subprocess.run([*as_root(), sys.executable, f"{HERE}/oracle.py", *options, "--", "/guest/init"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False)
    output = done.stdout.decode("utf-8", "replace")
    if done.returncode == NO_WORLD_STATUS:
        raise NoOracle(output.strip())
    return output


def as_root() -> list[str]:
    """What to put before a command: nothing for root, sudo where it asks for no password."""
    if os.geteuid() != 0 and shutil.which("sudo") is not None:
        if subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0:
            return ["sudo", "-n"]
    return []
