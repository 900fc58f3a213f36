"""Checks of the kind `answers`: what a student has found out and written into a file, against what is so in this
tree. The lab's own tests/labs/NAME/truth.py finds that out, for the student's name: so the answers of another student, or of
another build, are of no use.

    [[part.check]]
    kind = "answers"
    only = ["kernel_main", "called_by"]        # the questions, as the file has them
"""

import json
import os
import pathlib
import subprocess
import sys
import tomllib

from lab.description import FOLDER, Lab
from lab.errors import LabError

PATIENCE_SECONDS = 120


def given(lab: Lab, root: pathlib.Path = pathlib.Path(".")) -> dict:
    """The file of answers. LabError, in words for its author, if it can't be read."""
    path = root / lab.files[0]
    try:
        answers = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LabError(f"{path}: {error}") from error
    if not str(answers.get("name", "")).strip():
        raise LabError(f"{path}: write your name behind name =, since your questions depend on it")
    return answers


def truth(lab: Lab, name: str, root: pathlib.Path = pathlib.Path(".")) -> dict:
    """{"questions": {what: value}, "answers": {key: value}}. Kept until something is built anew."""
    kept = root / "build/labs" / lab.name / "truth.json"
    script = FOLDER / lab.name / "truth.py"
    kernel = root / "build/debug/weft.elf"
    basis = [name, os.stat(kernel).st_mtime_ns, (root / script).read_text(encoding="utf-8")]
    try:
        found = json.loads(kept.read_text(encoding="utf-8"))
        if found["basis"] == basis:
            return found
    except (OSError, ValueError, KeyError):
        pass
    try:
        done = subprocess.run([sys.executable, "-B", str(script), name], cwd=root, text=True, check=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE_SECONDS)
        found = {"basis": basis, **json.loads(done.stdout.splitlines()[-1])}
    except (subprocess.SubprocessError, ValueError, IndexError) as error:
        raise LabError(f"{script} could not find out what is so: {error}") from error
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(found), encoding="utf-8")
    return found


def problem(lab: Lab, only: list[str]) -> str:
    """What is wrong with the answers to these questions, without telling what would be right. "" if nothing is."""
    answers = given(lab)
    found = truth(lab, str(answers["name"]).strip())
    questions = ", ".join(f"your {what} is {value}" for what, value in found["questions"].items())
    for key in only:
        if key not in answers:
            return f"{key}: there is no such line any more ({questions})"
        if not is_same(answers[key], found["answers"][key]):
            return f"{key} = {shown(answers[key])} is not it ({questions})"
    return ""


def is_same(answer: object, true_value: object) -> bool:
    if isinstance(true_value, str):
        return isinstance(answer, str) and answer.strip().removesuffix("()").lower() == true_value.lower()
    return isinstance(answer, int) and not isinstance(answer, bool) and answer == true_value


def shown(answer: object) -> str:
    return hex(answer) if isinstance(answer, int) and answer > 4095 else repr(answer)


def fill_in(lab: Lab, root: pathlib.Path, name: str) -> None:
    """Writes what is true into the file: for the marker's own tests."""
    found = truth(lab, name, root)
    path = root / lab.files[0]
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        key = line.partition("=")[0].strip()
        value = name if key == "name" else found["answers"].get(key)
        lines.append(line if value is None else f"{key} = {json.dumps(value)}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
