"""make new-lab NAME=x: the skeleton of a lab, which passes all checks and marks what it is made of: a counter with one
part, its test, its handout, and five wrong answers. Replace them one by one."""

import pathlib
import re

from lab.description import FOLDER
from lab.errors import LabError

SKELETON = pathlib.Path("tools/lab/skeleton")


def new(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
        raise LabError(f"NAME={name}: a lab's name has small letters, digits and -, and begins with a letter")
    folder = FOLDER / name
    if folder.exists():
        raise LabError(f"{folder} is there already")
    if not SKELETON.is_dir():
        raise LabError("this is a starter for a class: new labs are made in the tree that it came from")
    identifier = name.replace("-", "_")
    for path in sorted(SKELETON.rglob("*")):
        if path.is_file():
            target = folder / str(path.relative_to(SKELETON)).replace("LABNAME", identifier).removesuffix(".in")
            target.parent.mkdir(parents=True, exist_ok=True)
            text = path.read_text(encoding="utf-8").replace("LABIDENTIFIER", identifier).replace("LABNAME", name)
            target.write_text(text, encoding="utf-8")
    return f"{folder} is there. tests/labs/README.md says what to change; `make test-labs LAB={name}` checks it."
