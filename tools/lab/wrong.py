"""Wrong answers: mistakes that students make, each planted into the solution to see that the marker notices.

A file tests/labs/NAME/wrong/MISTAKE.wrong:

    # What the mistake is, in a sentence.
    file kernel/core/sync/mutex.cc
    loses 3 6
    may-lose 5
    --- old
    the text as it stands in the solution
    --- new
    the text as the student wrote it

`loses` are exactly the parts without points; `may-lose` those where it depends on the moment. Another `file` line
after a pair begins with another file."""

import pathlib
import re
from dataclasses import dataclass, field

from lab.description import FOLDER, Lab
from lab.errors import LabError


@dataclass
class Wrong:
    name: str
    about: str = ""
    loses: list[int] = field(default_factory=list)
    may_lose: list[int] = field(default_factory=list)
    changes: list[tuple[str, str, str]] = field(default_factory=list)  # file, old, new


def read_all(lab: Lab) -> list[Wrong]:
    return [read(path, lab) for path in sorted((FOLDER / lab.name / "wrong").glob("*.wrong"))]


def read(path: pathlib.Path, lab: Lab) -> Wrong:
    wrong = Wrong(path.stem)
    file = ""
    texts: list[list[str]] = []

    def finish_pair():
        if len(texts) % 2 == 0 and texts:
            wrong.changes.append((file, "\n".join(texts[-2]), "\n".join(texts[-1])))

    for line in path.read_text(encoding="utf-8").splitlines():
        word, _, rest = line.partition(" ")
        if line in ("--- old", "--- new"):
            if (line == "--- old") != (len(texts) % 2 == 0):
                raise LabError(f"{path}: old and new come in pairs")
            if line == "--- old":
                finish_pair()
            texts.append([])
        elif word == "file":
            finish_pair()
            texts.clear()
            file = rest
        elif texts:
            texts[-1].append(line)
        elif line.startswith("#"):
            wrong.about = f"{wrong.about} {line[1:].strip()}".strip()
        elif word in ("loses", "may-lose"):
            getattr(wrong, word.replace("-", "_")).extend(int(number) for number in rest.split())
        elif line:
            raise LabError(f"{path}: what is {line!r}?")
    finish_pair()
    unknown = [number for number in [*wrong.loses, *wrong.may_lose] if lab.part(number) is None]
    if not (wrong.about and wrong.changes and wrong.loses) or unknown or len(texts) % 2:
        raise LabError(f"{path}: a sentence about it, loses, and pairs of old and new are wanted (unknown parts: {unknown})")
    return wrong


def plant(wrong: Wrong, root: pathlib.Path) -> None:
    """Changes the files below `root`. However the text is broken into lines, it is there exactly once."""
    for file, old, new in wrong.changes:
        text = (root / file).read_text(encoding="utf-8")
        (root / file).write_text(replaced(wrong.name, file, text, old, new), encoding="utf-8")


def replaced(name: str, file: str, text: str, old: str, new: str) -> str:
    pattern = r"\s+".join(re.escape(word) for word in old.split())
    found = list(re.finditer(pattern, text))
    if len(found) != 1:
        raise LabError(f"wrong answer {name}: in {file} this stands {len(found)} times, not once; the code has changed, so "
                       f"change the wrong answer as well:\n{old}")
    return text[:found[0].start()] + new.strip() + text[found[0].end():]
