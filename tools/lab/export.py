"""make lab-export: a starter for a class, in a folder of its own. It has no history, no wrong answers, no other labs'
marks, and no line of the solution; the last is checked, and the folder removed if it isn't so."""

import pathlib
import re
import shutil
import subprocess

from lab import markers
from lab.description import FOLDER, Lab
from lab.errors import LabError
from lab.start import NOTE, write_starter

CLASS = pathlib.Path("tools/lab/class")
# What would tell solutions, or is the teacher's own.
LEFT_OUT = ("tests/explore/bugs/", "tests/labs/", ".ci/", "tools/lab/class/", "tools/lab/skeleton/")
TELLING_LENGTH = 20  # a line of code that long is nobody's by chance
SHARED = f"{FOLDER}/support/"  # what tests of several labs use
CONTAINED_LENGTH = 32  # and as a part of another line, or of a comment
IDIOM_FILES = 3  # unless so many files have it


def export(lab: Lab, out: pathlib.Path) -> str:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise LabError(f"{out} is there already, and not empty")
    for name in tracked():
        if kept(lab, name):
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(name, out / name)
    write_starter(out, lab.name)
    for path in markers.sources(out):
        text = path.read_text(encoding="utf-8")
        bare = markers.without_marks(str(path), text)
        if bare != text:
            path.write_text(bare, encoding="utf-8")
    for path in sorted(CLASS.iterdir()):
        place_class_file(lab, path, out)
    leaks = find_leaks(lab, out)
    if leaks:
        shutil.rmtree(out)
        raise LabError("lines of the solution would be in the starter:\n" + "\n".join(f"  {leak}" for leak in leaks[:20]))
    return (f"{out} is the starter of lab {lab.name}: put it into a new repository, its only commit. "
            f"Students type: make grade LAB={lab.name}")


def tracked() -> list[str]:
    """The files of this tree that are ours: what git knows, or without git all but what is built."""
    done = subprocess.run(["git", "ls-files", "-z"], text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if done.returncode == 0 and done.stdout:
        return [name for name in done.stdout.split("\0") if name and pathlib.Path(name).is_file()]
    return [str(path) for path in sorted(pathlib.Path(".").rglob("*"))
            if path.is_file() and path.parts[0] not in ("build", ".git") and "__pycache__" not in path.parts]


def kept(lab: Lab, name: str) -> bool:
    own = f"{FOLDER}/{lab.name}/"
    if name.startswith(own):
        return not name.startswith((f"{own}wrong/", f"{own}hidden/"))
    if name.startswith(SHARED):
        return True
    return not name.startswith(LEFT_OUT) and name not in lab.hidden and name != str(NOTE)


def place_class_file(lab: Lab, path: pathlib.Path, out: pathlib.Path) -> None:
    """The workflow goes where a hosting service looks for it."""
    place = {"classroom.yml": ".github/workflows/classroom.yml", "LABS.md": f"{FOLDER}/README.md"}.get(path.name)
    if place is None:
        return
    (out / place).parent.mkdir(parents=True, exist_ok=True)
    (out / place).write_text(path.read_text(encoding="utf-8").replace("LABNAME", lab.name), encoding="utf-8")


def find_leaks(lab: Lab, out: pathlib.Path) -> list[str]:
    """Lines of the solution that stand somewhere in the starter, however they are indented."""
    found = markers.all_regions(pathlib.Path("."), lab.name)
    telling = {normal(line) for region in found for line in region.solution}
    telling = {words for words in telling if len(words) >= TELLING_LENGTH and not words.startswith(".cfi_")} - set(map(normal, lab.common_lines))
    telling -= idioms(telling, {region.path for region in found}, out)
    leaks = []
    contained = [words for words in telling if len(words) >= CONTAINED_LENGTH]
    inside = re.compile("|".join(map(re.escape, contained)) if contained else r"(?!)")
    own_mark = re.compile(rf"^\s*(//|#) lab:{lab.name} ")
    for path in sorted(out.rglob("*")):
        text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        if not (telling.intersection(normal_lines(text)) or inside.search("\n".join(normal_lines(text))) or
                f"lab:{lab.name} " in text):
            continue
        for number, line in enumerate(text.split("\n"), 1):
            words = normal(line)
            if words in telling or inside.search(words) or (own_mark.match(line) and path.suffix in markers.SUFFIXES):
                leaks.append(f"{path.relative_to(out)}:{number}: {line.strip()}")
    return leaks


def idioms(lines: set[str], solved: set[str], out: pathlib.Path) -> set[str]:
    """Those that many sources have that are no part of this lab, as `SpinGuard guard(lock_);`."""
    seen = {words: 0 for words in lines}
    for path in markers.sources(out):
        if str(path.relative_to(out)) not in solved:
            for words in lines.intersection(normal_lines(path.read_text(encoding="utf-8"))):
                seen[words] += 1
    return {words for words, count in seen.items() if count >= IDIOM_FILES}


def normal(line: str) -> str:
    """A line without what doesn't matter: its indentation, attributes, and the comment at its end."""
    return normal_lines(line)[0]


def normal_lines(text: str) -> list[str]:
    text = re.sub(r"[ \t]+", " ", re.sub(r"[ \t]//.*|\[\[.*?\]\]", "", text))
    return [line.strip().removeprefix("// ") for line in text.split("\n")]
