#!/usr/bin/env python3
"""Makes the initrd: the file tree that the kernel starts with.

  build.py --box build/userlib/weftbox --tools userlib/bin/tools.cc --out build/initrd.cpio
           [--add HOSTPATH[=PATH]]...       files and folders of the host
           [--folder build/userlib/root]    the same tree as a folder, for trying it on the host
"""

import argparse
import os
import stat
import sys
from pathlib import Path

import cpio
import tree


def added(text):
    """The entries for one --add. Without a path, a file goes to /bin and a folder to /."""
    source, _, path = text.partition("=")
    source = source.rstrip("/")
    if not os.path.lexists(source):
        sys.exit(f"initrd: {source}: no such file")
    default = os.path.basename(source) if os.path.isdir(source) else f"bin/{os.path.basename(source)}"
    return tree.host_entries(source, path.strip("/") or default)


def write_folder(entries, folder):
    """Lays the tree out below a folder; devices only the kernel can have."""
    for entry in entries:
        path = folder / entry.path
        if stat.S_ISDIR(entry.mode):
            path.mkdir(parents=True, exist_ok=True)
        elif stat.S_ISLNK(entry.mode):
            path.unlink(missing_ok=True)
            path.symlink_to(entry.data.decode())
        elif stat.S_ISREG(entry.mode):
            path.unlink(missing_ok=True)  # it may be running just now
            path.write_bytes(entry.data)
            path.chmod(stat.S_IMODE(entry.mode))


def main():
    parser = argparse.ArgumentParser(description="makes the initrd")
    parser.add_argument("--box", required=True, help="the multi-call binary")
    parser.add_argument("--tools", required=True, help="the source with its table of programs")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--add", action="append", default=[], metavar="HOSTPATH[=PATH]")
    options = parser.parse_args()
    entries = list(tree.system_entries(options.box, tree.tool_names(options.tools)))
    for text in options.add:
        entries += added(text)
    entries = tree.complete(entries)
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_bytes(cpio.archive(entries))
    if options.folder:
        write_folder(entries, options.folder)


if __name__ == "__main__":
    main()
