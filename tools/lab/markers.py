"""The marks in the sources that say what of a file is a lab's solution, and what a starter has instead.

    // lab:mutex begin 2                     what follows is the solution of part 2 of lab mutex
    ...
    // lab:mutex stub: panic("not implemented: lab mutex, part 2");
    // lab:mutex end

In assembly the comments begin with #. Solutions of one lab never overlap; a stub has as many lines as it
needs, each with its own mark; without any, the solution is just left out.
"""

import pathlib
import re
from dataclasses import dataclass, field

from lab.errors import LabError

MARK = re.compile(r"^(?P<indent>\s*)(?P<comment>//|#) lab:(?P<lab>[a-z0-9-]+) (?P<rest>.*)$")
SUFFIXES = (".cc", ".hh", ".S")
FOLDERS = ("kernel", "userlib", "boot", "tests/labs")


@dataclass
class Region:
    """A marked solution: lines `first` to `last` of the file, counted from 0, with the marks."""

    lab: str
    part: int
    path: str
    comment: str
    indent: str
    first: int
    last: int = -1
    solution: list[str] = field(default_factory=list)
    stub: list[str] = field(default_factory=list)

    def starter_lines(self) -> list[str]:
        return [f"{self.indent}{self.comment} Lab {self.lab}, part {self.part}: your code.", *self.stub]


def sources(root: pathlib.Path) -> list[pathlib.Path]:
    return [path for folder in FOLDERS for path in sorted((root / folder).rglob("*")) if path.suffix in SUFFIXES]


def regions(path: str, text: str) -> list[Region]:
    """All marked solutions of a file. LabError when the marks make no sense."""
    found: list[Region] = []
    region = None
    for number, line in enumerate(text.split("\n")):
        mark = MARK.match(line)
        if mark is None:
            if region is not None:
                region.solution.append(line)
            continue
        where = f"{path}:{number + 1}"
        word, _, rest = mark["rest"].partition(" ")
        if word == "begin" and rest.isdigit():
            if region is not None:
                raise LabError(f"{where}: a solution begins inside the one of lab {region.lab}")
            region = Region(mark["lab"], int(rest), path, mark["comment"], mark["indent"], number)
            continue
        if region is None or region.lab != mark["lab"]:
            raise LabError(f"{where}: lab:{mark['lab']} {word} without its begin")
        if word == "stub:":
            region.stub.append((mark["indent"] + rest).rstrip())
        elif word == "end" and not rest:
            region.last = number
            found.append(region)
            region = None
        else:
            raise LabError(f"{where}: what is lab:{mark['lab']} {mark['rest']}?")
    if region is not None:
        raise LabError(f"{path}:{region.first + 1}: the solution of lab {region.lab} has no end")
    return found


def all_regions(root: pathlib.Path, lab: str) -> list[Region]:
    """The marked solutions of one lab in the whole tree, in the order of its parts."""
    found = [region for path in sources(root)
             for region in regions(str(path.relative_to(root)), path.read_text(encoding="utf-8"))
             if region.lab == lab]
    return sorted(found, key=lambda region: region.part)


def starter(path: str, text: str, lab: str) -> str:
    """The text with this lab's solutions taken out. The marks of other labs stay."""
    lines = text.split("\n")
    for region in reversed([region for region in regions(path, text) if region.lab == lab]):
        lines[region.first:region.last + 1] = region.starter_lines()
    return "\n".join(lines)


def without_marks(path: str, text: str) -> str:
    """The text without any marks: all solutions stay, nothing says that they are some."""
    lines = text.split("\n")
    for region in reversed(regions(path, text)):
        lines[region.first:region.last + 1] = region.solution
    return "\n".join(lines)
