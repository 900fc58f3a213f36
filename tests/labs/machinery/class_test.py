"""What a class's repository gets besides the starter: the workflow, run here step by step as a hosting service would, and
the container to develop in."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(TOP / "tools"))

from lab import description, export, grading, outputs  # noqa: E402 (needs the path above)
from lab.checks import Seen  # noqa: E402

# Debian's own, which has the package python3-yaml.
PARSE = ["/usr/bin/python3", "-c", "import json, sys, yaml; json.dump(yaml.load(sys.stdin, yaml.BaseLoader), sys.stdout)"]


def parse(path: pathlib.Path) -> dict:
    """A YAML file; all that is no list and no mapping in it is text."""
    with path.open(encoding="utf-8") as file:
        return json.loads(subprocess.run(PARSE, stdin=file, stdout=subprocess.PIPE, check=True).stdout)


def half_a_mark() -> grading.Mark:
    lab = description.read("mutex", TOP)
    return grading.Mark(lab, [grading.PartMark(part, [Seen(part.number <= 2, "so it went", "again")]) for part in lab.parts])


class TheWorkflow(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="weft-class-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(TOP)
        self.mark = half_a_mark()
        export.place_class_file(self.mark.lab, pathlib.Path("tools/lab/class/classroom.yml"), self.root)
        self.workflow = parse(self.root / ".github/workflows/classroom.yml")
        self.steps = self.workflow["jobs"]["run-autograding-tests"]["steps"]

    def run_steps(self, grade: str) -> tuple[list[int], str, str]:
        """The statuses of the steps that are commands, what they print, and the summary; `grade` is the recipe of make grade."""
        (self.root / "Makefile").write_text(f"grade:\n\t@test $(LAB) = mutex\n\t@{grade}\n", encoding="utf-8")
        summary = self.root / "summary"
        statuses, said = [], ""
        for step in self.steps:
            if "run" in step and (not any(statuses) or step.get("if") == "always()"):
                done = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], cwd=self.root, text=True,
                                      check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                      env={"PATH": os.environ["PATH"], "GITHUB_STEP_SUMMARY": str(summary)})
                statuses.append(done.returncode)
                said += done.stdout
        return statuses, said, summary.read_text(encoding="utf-8") if summary.exists() else ""

    def test_it_is_called_what_classroom_looks_for(self):
        self.assertEqual(self.workflow["name"], "Autograding Tests")
        self.assertEqual(list(self.workflow["jobs"]), ["run-autograding-tests"])
        self.assertNotIn("LABNAME", (self.root / ".github/workflows/classroom.yml").read_text(encoding="utf-8"))

    def test_each_step_does_one_thing_and_those_of_others_have_a_version(self):
        for step in self.steps:
            self.assertEqual(len({"run", "uses"} & step.keys()), 1, step)
            self.assertRegex(step.get("uses", "actions/none@v1"), r"^actions/[a-z-]+@v\d+$")

    def test_the_points_arrive_though_the_mark_is_not_full(self):
        outputs.write(self.mark, self.root / "marked")
        statuses, said, summary = self.run_steps("mkdir -p build/labs/mutex; cp marked/* build/labs/mutex; exit 1")
        self.assertEqual([status != 0 for status in statuses], [True, False, False])
        self.assertIn(f"::notice title=Autograding complete::Points {self.mark.points}/100\n", said)
        report = re.search(r"^::notice title=Autograding report::(.*)$", said, re.MULTILINE)
        self.assertEqual(json.loads(report.group(1)), {"totalPoints": self.mark.points, "maxPoints": 100})
        self.assertIn("First: part 3", summary)

    def test_without_a_mark_no_points_are_told(self):
        statuses, said, _ = self.run_steps("exit 2")
        self.assertTrue(all(statuses[:2]))
        self.assertNotIn("::notice", said)

    def test_what_is_kept_is_what_is_written(self):
        outputs.write(self.mark, self.root / "build/labs/mutex")
        kept = next(step["with"]["path"] for step in self.steps if "upload-artifact" in step.get("uses", ""))
        for name in kept.split():
            self.assertTrue((self.root / name).is_file(), name)


class TheContainer(unittest.TestCase):
    def test_it_is_a_debian_that_installs_what_make_setup_wants(self):
        container = json.loads((TOP / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
        self.assertEqual(container["image"], "debian:12")
        # The host tests' assembly is for x86-64, so a host of another kind emulates it.
        self.assertIn("--platform=linux/amd64", container["runArgs"])
        made = container["onCreateCommand"].rpartition("&& ")[2].split()
        self.assertEqual(made[0], "make")
        done = subprocess.run(["make", "--dry-run", *made[1:]], cwd=TOP, check=False, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "MAKEFLAGS": ""})
        self.assertEqual(done.returncode, 0)
        syntax = subprocess.run(["sh", "-n", "-c", container["onCreateCommand"]], check=False)
        self.assertEqual(syntax.returncode, 0)


if __name__ == "__main__":
    unittest.main()
