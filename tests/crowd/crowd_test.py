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
        return text


class CrowdTest(OnWeft):
    def test_a_hundred_thousand_in_half_a_gigabyte(self):
        for cpus in ("1", "2"):
            with self.subTest(cpus=cpus):
                self.check("crowd -n 100000", "512M", cpus, "100000 coroutines, 1000000 wake-ups")

    def test_they_are_listed_while_they_run_and_when_all_wait(self):
        text = self.check("crowd -n 50000 -s 1 -d -t", "256M", "2", "50000 coroutines, 500000 wake-ups")
        self.assertRegex(text, r"took \d+ ms of CPU time while they run\n.* took \d+ ms of CPU time when all wait\n")

    def test_ten_thousand_connections_are_served_at_once_in_one_gigabyte(self):
        self.check("httpload -c 10000 -n 1", "1G", "1", "10000 connections at once, 10000 requests, 0 failed")

    def test_two_workers_serve_connections_on_two_cpus(self):
        self.check("httpload -c 2500 -n 4", "1G", "2", "2500 connections at once, 10000 requests, 0 failed")


def crashes(table):
    """What `servers --csv` says of a crash, by shape: failed requests, who was lost, of how many, and whether it goes on."""
    rows = [line.split(",") for line in table.splitlines()]
    return {row[0]: tuple(map(int, [row[2], *row[6:9]])) for row in rows if len(row) == 9 and row[0] != "shape"}


class ServersCrowdTest(unittest.TestCase):
    """The same server in four shapes: all answer, and only processes survive a request that crashes."""

    EXPECTED = {"processes": (0, 0, 3, 1), "threads": (0, 3, 3, 0), "loop": (0, 3, 3, 0), "coroutines": (0, 3, 3, 0)}

    def test_on_weft(self):
        status, text, errors = on_weft("servers -c 8 -n 5 --csv", "256M", "2")
        self.assertEqual(0, status, text + errors)
        self.assertEqual(self.EXPECTED, crashes(text), text)

    def test_on_linux(self):
        done = subprocess.run(["build/userlib/root/bin/servers", "-c", "8", "-n", "5", "--csv"], cwd=ROOT, capture_output=True,
                              text=True, check=False, timeout=120)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual(self.EXPECTED, crashes(done.stdout), done.stdout)


class EveryNumberOfCpus(OnWeft):
    """By hand."""

    def test_a_hundred_thousand_and_a_million(self):
        for cpus in ("1", "2", "4"):
            with self.subTest(cpus=cpus):
                self.check("crowd -n 100000", "512M", cpus, "100000 coroutines, 1000000 wake-ups")
                print(self.check("crowd -n 1000000 -s 1 -d", "2G", cpus, "1000000 coroutines, 10000000 wake-ups"))


if __name__ == "__main__":
    unittest.main()
