"""Marks the answer to a lab that stands in this tree: builds what the tests need, runs the checks of each part, and
says what each is worth. A part whose program does not build or hangs costs that part only."""

import json
import pathlib
import re
import shutil
import time
from dataclasses import dataclass, field

from lab import bounded, checks, rules
from lab.description import Lab, Part
from lab.errors import LabError

BUILD_SILENCE = 900
BUILD_CPU_SECONDS = 7200


@dataclass
class PartMark:
    part: Part
    seen: list[checks.Seen] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return bool(self.seen) and all(seen.passed for seen in self.seen)

    @property
    def points(self) -> int:
        return self.part.points if self.passed else 0

    def problem(self) -> checks.Seen | None:
        return next((seen for seen in self.seen if not seen.passed), None)


@dataclass
class Mark:
    lab: Lab
    parts: list[PartMark] = field(default_factory=list)
    refused: str = ""  # why nothing was run at all

    @property
    def points(self) -> int:
        return sum(part.points for part in self.parts)

    def lost(self) -> list[int]:
        return [part.part.number for part in self.parts if not part.passed]


def mark(lab: Lab, overlay: pathlib.Path | None = None, show: bool = False, say=lambda text: None) -> Mark:
    """`show` prints what the build prints; `say` is told what comes next."""
    if overlay is not None:
        take_along(lab, overlay)
    built = build_tests(lab, overlay, show, say)
    broken_rule = rules.broken(lab)
    if broken_rule:
        refusal = checks.Seen(False, f"refused: {broken_rule}")
        return Mark(lab, [PartMark(part, [refusal]) for part in lab.parts], broken_rule)
    answer = Mark(lab)
    for part in lab.parts:
        say(f"part {part.number}: {part.title}")
        started = time.monotonic()
        seen = []
        for check in part.checks:
            seen.append(built[check.kind] or checks.run(lab, part.number, check))
            if not seen[-1].passed:
                break  # the first is what the student mends first
        answer.parts.append(PartMark(part, seen, time.monotonic() - started))
    return answer


def build_tests(lab: Lab, overlay: pathlib.Path | None, show: bool, say) -> dict[str, checks.Seen | None]:
    """For each kind of checks what keeps it from being built, if anything does."""
    targets = {kind: checks.target(lab, kind) for kind in sorted(lab.kinds())}
    say(f"building the tests: {', '.join(targets)}")
    together = [target for kind in targets for target in targets[kind]]
    if build(lab, list(dict.fromkeys(together)), overlay, show) is None:
        return dict.fromkeys(targets)
    # One after the other, to see which parts it costs. It has been shown already.
    return {kind: build(lab, targets[kind], overlay, show=False) for kind in targets}


def build(lab: Lab, targets: list[str], overlay: pathlib.Path | None, show: bool) -> checks.Seen | None:
    """None if all could be built; else what the compiler said first."""
    if not targets:
        return None
    command = ["env", "-u", "MAKEFLAGS", "-u", "MFLAGS", "-u", "MAKELEVEL", "make", "--no-print-directory", f"LAB={lab.name}",
               *([f"OVERLAY={overlay}"] if overlay else []), *targets]
    ending = bounded.run(command, BUILD_SILENCE, BUILD_CPU_SECONDS, show)
    if ending.passed:
        return None
    errors = re.findall(r"^.*(?: error: |undefined symbol: ).*$", ending.output, re.MULTILINE)
    text = errors[0].strip() if errors else ending.why or checks.first_telling_line(ending.output)
    again = f"make LAB={lab.name} {' '.join(targets)}"
    return checks.Seen(False, f"does not build: {text}", again, [], ending.output[-6000:])


def take_along(lab: Lab, overlay: pathlib.Path) -> None:
    """A teacher's own tests: the overlay's files are copied to where the build finds them."""
    if not (overlay / "lab.toml").is_file():
        raise LabError(f"{overlay} is no overlay: it has no lab.toml")
    target = pathlib.Path("build/labs") / lab.name / "overlay"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(overlay, target)


def read(path: pathlib.Path) -> dict | None:
    """A mark as outputs.py has written it; None if there is none, or no whole one."""
    try:
        mark = json.loads(path.read_text(encoding="utf-8"))
        return mark if {"points", "of", "parts"} <= mark.keys() else None
    except (OSError, ValueError, AttributeError):
        return None
