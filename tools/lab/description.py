"""What a lab is: tests/labs/NAME/lab.toml, read and checked; and what a teacher's overlay changes in it."""

import pathlib
import tomllib
from dataclasses import dataclass, field

from lab.errors import LabError

FOLDER = pathlib.Path("tests/labs")
SOURCES = ("core", "unit", "explore", "userlib")  # the keys with files that are compiled
# What a student's file may call. Nothing here opens a file or ends the process.
USUALLY_CALLED = [r"weft::(?!sys::|host::|explore::)", r"weft_",
                  r"(vtable|typeinfo|guard variable|TLS wrapper).* for weft::",
                  r"__(asan|ubsan|tsan|sanitizer)_", r"mem(cpy|set|move|cmp)$", r"operator (new|delete)", "__stack_chk_fail",
                  r"_Unwind_Resume$", r"_GLOBAL_OFFSET_TABLE_$", r"vtable for __cxxabiv1::",
                  r"__(gxx_personality_v0|cxa_begin_catch|clang_call_terminate|cxa_pure_virtual)$", r"std::terminate\(\)$"]


@dataclass
class Check:
    """One run that decides about a part. `only` picks the tests, in the words of that kind of test."""

    kind: str  # one of checks.KINDS
    only: list[str]
    cpus: int = 2
    sched: str = ""  # the booted kernel's policy


@dataclass
class Part:
    number: int
    title: str
    points: int
    expects: str  # one sentence: what the tests want to see
    checks: list[Check] = field(default_factory=list)
    starter_passes: bool = False


@dataclass
class Lab:
    name: str
    title: str = ""
    hours: int = 0
    files: list[str] = field(default_factory=list)  # what a student changes; the rest of a submission is ignored
    may_call: list[str] = field(default_factory=list)
    core: list[str] = field(default_factory=list)  # files and rooms of kernel/core that the tests are linked with
    unit: list[str] = field(default_factory=list)  # sources of the core's host tests
    explore: list[str] = field(default_factory=list)  # scenarios of the explorer
    userlib: list[str] = field(default_factory=list)  # sources of the userlib's host tests
    hidden: list[str] = field(default_factory=list)  # files that an export leaves out
    common_lines: list[str] = field(default_factory=list)  # of the solution, that stand elsewhere, too, and tell nothing
    parts: list[Part] = field(default_factory=list)

    @property
    def points(self) -> int:
        return sum(part.points for part in self.parts)

    def kinds(self) -> set[str]:
        return {check.kind for part in self.parts for check in part.checks}

    def sources(self, which: str) -> list[str]:
        """What a program of the tests is linked from: `which` is one of SOURCES. Folders are all that is in them."""
        found = []
        for name in getattr(self, which):
            path = pathlib.Path("kernel/core") / name if which == "core" else pathlib.Path(name)
            found += sorted(map(str, path.rglob("*.cc"))) if path.is_dir() else [str(path)]
        return found

    def part(self, number: int) -> Part | None:
        return next((part for part in self.parts if part.number == number), None)


def names(root: pathlib.Path = pathlib.Path(".")) -> list[str]:
    return sorted(path.parent.name for path in (root / FOLDER).glob("*/lab.toml"))


def read(name: str, root: pathlib.Path = pathlib.Path("."), overlay: pathlib.Path | None = None) -> Lab:
    """The lab of this name, with a teacher's changes to it if there are any."""
    path = root / FOLDER / name / "lab.toml"
    if not name or not path.is_file():
        raise LabError(f"there is no lab {name!r}; LAB= is one of: {', '.join(names(root)) or 'none yet'}")
    lab = Lab(name)
    _take(lab, path)
    if overlay is not None:
        _take(lab, overlay / "lab.toml")
    _check(lab, path)
    return lab


def _take(lab: Lab, path: pathlib.Path) -> None:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise LabError(f"{path}: {error}") from error
    for key, value in raw.items():
        if key in SOURCES and key != "core":
            value = [_taken_along(lab, path.parent, name) for name in value]
        if key in ("title", "hours"):
            setattr(lab, key, value)
        elif key in ("files", "may_call", "hidden", "common_lines", *SOURCES):
            getattr(lab, key).extend(value)
        elif key == "part":
            for one in value:
                _take_part(lab, one, path)
        else:
            raise LabError(f"{path}: what is {key}?")


def _taken_along(lab: Lab, folder: pathlib.Path, name: str) -> str:
    """Where the build finds a test: an overlay's own is copied there (grading.take_along)."""
    return f"build/labs/{lab.name}/overlay/{name}" if (folder / name).is_file() else name


def _take_part(lab: Lab, raw: dict, path: pathlib.Path) -> None:
    """A part that is there already gets the points and checks that are said anew: so an overlay changes it."""
    try:
        checks = [Check(**check) for check in raw.pop("check", [])]
        known = lab.part(raw.get("number", 0))
        if known is None:
            lab.parts.append(Part(checks=checks, **raw))
            return
        for key, value in raw.items():
            if not hasattr(known, key):
                raise TypeError(f"what is {key}?")
            setattr(known, key, value)
        known.checks.extend(checks)
    except TypeError as error:
        raise LabError(f"{path}: {error}") from error


def _check(lab: Lab, path: pathlib.Path) -> None:
    if not (lab.title and lab.hours and lab.files and lab.parts):
        raise LabError(f"{path}: title, hours, files and at least one part are wanted")
    numbers = [part.number for part in lab.parts]
    if numbers != list(range(numbers[0], numbers[0] + len(numbers))) or numbers[0] not in (0, 1):
        raise LabError(f"{path}: the parts are numbered {numbers}")
    for part in lab.parts:
        if part.points <= 0 or not part.checks:
            raise LabError(f"{path}: part {part.number} needs points and checks")
