"""Marks a folder of submissions: one folder each, with the answer's files where they stand in the tree. Each is marked in a
copy of this tree with only the answer's own files taken over, shut in with nothing else (isolate.py), and bounded
in time. What is marked already is not marked again, unless it has changed.

    grade-all SUBMISSIONS --lab mutex           writes SUBMISSIONS-marks/marks.csv, and a folder for each
"""

import argparse
import contextlib
import csv
import hashlib
import json
import pathlib
import shutil
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

from lab import bounded, checks, description, grading, isolate, workspace
from lab.description import Lab
from lab.errors import LabError

KEPT = ("grade.txt", "grade.json", "junit.xml", "results.json")
SILENCE_SECONDS = 600
CPU_SECONDS = 1800
BAR = 30
SYSTEM_PYTHON = "/usr/bin/python3"  # home folders are hidden, whatever is installed in them


@dataclass
class Run:
    """All that the marking of one submission needs to know."""

    lab: Lab
    submissions: pathlib.Path
    out: pathlib.Path
    overlay: pathlib.Path | None
    isolated: bool


@dataclass
class Row:
    name: str
    points: int = 0
    parts: dict[int, int] = field(default_factory=dict)
    note: str = ""
    seconds: float = 0.0


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tools/lab/grade-all", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("submissions", type=pathlib.Path)
    parser.add_argument("--lab", required=True)
    parser.add_argument("--out", type=pathlib.Path, help="default: SUBMISSIONS-marks")
    parser.add_argument("--overlay", type=pathlib.Path, help="a teacher's own tests and points")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    lab = description.read(options.lab, overlay=options.overlay)
    names = []
    if options.submissions.is_dir():
        names = sorted(path.name for path in options.submissions.iterdir() if path.is_dir())
    if not names:
        raise LabError(f"{options.submissions} has no folders: one for each submission is wanted")
    out = (options.out or options.submissions.with_name(options.submissions.name + "-marks")).resolve()
    out.mkdir(parents=True, exist_ok=True)
    isolated = isolate.works(out / "work" / ".probe")
    if not isolated:
        print("grade-all: this system forbids namespaces, so submissions are not shut in: mark only those you trust",
              file=sys.stderr)
    workspace.build_first(lab, [target for kind in sorted(lab.kinds()) for target in checks.target(lab, kind)])
    run = Run(lab, options.submissions.resolve(), out, options.overlay.resolve() if options.overlay else None, isolated)
    rows = mark_all(run, names, options.jobs)
    write_csv(run, rows)
    shutil.rmtree(out / "work", ignore_errors=True)
    print(f"{len(rows)} marked: {out / 'marks.csv'}")
    return 0


def mark_all(run: Run, names: list[str], jobs: int) -> list[Row]:
    rows = {}
    with ThreadPoolExecutor(jobs) as pool, interruptible(pool):
        for done in as_completed([pool.submit(mark_one, run, name) for name in names]):
            row = done.result()
            rows[row.name] = row
            show(row, len(rows), len(names), run.lab.points)
            write_csv(run, list(rows.values()))
    return list(rows.values())


@contextlib.contextmanager
def interruptible(pool: ThreadPoolExecutor) -> Iterator[None]:
    """Who interrupts what is done in here waits for those only that are being marked, and not for all the rest."""
    try:
        yield
    except KeyboardInterrupt:
        print("\ngrade-all: those that are being marked now will be the last", file=sys.stderr)
        pool.shutdown(wait=False, cancel_futures=True)
        raise


def mark_one(run: Run, name: str) -> Row:
    """Never fails: what goes wrong is in the row."""
    started = time.monotonic()
    folder = run.out / name
    print_of = fingerprint(run, name)
    try:
        if not is_done(folder, print_of):
            mark_anew(run, name, folder)
            if grading.read(folder / "grade.json") is not None:  # else it was the machine that failed: try again next time
                (folder / "done").write_text(print_of, encoding="utf-8")
        row = read_row(folder, name)
    except (LabError, OSError) as error:
        row = Row(name, note=f"the marker failed: {error}")
    row.seconds = time.monotonic() - started
    return row


def mark_anew(run: Run, name: str, folder: pathlib.Path) -> None:
    work = run.out / "work" / name
    shutil.rmtree(work, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    workspace.make(run.lab, work)
    missing = workspace.put(run.lab, run.submissions / name, work)
    (work / ".lab").write_text(f"{run.lab.name}\n", encoding="utf-8")
    words = [SYSTEM_PYTHON if run.isolated else sys.executable, "tools/lab/lab", "grade", run.lab.name]
    if run.overlay is not None:
        shutil.copytree(run.overlay, work / "overlay")
        words += ["--overlay", "overlay"]
    if run.isolated:
        hidden = [pathlib.Path("/tmp"), pathlib.Path.home(), pathlib.Path("."), run.submissions, run.out]
        words = isolate.command(words, work, hidden)
        ending = bounded.run(words, SILENCE_SECONDS, CPU_SECONDS)
    else:
        ending = bounded.run(["env", "-C", str(work), *words], SILENCE_SECONDS, CPU_SECONDS)
    (folder / "log.txt").write_text(ending.output + ending.why, encoding="utf-8")
    (folder / "missing.json").write_text(json.dumps(missing), encoding="utf-8")
    for kept in KEPT:
        source = work / "build/labs" / run.lab.name / kept
        if source.is_file():
            shutil.copy2(source, folder / kept)
    shutil.rmtree(work)


def fingerprint(run: Run, name: str) -> str:
    """Of all that the mark depends on: the answer's files, the lab, its tests, the overlay."""
    digest = hashlib.sha256()
    paths = [run.submissions / name / file for file in run.lab.files]
    paths += sorted((description.FOLDER / run.lab.name).rglob("*"))
    paths += [pathlib.Path(name) for which in description.SOURCES if which != "core" for name in run.lab.sources(which)]
    paths += sorted(run.overlay.rglob("*")) if run.overlay else []
    for path in paths:
        digest.update(str(path).encode() + b"\0")
        if path.is_file() and not path.is_symlink():
            digest.update(path.read_bytes())
    return digest.hexdigest()


def is_done(folder: pathlib.Path, print_of: str) -> bool:
    done = folder / "done"
    return done.is_file() and done.read_text(encoding="utf-8") == print_of


def read_row(folder: pathlib.Path, name: str) -> Row:
    mark = grading.read(folder / "grade.json")
    missing = json.loads((folder / "missing.json").read_text(encoding="utf-8"))
    notes = [f"without {', '.join(missing)}: taken from the solution's tree, so worth nothing"] if missing else []
    if mark is None:
        lines = (folder / "log.txt").read_text(encoding="utf-8").splitlines()
        return Row(name, note="; ".join([*notes, f"no mark: {lines[-1] if lines else 'it printed nothing'}"]))
    if missing:
        return Row(name, note="; ".join(notes))
    if mark["refused"]:
        notes.append(f"refused: {mark['refused']}")
    return Row(name, mark["points"], {part["part"]: part["points"] for part in mark["parts"]}, "; ".join(notes))


def write_csv(run: Run, rows: list[Row]) -> None:
    numbers = [part.number for part in run.lab.parts]
    with open(run.out / "marks.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["submission", "points", "of", *(f"part {number}" for number in numbers), "note"])
        for row in sorted(rows, key=lambda row: row.name):
            writer.writerow([row.name, row.points, run.lab.points, *(row.parts.get(number, 0) for number in numbers), row.note])


def show(row: Row, done: int, of: int, points: int) -> None:
    filled = BAR * done // of
    bar = "=" * filled + " " * (BAR - filled)
    print(f"[{bar}] {done}/{of}  {row.name}: {row.points}/{points}  {row.note} ({row.seconds:.0f} s)", flush=True)
