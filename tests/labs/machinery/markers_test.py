"""The marks in the sources: what is a solution, and what a starter has instead."""

import os
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../../tools"))

from lab import markers, start  # noqa: E402 (needs the path above)
from lab.errors import LabError  # noqa: E402

TEXT = """int answer() {
  // lab:one begin 2
  return 42;
  // lab:one stub: panic("not implemented: lab one, part 2");
  // lab:one stub: // a second line
  // lab:one end
}
    # lab:two begin 1
    ret
    # lab:two end
"""


class Markers(unittest.TestCase):
    def test_finds_solutions_with_their_part_and_stub(self):
        one, two = markers.regions("x.cc", TEXT)
        self.assertEqual((one.lab, one.part, one.solution), ("one", 2, ["  return 42;"]))
        self.assertEqual(one.stub, ['  panic("not implemented: lab one, part 2");', "  // a second line"])
        self.assertEqual((two.lab, two.part, two.solution, two.stub), ("two", 1, ["    ret"], []))

    def test_the_starter_has_the_stub_and_keeps_other_labs(self):
        text = markers.starter("x.cc", TEXT, "one")
        self.assertNotIn("42", text)
        self.assertIn('  // Lab one, part 2: your code.\n  panic("not implemented: lab one, part 2");\n', text)
        self.assertIn("# lab:two begin 1\n    ret\n", text)
        self.assertIn("    # Lab two, part 1: your code.\n", markers.starter("x.S", TEXT, "two"))

    def test_without_marks_all_solutions_stay(self):
        self.assertEqual(markers.without_marks("x.cc", TEXT), "int answer() {\n  return 42;\n}\n    ret\n")

    def test_marks_that_make_no_sense_are_refused(self):
        for text, said in ((TEXT.replace("  // lab:one end\n", ""), "begins inside"),
                           (TEXT.replace("lab:one begin 2", "lab:one begin two"), "without its begin"),
                           (TEXT.replace("  return 42;", "  // lab:two begin 1"), "begins inside"),
                           (TEXT + "// lab:one begin 3\n", "has no end"),
                           (TEXT.replace("lab:one end", "lab:one ende"), "what is")):
            with self.assertRaisesRegex(LabError, said):
                markers.regions("x.cc", text)

    def test_a_starter_is_noted_and_notes_add_up(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "kernel").mkdir()
            (root / "kernel/x.cc").write_text(TEXT, encoding="utf-8")
            start.write_starter(root, "one")
            start.write_starter(root, "two")
            self.assertEqual((root / ".lab").read_text(encoding="utf-8"), "one\ntwo\n")
            text = (root / "kernel/x.cc").read_text(encoding="utf-8")
            self.assertNotIn("lab:", text)
            self.assertNotIn("ret\n", text)
