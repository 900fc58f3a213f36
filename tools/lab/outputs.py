"""What a mark looks like: a table to read, JSON, JUnit XML, Gradescope's results.json, and GitHub Classroom's notices."""

import json
import os
import pathlib
import re
import textwrap

from lab.grading import Mark, PartMark
from weftlib.results import Results

WIDTH = 100


def text(mark: Mark) -> str:
    """The table; then for each part that failed what was expected and seen, and how to see it again; last what to
    do first."""
    lab = mark.lab
    lines = [f"Lab {lab.name}: {lab.title}", "", f"  {'part':6}{'points':>8}   what"]
    for part in mark.parts:
        verdict = "passed" if part.passed else "failed"
        lines.append(f"  {part.part.number:<6}{f'{part.points}/{part.part.points}':>8}   {verdict}  {part.part.title}")
    lines += [f"  {'':6}{f'{mark.points}/{lab.points}':>8}   in all", ""]
    if mark.refused:
        return "\n".join([*lines, f"Nothing was run: {mark.refused}.", ""])
    last = None
    for part in mark.parts:
        if not part.passed:
            problem = part.problem()
            cause = _cause(problem.text)
            lines += _as_before(part) if cause == last else _failure(part)
            last = cause
    failed = [part for part in mark.parts if not part.passed]
    lines.append(_what_first(lab.name, failed[0]) if failed else "All of it works. Compare it with what others wrote, and read "
                 f"the questions at the end of tests/labs/{lab.name}/README.md.")
    return "\n".join([*lines, ""])


def _cause(seen: str) -> str:
    """The same for parts that fail for one reason: the same stub, the same compiler error."""
    stub = re.search(r"not implemented: lab [a-z0-9-]+, part [0-9]+", seen)
    return stub.group(0) if stub else seen


def _failure(part: PartMark) -> list[str]:
    problem = part.problem()
    lines = [f"Part {part.part.number}: {part.part.title}"]
    for word, said in (("expected", part.part.expects), ("seen", problem.text)):
        lines += textwrap.wrap(said, WIDTH, initial_indent=f"  {word + ':':10}", subsequent_indent=" " * 12)
    lines.append(f"  {'again:':10}{problem.again}")
    lines += [f"  {what}: {command}" for what, command in problem.look]
    return [*lines, ""]


def _as_before(part: PartMark) -> list[str]:
    return [f"Part {part.part.number}: the same; it can't be seen before that is mended.", ""]


def _what_first(name: str, part: PartMark) -> str:
    problem = part.problem()
    what = "write it" if "not implemented" in problem.text else "mend it" if problem.text else "look at it"
    return f"First: part {part.part.number}, {part.part.title}: {what}. tests/labs/{name}/README.md says how to begin.\n" \
           f"       To see it again: {problem.again}"


def as_data(mark: Mark) -> dict:
    return {"lab": mark.lab.name, "points": mark.points, "of": mark.lab.points, "refused": mark.refused,
            "parts": [{"part": part.part.number, "title": part.part.title, "points": part.points,
                       "of": part.part.points, "passed": part.passed, "expected": part.part.expects,
                       "seen": (part.problem() or part.seen[-1]).text,
                       "again": "" if part.passed else part.problem().again, "seconds": round(part.seconds, 2)}
                      for part in mark.parts]}


def gradescope(mark: Mark) -> dict:
    """https://gradescope-autograders.readthedocs.io/en/latest/specs/#output-format"""
    tests = [{"name": f"Part {part.part.number}: {part.part.title}", "number": str(part.part.number),
              "score": part.points, "max_score": part.part.points, "status": "passed" if part.passed else "failed",
              "output": "\n".join((_failure(part) if not part.passed else [part.part.expects]))}
             for part in mark.parts]
    return {"score": mark.points, "visibility": "visible", "tests": tests, "output": text(mark)}


def classroom(mark: Mark) -> str:
    """The commands of a workflow that leave the two notices by which Classroom learns the points: what its own reporter,
    classroom-resources/autograding-grading-reporter, prints."""
    report = json.dumps({"totalPoints": mark.points, "maxPoints": mark.lab.points}, separators=(",", ":"))
    return (f"::notice title=Autograding complete::Points {mark.points}/{mark.lab.points}\n"
            f"::notice title=Autograding report::{report}\n")


def write(mark: Mark, folder: pathlib.Path) -> None:
    """grade.txt, grade.json, junit.xml, results.json and classroom.txt, each complete or not there."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "grade.txt", text(mark))
    _write(folder / "grade.json", json.dumps(as_data(mark), indent=1) + "\n")
    _write(folder / "results.json", json.dumps(gradescope(mark), indent=1) + "\n")
    _write(folder / "classroom.txt", classroom(mark))
    junit = Results("junit", f"make grade LAB={mark.lab.name}")
    for part in mark.parts:
        junit.add(f"part {part.part.number}: {part.part.title}", part.passed,
                  "" if part.passed else "\n".join([part.problem().text, *_failure(part), part.problem().details]),
                  part.seconds)
    junit.write(str(folder))


def _write(path: pathlib.Path, said: str) -> None:
    path.with_suffix(path.suffix + ".new").write_text(said, encoding="utf-8")
    os.replace(path.with_suffix(path.suffix + ".new"), path)
