"""The scripts under cases/: where they stand and how they are written.

A file holds many. Each begins with a line "=== NAME"; what follows, up to the next such line, is a
script. It runs in an empty folder of its own; what it prints and its status are what counts.
"""

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "cases"
MARK = "=== "


@dataclass(frozen=True)
class Case:
    topic: str
    name: str
    script: str


def read_topic(path):
    """The cases of one file, in their order."""
    cases = []
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.startswith(MARK):
            cases.append(Case(path.stem, line[len(MARK):].strip(), ""))
        else:
            last = cases[-1]
            cases[-1] = Case(last.topic, last.name, last.script + line)
    return cases


def all_cases():
    """Every case of every topic."""
    return [case for path in sorted(FOLDER.glob("*.txt")) for case in read_topic(path)]
