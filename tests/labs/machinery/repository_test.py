"""Starting, handing out and marking many, in small repositories made for each test."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(TOP / "tools"))

from lab import description, export, isolate, new, start, workspace  # noqa: E402 (needs the path above)
from lab.errors import LabError  # noqa: E402

ANSWER = """void f() {
  // lab:tiny begin 1
  the_whole_secret_of_it();
  // lab:tiny stub: panic("not implemented: lab tiny, part 1");
  // lab:tiny end
}
"""
LAB = """title = "Tiny"
hours = 1
files = ["kernel/f.cc"]
[[part]]
number = 1
title = "all"
points = 10
expects = "it"
[[part.check]]
kind = "unit"
only = ["F.*"]
"""


class InARepository(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="weft-lab-test-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.addCleanup(os.chdir, os.getcwd())
        for name, text in (("kernel/f.cc", ANSWER), ("tests/labs/tiny/lab.toml", LAB), ("tests/labs/tiny/README.md", "# Tiny\n"),
                           ("tests/labs/tiny/wrong/w.wrong", "the_whole_secret_of_it();\n"), ("Makefile", ""),
                           ("tools/lab/class/LABS.md", "LABNAME\n"), ("userlib/u.cc", ""), ("boot/b.S", "")):
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text, encoding="utf-8")
        os.chdir(self.folder)
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit()
        self.lab = description.read("tiny")

    def git(self, *words: str) -> str:
        return subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@localhost", *words], check=True, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "all")

    def test_starting_puts_stubs_on_a_branch_of_their_own(self):
        before = start.git("branch", "--show-current").strip()
        said = start.start(self.lab)
        self.assertIn(f"git switch {before}\n", said)
        self.assertIn("make grade LAB=tiny", said)
        self.assertEqual(self.git("branch", "--show-current"), "lab/tiny\n")
        self.assertNotIn("secret", pathlib.Path("kernel/f.cc").read_text(encoding="utf-8"))
        self.assertEqual(self.git("status", "--porcelain"), "")
        self.assertIn("secret", self.git("show", "main:kernel/f.cc"))

    def test_changes_that_are_not_committed_are_never_touched(self):
        pathlib.Path("userlib/u.cc").write_text("mine", encoding="utf-8")
        with self.assertRaisesRegex(LabError, "not committed"):
            start.start(self.lab)
        self.assertEqual(self.git("branch", "--show-current"), "main\n")
        self.assertEqual(pathlib.Path("userlib/u.cc").read_text(encoding="utf-8"), "mine")

    def test_an_earlier_answer_is_taken_up_again(self):
        start.start(self.lab)
        pathlib.Path("kernel/f.cc").write_text("my answer", encoding="utf-8")
        self.assertIn("already", start.start(self.lab))
        self.commit()
        self.git("switch", "--quiet", "main")
        self.assertIn("as you left it", start.start(self.lab))
        self.assertEqual(pathlib.Path("kernel/f.cc").read_text(encoding="utf-8"), "my answer")

    def test_an_export_has_the_stub_and_no_secret(self):
        export.export(self.lab, self.folder / "out")
        names = {str(path.relative_to(self.folder / "out")) for path in (self.folder / "out").rglob("*") if path.is_file()}
        self.assertIn("tests/labs/tiny/lab.toml", names)
        self.assertEqual((self.folder / "out/tests/labs/README.md").read_text(encoding="utf-8"), "tiny\n")
        self.assertNotIn("tests/labs/tiny/wrong/w.wrong", names)
        self.assertIn("not implemented", (self.folder / "out/kernel/f.cc").read_text(encoding="utf-8"))
        for name in names:
            self.assertNotIn("secret", (self.folder / "out" / name).read_text(encoding="utf-8"))

    def test_an_export_that_would_leak_is_not_made(self):
        for text in ("  the_whole_secret_of_it();  // as in the lab\n", "// the_whole_secret_of_it();\n"):
            pathlib.Path("userlib/u.cc").write_text(text, encoding="utf-8")
            self.commit()
            with self.assertRaisesRegex(LabError, "userlib/u.cc:1"):
                export.export(self.lab, self.folder / "out")
            self.assertFalse((self.folder / "out").exists())

    def test_an_export_overwrites_nothing(self):
        (self.folder / "out").mkdir()
        (self.folder / "out/precious").touch()
        with self.assertRaisesRegex(LabError, "not empty"):
            export.export(self.lab, self.folder / "out")

    def test_only_the_answers_own_files_are_taken_over_and_links_are_not_followed(self):
        answer = self.folder / "answer"
        (answer / "kernel").mkdir(parents=True)
        (answer / "tests").mkdir()
        (answer / "tests/x_test.cc").write_text("cheat", encoding="utf-8")
        (answer / "kernel/f.cc").write_text("mine", encoding="utf-8")
        work = self.folder / "work"
        (work / "kernel").mkdir(parents=True)
        (work / "kernel/f.cc").write_text(ANSWER, encoding="utf-8")
        self.assertEqual(workspace.put(self.lab, answer, work), [])
        self.assertEqual((work / "kernel/f.cc").read_text(encoding="utf-8"), "mine")
        self.assertFalse((work / "tests").exists())
        (answer / "kernel/f.cc").unlink()
        (answer / "kernel/f.cc").symlink_to(self.folder / "kernel/f.cc")
        self.assertEqual(workspace.put(self.lab, answer, work), ["kernel/f.cc"])
        shutil.rmtree(answer / "kernel")
        (answer / "kernel").symlink_to(self.folder / "kernel")
        self.assertEqual(workspace.put(self.lab, answer, work), ["kernel/f.cc"])

    def test_a_new_lab_is_there_once_and_has_a_sensible_name(self):
        shutil.copytree(TOP / "tools/lab/skeleton", self.folder / "tools/lab/skeleton")
        new.new("my-lab")
        lab = description.read("my-lab")
        self.assertEqual(lab.points, 100)
        self.assertIn("lab:my-lab begin 1", pathlib.Path("tests/labs/my-lab/counter.hh").read_text(encoding="utf-8"))
        self.assertTrue(pathlib.Path("tests/labs/my-lab/my_lab_test.cc").is_file())
        for name in ("my-lab", "My Lab", "../x", ""):
            with self.assertRaises(LabError):
                new.new(name)


class Isolation(unittest.TestCase):
    def test_a_command_sees_its_own_folder_only_or_we_know_that_it_does_not(self):
        with tempfile.TemporaryDirectory(prefix="weft-lab-test-") as folder:
            root = pathlib.Path(folder).resolve()
            works = isolate.works(root / "probe")
            (root / "all/other").mkdir(parents=True)
            (root / "all/other/answer").write_text("42", encoding="utf-8")
            (root / "all/own").mkdir()
            look = ["sh", "-c", f"echo here > mine; cat {root}/all/other/answer; touch /etc/weft-was-here; ls {root}/all"]
            done = subprocess.run(isolate.command(look, root / "all/own", [root / "all"]), check=False, text=True,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            self.assertEqual(done.stdout, "own\n" if works else "")
            self.assertEqual((root / "all/own/mine").exists(), works)
            self.assertFalse(pathlib.Path("/etc/weft-was-here").exists())
            meet = ["python3", "-c", "import socket; s = socket.create_server(('127.0.0.1', 0)); "
                    "socket.create_connection(s.getsockname()); print('met')"]
            done = subprocess.run(isolate.command(meet, root / "all/own", [root / "all"]), check=False, text=True,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            self.assertEqual(done.stdout, "met\n" if works else "", "a server and its client within meet")
