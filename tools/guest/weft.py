"""Guest programs on Weft: booted by tools/weft from an initrd that holds them."""

import os
import stat
import subprocess
import sys
import tempfile

TOOLS = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
sys.path.append(f"{TOOLS}/initrd")

import cpio  # noqa: E402 (needs the path above)
import tree  # noqa: E402

FOLDERS = {"bin": 0o755, "dev": 0o755, "etc": 0o755, "guest": 0o755, "proc": 0o755, "tmp": 0o1777}


def run_plan(folder: str, kernel: str, cpus: int, plan: str, silence: float,
             machine: list[str] | None = None) -> str:
    """All that the machine printed until it went off, or was silent for too long and was ended."""
    with tempfile.NamedTemporaryFile(suffix=".cpio") as initrd:
        initrd.write(make_initrd(folder, plan))
        initrd.flush()
        command = ["tools/weft", "run", "--kernel", kernel, "--cpus", str(cpus), "--initrd", initrd.name,
                   "--silence", str(silence), *(machine or ["--mem", "2G"])]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
    return done.stdout.decode("utf-8", "replace")


def make_initrd(folder: str, plan: str) -> bytes:
    """The tree that oracle.py builds on Linux, with the plan's runner as the first program."""
    entries = [tree.Entry(path, stat.S_IFDIR | mode) for path, mode in FOLDERS.items()]
    entries += [tree.Entry(path, stat.S_IFCHR | 0o666, device=numbers)
                for path, numbers in tree.DEVICES.items()]
    entries += [entry for entry in tree.host_entries(folder, "guest")
                if entry.path != "guest"]
    entries += [
        tree.Entry("plan", stat.S_IFREG | 0o644, plan.encode()),
        tree.Entry("etc/passwd", stat.S_IFREG | 0o644, b"root:x:0:0:root:/:/bin/sh\n"),
        tree.Entry("init", stat.S_IFLNK | 0o777, b"guest/init"),
    ]
    return cpio.archive(tree.complete(entries))
