"""Marks: what a part is worth, how a mark looks, who is refused, and what ends a program that doesn't."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../../tools"))

from lab import bounded, checks, description, grading, outputs, rules, wrong  # noqa: E402 (needs the path above)
from lab.description import Check, Lab, Part  # noqa: E402
from lab.errors import LabError  # noqa: E402

OVERLAY = """
unit = ["tests/hidden_test.cc"]
[[part]]
number = 1
points = 30
[[part.check]]
kind = "unit"
only = ["Hidden.*"]
"""


def a_lab() -> Lab:
    parts = [Part(number, f"part {number}", 50, "that it works", [Check("unit", ["A.*"])]) for number in (1, 2)]
    return Lab("x", "A lab", 1, ["kernel/x.cc"], parts=parts)


def a_mark() -> grading.Mark:
    lab = a_lab()
    return grading.Mark(lab, [grading.PartMark(lab.parts[0], [checks.Seen(True, "5 tests passed")]),
                              grading.PartMark(lab.parts[1], [checks.Seen(True), checks.Seen(False, "A.B: 3, not 4", "again A.B")])])


class Marks(unittest.TestCase):
    def test_a_part_counts_when_all_its_checks_pass(self):
        mark = a_mark()
        self.assertEqual((mark.points, mark.lost()), (50, [2]))
        self.assertEqual(grading.PartMark(mark.lab.parts[0], []).points, 0)

    def test_the_table_says_what_first(self):
        text = outputs.text(a_mark())
        self.assertRegex(text, r"1 +50/50 +passed")
        self.assertRegex(text, r"2 +0/50 +failed")
        self.assertIn("seen:     A.B: 3, not 4", text)
        self.assertIn("First: part 2", text)
        self.assertIn("again A.B", text)

    def test_a_reason_is_told_once_but_only_if_it_is_the_same(self):
        lab = a_lab()
        for first, second, times in (("A.B: not implemented: lab x, part 1 (x.cc:1)", "C: panic: not implemented: lab x, part 1", 1),
                                     ("A.B: a deadlock", "A.C: a deadlock", 2)):
            mark = grading.Mark(lab, [grading.PartMark(part, [checks.Seen(False, text, "again")])
                                      for part, text in zip(lab.parts, (first, second))])
            self.assertEqual(outputs.text(mark).count("seen:"), times)

    def test_all_four_files_are_written(self):
        with tempfile.TemporaryDirectory() as folder:
            outputs.write(a_mark(), pathlib.Path(folder))
            mark = grading.read(pathlib.Path(folder) / "grade.json")
            self.assertEqual((mark["points"], mark["of"], [part["points"] for part in mark["parts"]]), (50, 100, [50, 0]))
            scope = json.loads((pathlib.Path(folder) / "results.json").read_text(encoding="utf-8"))
            self.assertEqual((scope["score"], scope["tests"][1]["score"], scope["tests"][1]["max_score"]), (50, 0, 50))
            self.assertIn("failure", (pathlib.Path(folder) / "junit.xml").read_text(encoding="utf-8"))
            self.assertIn("First", (pathlib.Path(folder) / "grade.txt").read_text(encoding="utf-8"))

    def test_half_a_mark_is_none(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "grade.json"
            self.assertIsNone(grading.read(path))
            path.write_text('{"points": 100', encoding="utf-8")
            self.assertIsNone(grading.read(path))
            path.write_text("100", encoding="utf-8")
            self.assertIsNone(grading.read(path))


class Reasons(unittest.TestCase):
    def test_what_went_wrong_first_is_told_before_how_it_ended(self):
        said = ("tests/x_test.cc:77: Failure\nValue of: lock.try_lock()\n  Actual: true\nExpected: false\n"
                "Google Test trace:\nseeds.hh:24: to repeat: WEFT_SEED=1\n\n"
                "tests/x_test.cc:78: Failure\nFailed\n\n")
        died = "threads:\n  1 test Waiting\nmachine stopped: deadlock: every CPU halts\nlast words\n"
        self.assertEqual(self.why(said + died, -signal.SIGABRT),
                         "tests/x_test.cc:77: Failure Value of: lock.try_lock() Actual: true Expected: false; "
                         "then: machine stopped: deadlock: every CPU halts")
        self.assertEqual(self.why(died, -signal.SIGABRT), "machine stopped: deadlock: every CPU halts")
        self.assertEqual(self.why("", 1), "it printed nothing")

    def test_who_dies_without_a_word_is_told_with_the_signal(self):
        self.assertEqual(self.why("[ RUN      ] A.B\n", -signal.SIGBUS), "it died of SIGBUS: bus error")
        self.assertEqual(self.why("[ RUN      ] A.B\n", -signal.SIGILL), "it died of SIGILL: illegal instruction")

    def test_a_stub_of_assembly_is_told_as_one(self):
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/switch.S"
            pathlib.Path(path).write_text("ud2 // not implemented: lab x, part 1\n", encoding="utf-8")
            self.assertEqual(self.why("[ RUN      ] A.B\n", -signal.SIGILL, path), f"not implemented: lab x, part 1 ({path})")
            self.assertIn("SIGILL", self.why("[ RUN      ] A.B\n", -signal.SIGILL, path, part=2))

    def why(self, output: str, status: int, *files: str, part: int = 1) -> str:
        lab = a_lab()
        lab.files = list(files)
        return checks.why_it_died(lab, part, bounded.Ending(status, output))


class Overlays(unittest.TestCase):
    def test_an_overlay_changes_points_and_adds_hidden_tests(self):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "tests").mkdir()
            (pathlib.Path(folder) / "tests/hidden_test.cc").touch()
            (pathlib.Path(folder) / "lab.toml").write_text(OVERLAY, encoding="utf-8")
            plain = description.read("mutex")
            lab = description.read("mutex", overlay=pathlib.Path(folder))
            self.assertEqual(lab.part(1).points, 30)
            self.assertEqual(lab.part(1).checks[-1].only, ["Hidden.*"])
            self.assertEqual(len(lab.part(1).checks), len(plain.part(1).checks) + 1)
            self.assertIn("build/labs/mutex/overlay/tests/hidden_test.cc", lab.unit)

    def test_what_makes_no_sense_is_refused(self):
        with self.assertRaisesRegex(LabError, "LAB= is one of"):
            description.read("no-such-lab")
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "lab.toml").write_text("pionts = 3\n", encoding="utf-8")
            with self.assertRaisesRegex(LabError, "what is pionts"):
                description.read("mutex", overlay=pathlib.Path(folder))


class Bounds(unittest.TestCase):
    def test_silence_ends_a_program_and_its_children(self):
        ending = bounded.run(["sh", "-c", "sleep 1000 & echo $!; sleep 1000"], silence=0.5)
        self.assertFalse(ending.passed)
        self.assertIn("silent", ending.why)
        child = int(ending.output.split()[0])
        with self.assertRaises(ProcessLookupError):
            while True:  # it ends at once, but maybe not yet
                os.kill(child, 0)

    def test_sleep_ends_it_before_silence_does(self):
        ending = bounded.run(["sh", "-c", "sleep 1000 & wait"], silence=600, asleep=1)
        self.assertFalse(ending.passed)
        self.assertEqual(ending.why, "all of it slept for 1 s")

    def test_who_does_something_is_not_asleep(self):
        busy = "import time\nwhile time.process_time() < 1.5: pass"
        for command in ([sys.executable, "-c", busy], ["sh", "-c", f"{sys.executable} -c '{busy}' & wait"]):
            self.assertEqual(bounded.run(command, silence=600, asleep=1).why, "")

    def test_output_without_end_ends_it(self):
        self.assertIn("without end", bounded.run(["yes"], silence=30).why)

    def test_so_does_cpu_time(self):
        self.assertIn("CPU time", bounded.run(["sh", "-c", "while :; do :; done"], silence=30, cpu_seconds=1).why)

    def test_so_does_going_on_without_any_output(self):
        self.assertIn("closed its output", bounded.run(["sh", "-c", "exec >&- 2>&-; sleep 1000"], silence=0.5).why)

    def test_who_closes_its_output_first_may_still_say_how_it_ended(self):
        ending = bounded.run(["sh", "-c", "exec >&- 2>&-; i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; exit 3"])
        self.assertEqual((ending.status, ending.why), (3, ""))

    def test_what_ends_by_itself_is_not_blamed(self):
        ending = bounded.run(["sh", "-c", "echo fine"])
        self.assertEqual((ending.passed, ending.output, ending.why), (True, "fine\n", ""))
        self.assertFalse(bounded.run(["false"]).passed)


class Rules(unittest.TestCase):
    """What an answer leaves to the linker, and whether it enters the host's kernel."""

    def compile(self, folder: str, text: str) -> pathlib.Path:
        source = pathlib.Path(folder) / "x.cc"
        source.write_text(text, encoding="utf-8")
        subprocess.run(["clang++-19", "-c", str(source), "-o", f"{folder}/x.o"], check=True)
        return pathlib.Path(folder) / "x.o"

    def test_names_and_instructions_are_seen(self):
        with tempfile.TemporaryDirectory() as folder:
            path = self.compile(folder, 'extern "C" int fork(); namespace weft { void panic(); }\n'
                                        "int f() { weft::panic(); return fork(); }\n")
            self.assertEqual(sorted(rules.undefined(path)), ["fork", "weft::panic()"])
            self.assertFalse(rules.enters_the_kernel(path))
            path = self.compile(folder, 'void f() { asm volatile("syscall" ::: "rcx", "r11"); }\n')
            self.assertTrue(rules.enters_the_kernel(path))

    def test_what_kernel_code_calls_is_allowed_and_nothing_else(self):
        for name, allowed in (("weft::panic(char const*, char const*, int)", True), ("__asan_report_load8", True),
                              ("memcpy", True), ("memcpy2", False), ("fork", False), ("_exit", False), ("write", False),
                              ("weft::sys::open(char const*)", False), ("weft::host::stop(int)", False), ("dlsym", False)):
            self.assertEqual(rules.is_allowed(name, a_lab()), allowed, name)


class WrongAnswers(unittest.TestCase):
    def test_a_text_is_replaced_however_its_lines_are_broken(self):
        self.assertEqual(wrong.replaced("w", "f", "if (a &&\n    b) return;", "if (a && b)", "if (a)"), "if (a) return;")

    def test_a_text_that_is_not_there_once_is_told(self):
        for text in ("nothing", "x; x;"):
            with self.assertRaisesRegex(LabError, "the code has changed"):
                wrong.replaced("w", "f", text, "x;", "y;")

    def test_files_and_pairs_are_read(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "w.wrong"
            path.write_text("# About.\nfile a\nloses 1\nmay-lose 2\n--- old\nx\n--- new\ny\n--- old\nv\n--- new\n"
                            "file b\n--- old\nz\n--- new\nw\n", encoding="utf-8")
            one = wrong.read(path, a_lab())
            self.assertEqual(one.changes, [("a", "x", "y"), ("a", "v", ""), ("b", "z", "w")])
            self.assertEqual((one.about, one.loses, one.may_lose), ("About.", [1], [2]))
            path.write_text("# About.\nfile a\nloses 7\n--- old\nx\n--- new\ny\n", encoding="utf-8")
            with self.assertRaisesRegex(LabError, "unknown parts"):
                wrong.read(path, a_lab())
