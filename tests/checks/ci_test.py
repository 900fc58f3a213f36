"""What continuous integration runs: the last line counts the tests and the labs, and a failure of either is told."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

RUN = pathlib.Path(__file__).resolve().parents[2] / ".ci/run"


def run(test: str, labs: str) -> tuple[int, list[str]]:
    """Its exit status and its lines, when these recipes stand in for `make test` and `make test-labs`."""
    with tempfile.TemporaryDirectory(prefix="weft-ci-") as folder:
        (pathlib.Path(folder) / ".ci").mkdir()
        shutil.copy2(RUN, pathlib.Path(folder) / ".ci/run")
        (pathlib.Path(folder) / "Makefile").write_text(f"test:\n\t@{test}\ntest-labs:\n\t@{labs}\n", encoding="utf-8")
        alone = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
        done = subprocess.run([f"{folder}/.ci/run"], text=True, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env=alone)
        return done.returncode, done.stdout.splitlines()


ALL_PASS = "echo unit: 40 passed, 0 failed; echo 50 passed, 0 failed"
LABS_PASS = "echo ok a lab; echo labs: 7 passed, 0 failed"


class Run(unittest.TestCase):
    def test_both_are_counted_and_shown(self):
        status, lines = run(ALL_PASS, LABS_PASS)
        self.assertEqual((status, lines[-1]), (0, "57 passed, 0 failed"))
        self.assertEqual(lines[:-1], ["unit: 40 passed, 0 failed", "50 passed, 0 failed", "ok a lab", "labs: 7 passed, 0 failed"])

    def test_a_failing_test_is_a_failure_and_the_labs_run_all_the_same(self):
        status, lines = run("echo 49 passed, 1 failed; exit 1", LABS_PASS)
        self.assertEqual((status, lines[-1]), (1, "56 passed, 1 failed"))

    def test_so_is_a_failing_lab(self):
        status, lines = run(ALL_PASS, "echo labs: 5 passed, 2 failed; exit 1")
        self.assertEqual((status, lines[-1]), (1, "55 passed, 2 failed"))

    def test_so_is_what_can_not_be_built(self):
        for test, labs, last in (("exit 2", LABS_PASS, "7 passed, 1 failed"), (ALL_PASS, "exit 2", "50 passed, 1 failed"),
                                 ("exit 2", "exit 2", "0 passed, 2 failed")):
            status, lines = run(test, labs)
            self.assertEqual((status, lines[-1]), (1, last))

    def test_so_is_an_end_that_the_counts_do_not_explain(self):
        for test, labs in ((ALL_PASS + "; exit 1", LABS_PASS), (ALL_PASS, LABS_PASS + "; exit 1"),
                           ("echo all is well", LABS_PASS)):
            status, lines = run(test, labs)
            self.assertEqual(status, 1)
            self.assertRegex(lines[-1], "^[0-9]+ passed, 1 failed$")


if __name__ == "__main__":
    unittest.main()
