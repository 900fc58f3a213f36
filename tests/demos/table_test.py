"""The table of the demos: what is read, and mistakes that are told."""

import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/demos"))

import generate  # noqa: E402
import table  # noqa: E402

SECTIONS = '[sections]\n1 = "First"\n2 = "Second"\n'
HEAD = "// Run:      {}\n// Look for: one line,\n//           and another.\n// Why:      \"so\".\n#include <x>\n"


class TableTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="weft-demos-")
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        (self.root / table.FOLDER).mkdir(parents=True)

    def make(self, *entries, run="one [--csv]   (with two CPUs)"):
        """Entries are name, section and more lines."""
        text = SECTIONS
        for name, section, *more in entries:
            text += "\n".join(["[[demo]]", f'name = "{name}"', f"section = {section}", *more, ""])
            (self.root / table.FOLDER / f"{name}.cc").write_text(HEAD.format(run), encoding="utf-8")
        (self.root / table.FOLDER / "demos.toml").write_text(text, encoding="utf-8")
        return table.demos(self.root)

    def expect_error(self, text, *entries):
        with self.assertRaisesRegex(table.TableError, text):
            self.make(*entries)

    def test_the_head_of_the_source(self):
        demo, = self.make(("one", 1, 'output = "same"'))
        self.assertEqual(("one", "one [--csv] (with two CPUs)", "one line, and another.", '"so".'),
                         (demo.command, demo.run, demo.look_for, demo.why))

    def test_lines_in_the_table_come_first(self):
        demo, = self.make(("one", 1, 'output = "apart"', 'look_for = "this"', 'why = "that"'))
        self.assertEqual(("one", "this", "that"), (demo.command, demo.look_for, demo.why))

    def test_lines_of_cplusplus(self):
        self.make(("one", 2, 'output = "apart"'))
        self.assertEqual(['{"Second", "one", "one", "one [--csv] (with two CPUs)", "one line, and another.", "\\"so\\".", true},'],
                         generate.lines(self.root))

    def test_mistakes(self):
        same = 'output = "same"'
        self.expect_error("one: is there twice", ("one", 1, same), ("one", 1, same))
        self.expect_error("order of the sections", ("two", 2, same), ("one", 1, same))
        self.expect_error("there is no section 3", ("one", 3, same))
        self.expect_error("the output is one of", ("one", 1, 'output = "other"'))
        self.expect_error("what has figures says", ("one", 1, same, 'csv = "names"'))
        self.expect_error("in instructions or in time",
                          ("one", 1, same, 'csv = "names"', 'plot = "One"', 'measured = "luck"'))


if __name__ == "__main__":
    unittest.main()
