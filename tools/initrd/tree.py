"""The file tree that the kernel starts with: what is in it, apart from how it is packed."""

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

TOOL = re.compile(r'^\s*\{"([^"]+)", \w+_main,', re.MULTILINE)

# What stands in the system's own folders. /dev, /proc and the like are filled by the kernel.
FOLDERS = {"bin": 0o755, "dev": 0o755, "etc": 0o755, "proc": 0o755, "root": 0o700, "tmp": 0o1777, "usr": 0o755}
FILES = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
    "etc/group": "root:x:0:\n",
    "etc/hostname": "weft\n",
    "root/.shrc": "# Read by every shell at a terminal.\n",
}
# The console must be there before anything has been started.
DEVICES = {"dev/console": (5, 1), "dev/null": (1, 3)}


@dataclass(frozen=True)
class Entry:
    """One file of the tree. `mode` has its kind, as stat has it; a link's data is its target."""
    path: str
    mode: int
    data: bytes = b""
    device: tuple[int, int] = (0, 0)


def tool_names(source):
    """The names of the multi-call binary's programs, from its table."""
    return TOOL.findall(Path(source).read_text(encoding="utf-8"))


def system_entries(box, names):
    """The folders, the multi-call binary and a link to it for each of its programs."""
    yield from (Entry(path, stat.S_IFDIR | mode) for path, mode in FOLDERS.items())
    yield from (Entry(path, stat.S_IFCHR | 0o666, device=numbers) for path, numbers in DEVICES.items())
    yield from (Entry(path, stat.S_IFREG | 0o644, text.encode()) for path, text in FILES.items())
    yield Entry("bin/weftbox", stat.S_IFREG | 0o755, Path(box).read_bytes())
    yield from (Entry(f"bin/{name}", stat.S_IFLNK | 0o777, b"weftbox") for name in names)
    yield Entry("init", stat.S_IFLNK | 0o777, b"bin/weftbox")


def host_entries(source, path):
    """A file of the host, or a folder with all that is in it, at that path of the tree."""
    found = os.lstat(source)
    if stat.S_ISLNK(found.st_mode) and not os.path.isdir(source):
        yield Entry(path, stat.S_IFLNK | 0o777, os.readlink(source).encode())
    elif stat.S_ISDIR(os.stat(source).st_mode):
        yield Entry(path, stat.S_IFDIR | 0o755)
        for name in sorted(os.listdir(source)):
            yield from host_entries(os.path.join(source, name), f"{path}/{name}")
    elif stat.S_ISREG(found.st_mode):
        yield Entry(path, stat.S_IFREG | stat.S_IMODE(found.st_mode), Path(source).read_bytes())


def complete(entries):
    """All entries by path, the later of two winning, each folder in front of what is in it."""
    by_path = {}
    for entry in entries:
        parent = os.path.dirname(entry.path)
        while parent and parent not in by_path:
            by_path[parent] = Entry(parent, stat.S_IFDIR | 0o755)
            parent = os.path.dirname(parent)
        by_path[entry.path] = entry
    return [by_path[path] for path in sorted(by_path, key=lambda path: path.split("/"))]
