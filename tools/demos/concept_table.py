"""The concept table of README.md, and the names of its rows."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

HEADING = re.compile(r"^### (\d+)\. (.+)$")
ROW = re.compile(r"^\| \*\*(.+?)\*\*(.*?) \| (.*) \| (.*) \| (.*) \|$")
LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Row:
    section: str
    name: str
    idea: str  # what stands behind the name
    code: str
    demo: str
    test: str


def links(cell: str) -> list[str]:
    return [target for _, target in LINK.findall(cell)]


def rows(readme: str) -> list[Row]:
    """Those of the tables below the numbered headings, in their order."""
    found, section = [], ""
    for line in readme.splitlines():
        if heading := HEADING.match(line):
            section = heading.group(2)
        elif line.startswith("#"):
            section = ""
        elif section and (row := ROW.match(line)):
            found.append(Row(section, *row.groups()))
    return found


def expected(file: Path) -> list[tuple[str, str]]:
    """Section and name of each row that there must be."""
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    return [(section["title"], name) for section in table["section"] for name in section["rows"]]
