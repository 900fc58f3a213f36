"""make lab LAB=x: puts the working tree on the branch lab/x, where the lab's solutions are replaced by stubs. A branch
that is there already holds an earlier answer, and is taken up again."""

import pathlib
import subprocess

from lab import markers
from lab.description import Lab
from lab.errors import LabError

NOTE = pathlib.Path(".lab")  # the labs of this tree; the build takes it for a student's (tools/make/common.mk)


def start(lab: Lab) -> str:
    """What to say at the end. LabError, and nothing is changed, if that would lose or mix up anything."""
    branch = f"lab/{lab.name}"
    if git("rev-parse", "--is-inside-work-tree", check=False).strip() != "true":
        raise LabError(f"this is not a git repository. If it came from your teacher, it is lab {lab.name}'s starter already: "
                       "just begin")
    changed = git("status", "--porcelain", "--untracked-files=no").splitlines()
    before = git("branch", "--show-current").strip()
    if before == branch:
        return f"You are at lab {lab.name} already. {what_next(lab)}"
    if changed:
        raise LabError("there are changes that are not committed: git commit -a (or git stash), then again:\n"
                       + "\n".join(f"  {line}" for line in changed[:10]))
    if git("branch", "--list", branch).strip():
        git("switch", "--quiet", branch)
        return f"Back at your answer to lab {lab.name}, as you left it. {what_next(lab)}"
    found = markers.all_regions(pathlib.Path("."), lab.name)
    if not found and any(name.endswith(markers.SUFFIXES) for name in lab.files):
        raise LabError(f"nothing here is marked as lab {lab.name}: go back to the branch you began at, e.g. git switch main")
    git("switch", "--quiet", "--create", branch)
    write_starter(pathlib.Path("."), lab.name)
    git("add", str(NOTE), *sorted({region.path for region in found}))
    git(*identity(), "commit", "--quiet", "--message", f"Lab {lab.name}: the starter")
    places = "\n".join(f"  {path}" for path in lab.files)
    what, where = ("code goes", f"where it says \"Lab {lab.name}, part N\"") if found else ("answers go", "behind each =")
    watch = ("\nWhat a handout wants to be watched first needs a kernel in which nothing is missing: "
             f"git switch {before or '-'}\nHere again: make lab LAB={lab.name}" if found else "")
    return f"You are on the branch {branch} now. Your {what} into\n{places}\n{where}. {what_next(lab)}{watch}"


def write_starter(root: pathlib.Path, name: str) -> None:
    """Replaces the lab's solutions by stubs, and notes that this tree is a student's now."""
    for path in sorted({region.path for region in markers.all_regions(root, name)}):
        text = (root / path).read_text(encoding="utf-8")
        (root / path).write_text(markers.starter(path, text, name), encoding="utf-8")
    note = root / NOTE
    known = note.read_text(encoding="utf-8").split() if note.is_file() else []
    note.write_text("".join(f"{each}\n" for each in [*known, name]), encoding="utf-8")


def what_next(lab: Lab) -> str:
    return f"Read tests/labs/{lab.name}/README.md, then: make grade LAB={lab.name}"


def identity() -> list[str]:
    """For those who have never told git who they are."""
    return [] if git("config", "user.email", check=False).strip() else ["-c", "user.name=Weft", "-c", "user.email=weft@localhost"]


def git(*words: str, check: bool = True) -> str:
    done = subprocess.run(["git", *words], text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if check and done.returncode != 0:
        raise LabError(f"git {words[0]}: {done.stderr.strip()}")
    return done.stdout
