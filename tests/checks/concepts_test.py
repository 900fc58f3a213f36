"""The rules of the concept table against a small made-up tree in which each must complain."""

import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

README = """# A system
### 1. Processes

| idea | code | demo | test |
|---|---|---|---|
| **Fork**: it returns twice | [fork](kernel/fork.cc) | [one](userlib/bin/demos/one.cc), `ps` | [test](tests/fork) |

## Something else
| **No row** | a | b | c |
"""
ROWS = '[[section]]\ntitle = "Processes"\nrows = ["Fork"]\n'
DEMOS = '[sections]\n1 = "Processes"\n[[demo]]\nname = "one"\nsection = 1\noutput = "same"\n'
DEMO = "// Run:      one\n// Look for: what it does.\n// Why:      it was\n//           told to.\n#include <x>\n"


class ConceptsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="weft-concepts-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.write("README.md", README)
        self.write("tools/checks/concepts.toml", ROWS)
        self.write("userlib/bin/demos/demos.toml", DEMOS)
        self.write("userlib/bin/demos/one.cc", DEMO)
        self.write("userlib/bin/tools.cc", '    {"one", one_main, "a demo"},\n')
        for name in ("kernel/fork.cc", "tests/fork"):
            self.write(name)

    def write(self, name, text=""):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def change(self, name, old, new):
        text = (self.root / name).read_text(encoding="utf-8")
        self.assertIn(old, text)
        self.write(name, text.replace(old, new))

    def expect(self, *complaints):
        done = subprocess.run([ROOT / "tools/checks/concepts"], cwd=self.root, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(1 if complaints else 0, done.returncode, done.stdout)
        for complaint in complaints:
            self.assertIn(complaint, done.stdout)

    def test_all_is_well(self):
        self.expect()

    def test_a_row_is_missing(self):
        self.change("tools/checks/concepts.toml", '"Fork"', '"Fork", "Exit"')
        self.expect("README.md lacks the row 'Exit' of 'Processes'")

    def test_a_row_has_another_name(self):
        self.change("README.md", "**Fork**", "**Forks**")
        self.expect("README.md lacks the row 'Fork'", "lacks the row 'Forks'")

    def test_a_row_stands_in_another_section(self):
        self.change("README.md", "### 1. Processes", "### 1. Threads")
        self.expect("README.md lacks the row 'Fork' of 'Processes'")

    def test_links_that_lead_nowhere(self):
        for name, what in (("kernel/fork.cc", "code"), ("tests/fork", "test")):
            (self.root / name).unlink()
            with self.subTest(what=what):
                self.expect(f"Fork: its {what} {name} is not there")
            self.write(name)

    def test_a_row_without_a_demo(self):
        self.change("README.md", "[one](userlib/bin/demos/one.cc), ", "")
        self.expect("Fork: there is no demo", "no row shows the demo one")

    def test_a_demo_that_no_row_shows(self):
        self.write("userlib/bin/demos/two.cc", DEMO.replace("one", "two"))
        self.change("userlib/bin/demos/demos.toml", 'output = "same"\n',
                    'output = "same"\n[[demo]]\nname = "two"\nsection = 1\noutput = "same"\n')
        self.expect("no row shows the demo two", "there is no program two")

    def test_a_demo_that_does_not_say_what_to_look_for(self):
        self.change("userlib/bin/demos/one.cc", "// Look for: what it does.\n", "")
        self.expect("doesn't open with Run, Look for and Why")


if __name__ == "__main__":
    unittest.main()
