"""The initrd: cpio reads it, it holds what it should, and it is the same from one build to the next."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "tools/initrd/build.py"
sys.path.insert(0, str(BUILD.parent))

import cpio
import tree


class InitrdTest(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.folder = Path(self._folder.name)
        self.addCleanup(self._folder.cleanup)

    def build(self, *options):
        """Runs the program; the archive's path."""
        archive = self.folder / "initrd.cpio"
        subprocess.run([str(BUILD), "--box", str(ROOT / "build/userlib/stripped/weftbox"), "--tools",
                        str(ROOT / "userlib/bin/tools.cc"), "--out", str(archive), *options], check=True)
        return archive

    def listing(self, archive):
        """The archive's paths, as cpio reads them."""
        with archive.open("rb") as file:
            return subprocess.run(["cpio", "-t", "--quiet"], stdin=file, check=True, capture_output=True,
                                  text=True).stdout.split()

    def extract(self, archive):
        target = self.folder / "tree"
        target.mkdir()
        with archive.open("rb") as file:
            subprocess.run(["cpio", "-i", "-m", "--quiet", "--no-absolute-filenames"], stdin=file, cwd=target,
                           check=True, stderr=subprocess.DEVNULL)
        return target

    def test_it_holds_a_link_for_every_tool(self):
        target = self.extract(self.build())
        for name in tree.tool_names(ROOT / "userlib/bin/tools.cc"):
            self.assertEqual("weftbox", os.readlink(target / "bin" / name))
        self.assertEqual("bin/weftbox", os.readlink(target / "init"))
        self.assertTrue(os.access(target / "bin/weftbox", os.X_OK))

    def test_the_tools_are_those_of_the_binary(self):
        """The table is read as text; the binary must say the same."""
        shown = subprocess.run([str(ROOT / "build/userlib/weftbox"), "help"], check=True, capture_output=True,
                               text=True).stdout.splitlines()[1:]
        self.assertEqual(sorted(line.split()[0] for line in shown),
                         sorted(tree.tool_names(ROOT / "userlib/bin/tools.cc")))

    def test_folders_come_before_what_is_in_them(self):
        seen = set()
        for path in self.listing(self.build()):
            parent = os.path.dirname(path)
            self.assertTrue(not parent or parent in seen, path)
            seen.add(path)

    def test_files_of_the_host(self):
        (self.folder / "data/sub").mkdir(parents=True)
        (self.folder / "data/sub/file").write_text("content")
        os.symlink("sub/file", self.folder / "data/link")
        (self.folder / "program").write_text("#!/bin/sh\n")
        target = self.extract(self.build("--add", str(self.folder / "data"), "--add", str(self.folder / "program"),
                                         "--add", f"{self.folder}/program=etc/rc"))
        self.assertEqual("content", (target / "data/sub/file").read_text())
        self.assertEqual("sub/file", os.readlink(target / "data/link"))
        self.assertEqual("#!/bin/sh\n", (target / "bin/program").read_text())
        self.assertEqual("#!/bin/sh\n", (target / "etc/rc").read_text())

    def test_a_missing_file_is_told(self):
        done = subprocess.run([str(BUILD), "--box", str(BUILD), "--tools", str(ROOT / "userlib/bin/tools.cc"),
                               "--add", "/not/there"], capture_output=True, text=True, check=False)
        self.assertEqual(1, done.returncode)
        self.assertIn("/not/there: no such file", done.stderr)

    def test_the_same_every_time(self):
        first = self.build().read_bytes()
        self.assertEqual(first, self.build().read_bytes())

    def test_sizes_that_do_not_fit_the_boundary(self):
        for size in range(1, 9):
            with self.subTest(size):
                entry = tree.Entry("n" * size, 0o100644, b"d" * size)
                archive = self.folder / "small.cpio"
                archive.write_bytes(cpio.archive([entry, tree.Entry("last", 0o100644)]))
                self.assertEqual(["n" * size, "last"], self.listing(archive))


if __name__ == "__main__":
    unittest.main()
