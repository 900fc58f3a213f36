"""Runs a script on this machine: with our shell and tools, or with the system's."""

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = ROOT / "build/userlib/root/bin"
PATIENCE = 300  # seconds without an end mean that it hangs


@dataclass(frozen=True)
class Outcome:
    output: str
    status: int


def run(script, shell, path):
    """What a script prints and how it ends, in an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [shell, "-c", script], cwd=folder, env={"PATH": path, "HOME": folder, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE,
            check=False)
        return Outcome(done.stdout.decode(errors="replace").replace(folder, "FOLDER"), done.returncode)


def ours(script):
    """With the userlib's shell and only its tools, and sed from the system."""
    return run(script, f"{OURS}/sh", f"{OURS}:{_borrowed()}")


def reference(script):
    """With dash and the system's tools."""
    return run(script, "/bin/dash", "/usr/bin:/bin")


def _borrowed():
    """A folder with the few programs that the cases use and we don't have."""
    folder = ROOT / "build/userlib/borrowed"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("sed",):
        link = folder / name
        if not link.is_symlink():
            link.symlink_to(f"/bin/{name}")
    return folder
