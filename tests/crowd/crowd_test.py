"""Very many coroutines on Weft, in a machine as small as is promised. Nothing here depends on how long things take."""

import os
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KERNEL = os.environ.get("WEFT_KERNEL", "build/release/weft.elf")


def on_weft(command, memory, cpus):
    done = subprocess.run(
        ["tools/weft", "run", "--kernel", KERNEL, "--initrd", "build/initrd.cpio", "--mem", memory, "--cpus", cpus,
         "--silence", "600", "--cmd", command], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.strip(), done.stderr


class OnWeft(unittest.TestCase):
    def check(self, command, memory, cpus, expected):
        status, text, errors = on_weft(command, memory, cpus)
        self.assertEqual(0, status, text + errors)
        self.assertIn(expected, text.splitlines())


class CrowdTest(OnWeft):
    def test_a_hundred_thousand_in_half_a_gigabyte(self):
        for cpus in ("1", "2"):
            with self.subTest(cpus=cpus):
                self.check("crowd -n 100000", "512M", cpus, "100000 coroutines, 1000000 wake-ups")

    def test_ten_thousand_connections_are_served_at_once_in_one_gigabyte(self):
        self.check("httpload -c 10000 -n 1", "1G", "1", "10000 connections at once, 10000 requests, 0 failed")


    def test_two_workers_serve_connections_on_two_cpus(self):
        self.check("httpload -c 2500 -n 4", "1G", "2", "2500 connections at once, 10000 requests, 0 failed")


class EveryNumberOfCpus(OnWeft):
    """By hand."""

    def test_a_hundred_thousand_and_a_million(self):
        for cpus in ("1", "2", "4"):
            with self.subTest(cpus=cpus):
                self.check("crowd -n 100000", "512M", cpus, "100000 coroutines, 1000000 wake-ups")
                self.check("crowd -n 1000000 -s 1", "2G", cpus, "1000000 coroutines, 10000000 wake-ups")


if __name__ == "__main__":
    unittest.main()
