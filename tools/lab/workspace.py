"""A copy of this tree to mark an answer in, with what is built already, so that only the answer is compiled.

An answer is only ever the files that its lab.toml names; all else, the tests and the tools above all, is this
tree's own."""

import os
import pathlib
import shutil
import subprocess

from lab.description import Lab
from lab.errors import LabError

FOLDERS = ("kernel", "userlib", "boot", "tests", "tools")
BUILT = {"unit": ("build/unit/sim",), "userlib": ("build/unit/userlib", "build/unit/sim/gtest.o"), "explore": ("build/explore",),
         "kernel": ("build/debug",), "guest": ("build/debug", "build/guest"),
         "answers": ("build/debug", "build/userlib", "build/initrd.args", "build/initrd.cpio")}
ALWAYS_BUILT = ("build/gen", "build/setup", "build/unit/sim/flags", "build/unit/sim/gtest.o")
# Large, and made anew or not needed.
NOT_COPIED = {"build/unit/sim/unit", "build/unit/userlib/unit", "build/explore/explore", "build/explore/bugs",
              "build/explore/saved", "build/guest/programs"}


def make(lab: Lab, folder: pathlib.Path) -> None:
    """Fills a new folder. Links to this tree's objects would be quicker, but some compilers' caches write over an object
    where it is: then a wrong answer would be in this tree's own programs."""
    folder.mkdir(parents=True)
    for name in FOLDERS:
        shutil.copytree(name, folder / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2("Makefile", folder)
    built = {*ALWAYS_BUILT, *(path for kind in lab.kinds() for path in BUILT[kind])}
    for path in sorted(built):
        _copy_built(path, folder)


def _copy_built(path: str, folder: pathlib.Path) -> None:
    if path in NOT_COPIED:
        return
    if os.path.isdir(path):
        (folder / path).mkdir(parents=True, exist_ok=True)
        for entry in sorted(os.listdir(path)):
            _copy_built(f"{path}/{entry}", folder)
    elif os.path.isfile(path) and not (folder / path).exists():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, folder / path)


def put(lab: Lab, answer: pathlib.Path, folder: pathlib.Path) -> list[str]:
    """Copies an answer's files over the workspace's; which of them the answer lacks. A link in an answer is not
    followed: it could lead anywhere."""
    missing = []
    for name in lab.files:
        source = answer / name
        inside = not any(path.is_symlink() for path in [source, *source.parents] if path != answer and answer in path.parents)
        if not inside or not source.is_file():
            missing.append(name)
            continue
        text = source.read_bytes()
        if text != (folder / name).read_bytes():
            (folder / name).write_bytes(text)
    return missing


def build_first(lab: Lab, targets: list[str]) -> None:
    """What all workspaces start from."""
    command = ["env", "-u", "MAKEFLAGS", "-u", "MFLAGS", "-u", "MAKELEVEL", "make", "--no-print-directory", f"LAB={lab.name}",
               *targets]
    if subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode != 0:
        raise LabError(f"the tests of lab {lab.name} can't be built here, without any answer")
