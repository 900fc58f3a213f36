"""What a guest program prints, taken apart into its cases, and two of them compared.

    case NAME                 a case starts
      anything                its lines, indented
    ended NAME: HOW           it is over
    hung NAME                 it never was (written by whoever ended it)
"""

import difflib
import re
from dataclasses import dataclass, field

START = re.compile(r"case (\w+)$")
END = re.compile(r"ended (\w+): (.*)$")
HUNG = re.compile(r"hung (\w+)$")
NOISE_SHOWN = 12


@dataclass
class CaseText:
    """One case's lines. `ending` is empty as long as the case runs; `noise` is what somebody else, such
    as a kernel in panic, printed meanwhile."""

    name: str
    lines: list[str] = field(default_factory=list)
    ending: str = ""
    noise: list[str] = field(default_factory=list, compare=False)

    def text(self) -> list[str]:
        return [*self.lines, f"ended: {self.ending or 'never'}"]


def parse(text: str) -> dict[str, CaseText]:
    """The cases in the order they ran. Lines of anybody else (a kernel's log) are left out."""
    cases: dict[str, CaseText] = {}
    current: CaseText | None = None
    for line in text.replace("\r", "").split("\n"):
        if start := START.match(line):
            current = cases[start[1]] = CaseText(start[1])
        elif end := END.match(line):
            if current is not None and current.name == end[1]:
                current.ending = end[2]
            current = None
        elif hung := HUNG.match(line):
            cases.setdefault(hung[1], CaseText(hung[1])).ending = "hung"
            current = None
        elif current is not None and line.startswith("  "):
            current.lines.append(line[2:])
        elif current is not None and line:
            current.noise.append(line)
    return cases


def unfinished(text: str) -> str | None:
    """The case that was running when this transcript stopped."""
    for case in parse(text).values():
        if not case.ending:
            return case.name
    return None


def render(cases: dict[str, CaseText]) -> str:
    lines = []
    for case in cases.values():
        lines += [f"case {case.name}", *(f"  {line}" for line in case.lines),
                  f"ended {case.name}: {case.ending}", ""]
    return "\n".join(lines)


def difference(wanted: CaseText | None, wanted_from: str, got: CaseText | None, got_from: str) -> str:
    """Empty when both say the same; otherwise a short diff."""
    if wanted is None:
        return f"there is no such case in {wanted_from}"
    if got is None:
        return f"{got_from} never came to this case"
    lines = [*difflib.unified_diff(wanted.text(), got.text(), wanted_from, got_from, n=2, lineterm="")]
    if lines and got.noise:
        lines += ["and was told meanwhile:", *got.noise[-NOISE_SHOWN:]]
    return "\n".join(lines)
