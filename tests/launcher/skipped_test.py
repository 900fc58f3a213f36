"""A test that does not run is no test that passed: both runners say so."""

import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PYTHON_TEST = """import unittest


class Sample(unittest.TestCase):
    @unittest.skip("on purpose")
    def test_one(self):
        pass
"""
# What a GoogleTest binary leaves behind, made by a script that takes the same options.
BINARY = """#!/bin/sh
for word; do case $word in --gtest_output=xml:*) file=${word#--gtest_output=xml:};; esac; done
[ -z "$file" ] || cat > "$file" <<'EOF'
<testsuites><testsuite name="Sample"><testcase name="One" classname="Sample" status="run" result="skipped" time="0">
<skipped message="on purpose"/></testcase></testsuite></testsuites>
EOF
"""


class Skipped(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="weft-skipped-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def check(self, *command):
        done = subprocess.run([ROOT / "tools/weft", *command], cwd=self.folder, capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("0 passed, 1 failed", done.stdout)

    def test_a_skipped_python_test_failed(self):
        (self.folder / "sample_test.py").write_text(PYTHON_TEST, encoding="utf-8")
        self.check("pytest", str(self.folder))

    def test_a_skipped_host_test_failed(self):
        binary = self.folder / "unit"
        binary.write_text(BINARY, encoding="utf-8")
        binary.chmod(0o755)
        self.check("unit", str(binary))
