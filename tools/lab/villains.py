"""Submissions that try to get round the marker, marked with an honest one beside them: does each get what it deserves?

A part of make test-labs. They answer lab mutex, whose two files are kernel code."""

import contextlib
import csv
import io
import pathlib
import shutil
import tempfile
import time

from lab import grade_all, markers
from weftlib.results import Results

SPIN_LOCK = "kernel/core/sync/spin_lock.cc"
MUTEX = "kernel/core/sync/mutex.cc"
NAMESPACE = "namespace weft {"

PRINTS_PASS = """extern "C" long write(int, const void*, unsigned long);
extern "C" void _exit(int) __attribute__((noreturn));
__attribute__((constructor)) static void cheat() {
  write(1, "[  PASSED  ] 9 tests\\n100/100\\n", 29);
  _exit(0);
}
"""
FORKS = """extern "C" int fork();
__attribute__((constructor)) static void multiply() {
  for (;;) fork();
}
"""


def check(results: Results) -> None:
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="weft-lab-") as folder:
        root = pathlib.Path(folder) / "answers"
        expected = hand_in(root)
        with contextlib.redirect_stdout(io.StringIO()) as said:
            grade_all.main([str(root), "--lab", "mutex"])
        with open(f"{root}-marks/marks.csv", encoding="utf-8") as file:
            rows = {row["submission"]: row for row in csv.DictReader(file)}
    for name, (least, most, note) in expected.items():
        row = rows.get(name, {"points": "-1", "note": "not in the table"})
        fits = least <= int(row["points"]) <= most and note in row["note"]
        results.add(f"submissions: {name}", fits, f"{row}\n{said.getvalue()}", (time.monotonic() - started) / len(expected))
        print(f"{'ok' if fits else 'FAIL':5} submissions: {name}: {row['points']} points; {row['note']}", flush=True)


def hand_in(root: pathlib.Path) -> dict[str, tuple[int, int, str]]:
    """Writes the submissions; between which points each should get, and what the note must say."""
    expected = {}

    def submission(name: str, least: int, most: int, note: str = "") -> pathlib.Path:
        for file in (SPIN_LOCK, MUTEX):
            (root / name / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, root / name / file)
        expected[name] = (least, most, note)
        return root / name

    submission("honest", 100, 100)
    change(submission("prints-pass", 0, 0, "calls _exit") / SPIN_LOCK, NAMESPACE, PRINTS_PASS + NAMESPACE)
    change(submission("forks-without-end", 0, 0, "calls fork") / MUTEX, NAMESPACE, FORKS + NAMESPACE)
    change(submission("hangs", 0, 0) / SPIN_LOCK, "!= ticket) hal", "!= ticket + 1000000) hal")
    change(submission("crashes", 1, 50) / MUTEX, "bool Mutex::take_if_free() {",
           "bool Mutex::take_if_free() {\n  *reinterpret_cast<volatile int*>(8) = 1;")

    lazy = submission("edits-the-tests", 0, 0)
    path = lazy / SPIN_LOCK
    path.write_text(markers.starter(SPIN_LOCK, path.read_text(encoding="utf-8"), "mutex"), encoding="utf-8")
    for name in ("tests/unit/sync/spin_lock_test.cc", "tests/labs/mutex/lab.toml", "tools/lab/grading.py"):
        (lazy / name).parent.mkdir(parents=True, exist_ok=True)
        (lazy / name).write_text("// all is well\n", encoding="utf-8")

    (submission("reads-a-neighbour", 0, 0) / SPIN_LOCK).write_text(
        f'#include "{root}/honest/{SPIN_LOCK}"\n', encoding="utf-8")
    linked = submission("is-a-link", 0, 0, "without") / SPIN_LOCK
    linked.unlink()
    linked.symlink_to(pathlib.Path(SPIN_LOCK).resolve())
    return expected


def change(path: pathlib.Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path} has no {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
