"""The table of the demos: userlib/bin/demos/demos.toml, and the first lines of each demo's source."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path("userlib/bin/demos")
HEAD = re.compile(r"// Run: +(?P<run>.+)\n// Look for: (?P<look_for>(?:.+\n)+?)// Why: +(?P<why>(?://.+\n|.+\n)+?)(?=#|\n)")
OUTPUTS = ("same", "numbers", "turns", "apart")


class TableError(Exception):
    """What is wrong with the table, for people."""


@dataclass(frozen=True)
class Demo:
    name: str
    section: int
    command: str  # what to type, without what is optional
    run: str  # the same with it, and with what to mind
    look_for: str
    why: str
    output: str
    csv: str | None  # what the first column of its figures is
    measured: str | None  # in instructions or in time
    plot: str | None  # the picture's title


def sections(root: Path) -> dict[int, str]:
    return {int(number): title for number, title in _load(root)["sections"].items()}


def demos(root: Path) -> list[Demo]:
    """In the order of the table, which is that of the sections."""
    table = _load(root)
    found = [_demo(root, entry) for entry in table["demo"]]
    names = [demo.name for demo in found]
    for name in {name for name in names if names.count(name) > 1}:
        raise TableError(f"{name}: is there twice")
    if [demo.section for demo in found] != sorted(demo.section for demo in found):
        raise TableError("the demos don't stand in the order of the sections")
    for demo in found:
        if str(demo.section) not in table["sections"]:
            raise TableError(f"{demo.name}: there is no section {demo.section}")
    return found


def _load(root: Path) -> dict:
    return tomllib.loads((root / FOLDER / "demos.toml").read_text(encoding="utf-8"))


def _demo(root: Path, entry: dict) -> Demo:
    name = entry["name"]
    if entry["output"] not in OUTPUTS:
        raise TableError(f"{name}: the output is one of {', '.join(OUTPUTS)}")
    if len({entry.get(key) is None for key in ("csv", "measured", "plot")}) != 1:
        raise TableError(f"{name}: what has figures says how they are measured, and has a picture's title")
    if entry.get("measured") not in (None, "instructions", "time"):
        raise TableError(f"{name}: measured is in instructions or in time")
    if "look_for" in entry:
        run, look_for, why = name, entry["look_for"], entry["why"]
    else:
        run, look_for, why = head_of(root / FOLDER / f"{name}.cc")
    return Demo(name, entry["section"], re.split(r" +[\[(]", run)[0], run, look_for, why, entry["output"],
                entry.get("csv"), entry.get("measured"), entry.get("plot"))


def head_of(source: Path) -> tuple[str, str, str]:
    """The three things that a demo's source says first, each as one line."""
    head = HEAD.match(source.read_text(encoding="utf-8"))
    if head is None:
        raise TableError(f"{source} doesn't open with Run, Look for and Why")
    texts = (re.sub(r"\s*\n// *|\s+", " ", head[part]).strip() for part in ("run", "look_for", "why"))
    return tuple(texts)
