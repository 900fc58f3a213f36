"""Written answers, against a truth that a small script knows."""

import os
import pathlib
import shutil
import sys
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(TOP / "tools"))

from lab import answers  # noqa: E402 (needs the path above)
from lab.description import Lab  # noqa: E402
from lab.errors import LabError  # noqa: E402

TRUTH = """import json, sys
open("calls", "a").write("x")
print("something before")
print(json.dumps({"questions": {"address": sys.argv[1].upper()}, "answers": {"index": 5000, "caller": "start", "may_write": "no"}}))
"""
BLANK = '# Numbers behind each =.\nname = ""\nindex = 0   # of 512\ncaller = ""\nmay_write = "?"\n'


class WrittenAnswers(unittest.TestCase):
    def setUp(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="weft-lab-test-"))
        self.addCleanup(shutil.rmtree, folder)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder)
        self.write("build/debug/weft.elf", "a kernel")
        self.write("tests/labs/look/truth.py", TRUTH)
        self.write("answers.toml", BLANK)
        self.lab = Lab("look", files=["answers.toml"])

    def write(self, name: str, text: str) -> None:
        path = pathlib.Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def problem(self, text: str) -> str:
        self.write("answers.toml", text)
        return answers.problem(self.lab, ["index", "caller", "may_write"])

    def test_what_is_true_is_right(self):
        answers.fill_in(self.lab, pathlib.Path("."), "ada")
        self.assertEqual("", answers.problem(self.lab, ["index", "caller", "may_write"]))
        self.assertEqual("", self.problem('name = "ada"\nindex = 0x1388\ncaller = " start() "\nmay_write = "NO"\n'))

    def test_what_is_wrong_is_named_but_not_what_is_right(self):
        said = self.problem('name = "ada"\nindex = 0x1389\ncaller = "start"\nmay_write = "no"\n')
        self.assertEqual("index = 0x1389 is not it (your address is ADA)", said)
        self.assertIn("caller = 'begin'", self.problem('name = "ada"\nindex = 5000\ncaller = "begin"\nmay_write = "no"\n'))

    def test_kinds_are_not_mixed_up(self):
        for index in ("true", '"5000"', "5000.0", "[5000]"):
            self.assertIn("index", self.problem(f'name = "ada"\nindex = {index}\ncaller = "start"\nmay_write = "no"\n'), index)
        self.assertIn("may_write", self.problem('name = "ada"\nindex = 5000\ncaller = "start"\nmay_write = false\n'))

    def test_a_line_that_is_gone(self):
        self.assertIn("caller: there is no such line", self.problem('name = "ada"\nindex = 5000\nmay_write = "no"\n'))

    def test_what_can_not_be_read_is_told_to_its_author(self):
        for text in (BLANK, "name = \n", '\xff = "x"'):
            with self.assertRaisesRegex(LabError, "answers.toml"):
                self.problem(text)
        os.remove("answers.toml")
        with self.assertRaisesRegex(LabError, "answers.toml"):
            answers.problem(self.lab, ["index"])

    def test_the_truth_is_found_once_for_each_name_and_build(self):
        text = 'name = "{}"\nindex = 5000\ncaller = "start"\nmay_write = "no"\n'
        for name, calls in (("ada", 1), ("ada", 1), ("bob", 2)):
            self.assertEqual("", self.problem(text.format(name)))
            self.assertEqual(calls, len(pathlib.Path("calls").read_text(encoding="utf-8")))
        os.utime("build/debug/weft.elf", (1, 1))
        self.assertEqual("", self.problem(text.format("bob")))
        self.assertEqual(3, len(pathlib.Path("calls").read_text(encoding="utf-8")))

    def test_a_truth_that_can_not_be_found_is_no_fault_of_the_student(self):
        for script in ("import sys; sys.exit('no gdb here')", "print('no json')", ""):
            self.write("tests/labs/look/truth.py", script)
            with self.assertRaisesRegex(LabError, "could not find out"):
                answers.truth(self.lab, "ada")


if __name__ == "__main__":
    unittest.main()
