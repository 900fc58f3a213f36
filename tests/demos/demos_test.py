"""Each demo prints on Weft what it prints on Linux, and both what it is there to show."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import transcripts  # noqa: E402


class DemosTest(unittest.TestCase):
    maxDiff = None

    def check(self, run):
        for name, (wanted, came) in transcripts.differences(run).items():
            with self.subTest(demo=name):
                self.assertEqual(wanted, came)

    def test_on_linux(self):
        self.check(transcripts.on_linux())

    def test_on_weft_with_one_cpu(self):
        self.check(transcripts.on_weft(1))

    def test_on_weft_with_two_cpus(self):
        self.check(transcripts.on_weft(2))

    def test_every_expectation_has_its_demo(self):
        names = {demo.name for demo in transcripts.COMPARED}
        self.assertEqual(names, {file.stem for file in transcripts.EXPECTED.iterdir()})


if __name__ == "__main__":
    unittest.main()
