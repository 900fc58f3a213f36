"""Marking a folder of submissions: what an interrupt leaves for the next run, and what is marked anew."""

import os
import pathlib
import sys
import tempfile
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor

TOP = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(TOP / "tools"))

from lab import grade_all  # noqa: E402 (needs the path above)
from lab.description import Lab  # noqa: E402


class Interrupted(unittest.TestCase):
    def test_those_that_wait_are_not_marked_any_more(self):
        marked = []
        begun = threading.Event()
        go_on = threading.Event()

        def mark(name: str) -> grade_all.Row:
            if name != "first":
                begun.set()
                go_on.wait()
            marked.append(name)
            return grade_all.Row(name)

        with self.assertRaises(KeyboardInterrupt), ThreadPoolExecutor(1) as pool:
            for name in ("first", "second", "third", "fourth"):
                pool.submit(mark, name)
            begun.wait()
            try:
                with grade_all.interruptible(pool):
                    raise KeyboardInterrupt
            finally:
                go_on.set()
        self.assertEqual(marked, ["first", "second"])


class MarkedAnew(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="weft-grade-all-")
        self.addCleanup(folder.cleanup)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder.name)
        for name in ("answers/ada/kernel/f.cc", "answers/ada/other.cc", "tests/labs/tiny/lab.toml", "tests/unit/f_test.cc"):
            self.write(name)
        lab = Lab("tiny", files=["kernel/f.cc"], unit=["tests/unit/f_test.cc"])
        self.run_ = grade_all.Run(lab, pathlib.Path("answers"), pathlib.Path("marks"), None, False)

    def write(self, name: str, text: str = "") -> None:
        pathlib.Path(name).parent.mkdir(parents=True, exist_ok=True)
        pathlib.Path(name).write_text(text, encoding="utf-8")

    def test_whose_answer_lab_or_tests_have_changed(self):
        for name in ("answers/ada/kernel/f.cc", "tests/labs/tiny/lab.toml", "tests/unit/f_test.cc"):
            before = grade_all.fingerprint(self.run_, "ada")
            self.write(name, "changed")
            self.assertNotEqual(grade_all.fingerprint(self.run_, "ada"), before, name)

    def test_and_nobody_else(self):
        before = grade_all.fingerprint(self.run_, "ada")
        self.write("answers/ada/other.cc", "no file of the answer's")
        self.assertEqual(grade_all.fingerprint(self.run_, "ada"), before)


if __name__ == "__main__":
    unittest.main()
