#!/usr/bin/env python3
"""symbols.py IN.elf OUT.S: the functions of a kernel as a table for the kernel itself.

The table is the section .symbols, read by kernel/x86_64/symbols.cc:

    u32 count
    count times, by rising address:  u32 distance from the image's base, u32 offset of the name
    the names, each ended by a zero byte
"""
import re
import subprocess
import sys

IMAGE_OFFSET = 0xFFFFFFFF80000000


def functions(elf):
    """[(address, mangled name)], by address, one name for each address."""
    listing = subprocess.run(["llvm-nm-19", "--defined-only", "--numeric-sort", elf],
                             check=True, capture_output=True, text=True).stdout
    found = {}
    for line in listing.splitlines():
        address, kind, name = line.split(maxsplit=2)
        if kind in "tTwW" and int(address, 16) >= IMAGE_OFFSET and not name.startswith("image_"):
            found.setdefault(int(address, 16), name)
    return sorted(found.items())


def demangle(names):
    # A compiler's clones (".llvm.123", ".part.0", ".isra.0") go by the name of their original.
    plain = [re.sub(r"\.(llvm|part|isra|cold|constprop)\b.*$", "", name) for name in names]
    text = subprocess.run(["llvm-cxxfilt-19", "--no-params"], check=True, capture_output=True,
                          text=True, input="\n".join(plain) + "\n").stdout
    return text.splitlines()


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: symbols.py IN.elf OUT.S")
    table = functions(sys.argv[1])
    names = demangle([name for _, name in table])
    entries, strings, offset = [], [], 0
    for (address, _), name in zip(table, names, strict=True):
        text = name.replace("(anonymous namespace)::", "")
        entries.append(f"    .long {address - IMAGE_OFFSET:#x}, {offset}")
        strings.append('    .asciz "' + text.replace("\\", "\\\\").replace('"', '\\"') + '"')
        offset += len(text.encode()) + 1
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        out.write('.section .symbols, "a"\n.balign 8\n')
        out.write(f"    .long {len(table)}\n")
        out.write("\n".join(entries + strings) + "\n")


if __name__ == "__main__":
    main()
