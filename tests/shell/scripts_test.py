"""Each script prints with our shell and tools what it prints with the system's."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import cases
import linux


class ScriptTest(unittest.TestCase):
    """One test for each case; they are added below."""


def make_test(case):
    def test(self):
        expected = linux.reference(case.script)
        self.assertEqual(expected, linux.ours(case.script), f"\n{case.script}")
    return test


for number, each in enumerate(cases.all_cases()):
    name = f"test_{each.topic}_{each.name.replace(' ', '_')}"
    if hasattr(ScriptTest, name):
        raise ValueError(f"two cases are named '{each.topic}: {each.name}'")
    setattr(ScriptTest, name, make_test(each))

if __name__ == "__main__":
    unittest.main()
