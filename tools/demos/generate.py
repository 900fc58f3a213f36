#!/usr/bin/env python3
"""Writes the table of the demos as lines of C++, for the program `demo`."""

import argparse
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import table  # noqa: E402


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def lines(root: Path) -> list[str]:
    titles = table.sections(root)
    found = []
    for demo in table.demos(root):
        texts = (titles[demo.section], demo.name, demo.command, demo.run, demo.look_for, demo.why)
        is_apart = "true" if demo.output == "apart" else "false"
        found.append(f"{{{', '.join(map(quoted, texts))}, {is_apart}}},")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", default=".", type=Path)
    parser.add_argument("--out", required=True, type=Path)
    options = parser.parse_args()
    try:
        text = "\n".join(["// Made by tools/demos/generate.py from userlib/bin/demos.", *lines(options.root), ""])
    except table.TableError as error:
        print(f"{options.root / table.FOLDER}: {error}", file=sys.stderr)
        return 1
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
