#!/usr/bin/env python3
"""Makes everything that follows from the system-call table.

  generate.py --table kernel/syscall/table.toml --out build/gen   writes the generated sources
  generate.py --table ... --page userlib/sys/SYSCALLS.md          writes the page for readers
  generate.py --table ... --check-page userlib/sys/SYSCALLS.md    fails if that page is out of date
"""

import argparse
import sys
from pathlib import Path

import constants
import decode
import kernel
import page
import table as tables
import userlib

OUTPUTS = {
    "abi/constants.hh": constants.constants,
    "syscall/handlers.hh": kernel.handlers,
    "syscall/dispatch.inc": kernel.dispatch,
    "syscall/decode.hh": decode.decode_header,
    "userlib/syscalls.hh": userlib.stubs,
    "oracle/allowed.h": decode.allowed_header,
    "oracle/table.json": decode.as_json,
}


def write(path, text):
    """Leaves a file alone that says the same already, so that nothing is compiled again for it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def main():
    parser = argparse.ArgumentParser(description="makes what follows from the system-call table")
    parser.add_argument("--table", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--page", type=Path)
    parser.add_argument("--check-page", type=Path)
    options = parser.parse_args()
    try:
        table = tables.load(options.table)
    except tables.TableError as error:
        sys.exit(f"{options.table}:\n{error}")
    if options.out:
        for name, make in OUTPUTS.items():
            write(options.out / name, make(table))
    if options.page:
        write(options.page, page.page(table))
    if options.check_page and options.check_page.read_text() != page.page(table):
        sys.exit(f"{options.check_page} is out of date: run make syscalls-page")


if __name__ == "__main__":
    main()
