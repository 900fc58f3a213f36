"""The test runner with made-up parts: whatever goes wrong with a part, the count says so."""

import contextlib
import io
import os
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from weftlib import test_parts  # noqa: E402 (needs the path above)
from weftlib.parts import Part  # noqa: E402
from weftlib.results import Results  # noqa: E402


class TestRun(unittest.TestCase):
    """Works in a folder of its own, with a makefile of two targets."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="weft-testrun-")
        self.addCleanup(folder.cleanup)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder.name)
        pathlib.Path("Makefile").write_text("good:\n\t@true\nbad:\n\t@echo no such luck; false\n")

    def report(self, name, *passed):
        """Shell text that leaves a report with these results, as a part would."""
        results = Results(name)
        for number, result in enumerate(passed):
            results.add(f"case {number}", result, "" if result else "it was not so")
        results.write("reports")
        return f"mkdir -p build/reports; cp reports/{name}.* build/reports; "

    def count(self, *parts):
        """What the last line would count, and what was shown before it."""
        with contextlib.redirect_stdout(io.StringIO()) as shown:
            counts = test_parts.run_all(list(parts), jobs=2)
        return counts, shown.getvalue()

    def part(self, name, script, builds=()):
        return Part(name, list(builds), ["sh", "-c", script])

    def test_parts_are_summed_up(self):
        counts, _ = self.count(self.part("a", self.report("a", True, True), ["good"]),
                               self.part("b", self.report("b", True, False) + "exit 1"))
        self.assertEqual(counts, (3, 1))

    def test_a_failure_is_shown_with_the_command_that_repeats_it(self):
        _, shown = self.count(self.part("a", self.report("a", False) + "exit 1"))
        self.assertIn("it was not so", shown)
        self.assertIn("to repeat it: sh -c", shown)

    def test_a_part_that_does_not_build(self):
        counts, shown = self.count(self.part("a", self.report("a", True), ["bad"]),
                                   self.part("b", self.report("b", True), ["good"]))
        self.assertEqual(counts, (1, 1))
        self.assertIn("build error: make bad\n        no such luck", shown)

    def test_a_part_that_dies(self):
        counts, shown = self.count(self.part("a", "echo last words; kill -9 $$"))
        self.assertEqual(counts, (0, 1))
        self.assertIn("last words", shown)

    def test_a_part_that_dies_after_a_clean_report(self):
        counts, _ = self.count(self.part("a", self.report("a", True) + "kill -9 $$"))
        self.assertEqual(counts, (1, 1))

    def test_a_part_without_a_report(self):
        self.assertEqual(self.count(self.part("a", "exit 0"))[0], (0, 1))

    def test_a_part_with_half_a_report(self):
        script = "mkdir -p build/reports; echo '{\"name\": ' > build/reports/a.json"
        self.assertEqual(self.count(self.part("a", script))[0], (0, 1))

    def test_a_part_without_tests(self):
        self.assertEqual(self.count(self.part("a", self.report("a")))[0], (0, 1))

    def test_an_old_report_does_not_count(self):
        self.count(self.part("a", self.report("a", True)))
        self.assertEqual(self.count(self.part("a", "exit 0"))[0], (0, 1))

    def test_a_part_that_hangs(self):
        with mock.patch.object(test_parts, "SILENCE_SECONDS", 0.5):
            counts, shown = self.count(self.part("a", "echo last words; exec cat /dev/zero >/dev/null"))
        self.assertEqual(counts, (0, 1))
        self.assertIn("hang: silent", shown)
        self.assertIn("last words", shown)

    def test_a_program_that_is_not_there(self):
        self.assertEqual(self.count(Part("a", [], ["no-such-program"]))[0], (0, 1))

    def test_no_parts(self):
        self.assertEqual(self.count()[0], (0, 1))


class LastLine(unittest.TestCase):
    """`N passed, N failed`, whatever happens, and an exit status that agrees."""

    def run_main(self, counts):
        with mock.patch.object(test_parts, "run_all", return_value=counts), \
                contextlib.redirect_stdout(io.StringIO()) as shown:
            status = test_parts.main([])
        return shown.getvalue().splitlines()[-1], status

    def test_all_passed(self):
        self.assertEqual(self.run_main((5, 0)), ("5 passed, 0 failed", 0))

    def test_some_failed(self):
        self.assertEqual(self.run_main((5, 1)), ("5 passed, 1 failed", 1))

    def test_the_runner_itself_breaks(self):
        with mock.patch.object(test_parts, "run_all", side_effect=RuntimeError("bug")), \
                contextlib.redirect_stdout(io.StringIO()) as shown:
            status = test_parts.main([])
        self.assertEqual((shown.getvalue().splitlines()[-1], status), ("0 passed, 1 failed", 1))

    def test_nothing_ran(self):
        self.assertEqual(self.run_main((0, 0))[1], 1)


if __name__ == "__main__":
    unittest.main()
