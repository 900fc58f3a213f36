"""Tools whose output is their own: what they show is compared with what this machine says of itself."""

import os
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import linux


def run(*words, **options):
    """A tool's output, after a good end."""
    environment = {"PATH": str(linux.OURS), **options.pop("env", {})}
    return subprocess.run([f"{linux.OURS}/{words[0]}", *words[1:]], check=True, capture_output=True, text=True,
                          env=environment, timeout=linux.PATIENCE, **options)


class OwnTest(unittest.TestCase):
    def test_the_shell_says_where_the_other_programs_are_listed(self):
        folder, name = os.path.split(run("sh", "-c", "help").stdout.splitlines()[0].split()[-1])
        self.assertEqual("/bin", folder)
        self.assertIn("sort ", run(name).stdout)

    def test_ps_knows_this_process(self):
        lines = run("ps").stdout.splitlines()
        own = [line.split() for line in lines if line.split()[0] == str(os.getpid())]
        self.assertEqual(1, len(own))
        self.assertEqual(str(os.getppid()), own[0][1])
        self.assertIn(own[0][2], ("Running", "Blocked"))

    def test_ps_shows_a_blocked_process(self):
        with subprocess.Popen([f"{linux.OURS}/cat"], stdin=subprocess.PIPE) as child:
            for _ in range(1000):  # until it has come to its read
                line = next(line for line in run("ps").stdout.splitlines() if line.split()[0] == str(child.pid))
                if line.split()[2] == "Blocked":
                    break
            self.assertEqual("Blocked", line.split()[2])
            self.assertIn("cat", line)
            child.stdin.close()

    def test_ps_gives_each_process_one_row(self):
        unruly = "first\n\n  99999 second\x1b[2J\x7f"
        with subprocess.Popen([f"{linux.OURS}/sh", "-c", "read line", unruly], stdin=subprocess.PIPE) as child:
            rows = run("ps").stdout.split("\n")[1:-1]
            child.stdin.close()
        for row in rows:
            self.assertRegex(row, r"^ *\d+ +\d+ [A-Z][a-z]+ ")
        own = next(row for row in rows if row.split()[0] == str(child.pid))
        self.assertTrue(own.endswith("read line first??  99999 second?[2J?"), own)

    def test_ps_shows_groups(self):
        lines = run("ps", "-l").stdout.splitlines()
        own = next(line.split() for line in lines if line.split()[0] == str(os.getpid()))
        self.assertEqual([str(os.getpgrp()), str(os.getsid(0))], own[2:4])

    def test_top_sorts_and_ends(self):
        lines = run("top", "-n", "1").stdout.splitlines()
        self.assertRegex(lines[0], r"^up \d+:\d\d:\d\d, \d+ processes, \d+ running; memory \d+ KiB")
        self.assertIn(str(os.getpid()), [line.split()[0] for line in lines[2:]])

    def test_free_agrees_with_the_kernel(self):
        words = run("free").stdout.splitlines()[1].split()
        with open("/proc/meminfo", encoding="ascii") as file:
            total = next(line.split()[1] for line in file if line.startswith("MemTotal:"))
        self.assertEqual(["memory", total], words[:2])
        self.assertEqual(int(words[1]), int(words[2]) + int(words[3]))

    def test_uptime(self):
        self.assertRegex(run("uptime").stdout, r"^up \d+ days, \d+:\d\d:\d\d\n$")

    def test_nproc(self):
        self.assertEqual(f"{len(os.sched_getaffinity(0))}\n", run("nproc").stdout)

    def test_id(self):
        self.assertIn(f"uid={os.getuid()}", run("id").stdout)

    def test_time_tells_and_passes_the_status_on(self):
        done = subprocess.run([f"{linux.OURS}/time", "sh", "-c", "exit 5"], env={"PATH": str(linux.OURS)},
                              capture_output=True, text=True, check=False)
        self.assertEqual(5, done.returncode)
        for line in done.stderr.splitlines():
            self.assertRegex(line, r"^(real|user|sys)\t\d+m\d+\.\d{3}s$")
        self.assertEqual(3, len(done.stderr.splitlines()))

    def test_nice(self):
        self.assertEqual(f"{os.nice(0) + 3}\n", run("nice", "-n", "3", "nice").stdout)

    def test_tty_without_a_terminal(self):
        done = subprocess.run([f"{linux.OURS}/tty"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              check=False)
        self.assertEqual((1, "not a tty\n"), (done.returncode, done.stdout))

    def test_a_wrong_option_is_told(self):
        done = subprocess.run([f"{linux.OURS}/ls", "-Q"], capture_output=True, text=True, check=False)
        self.assertEqual(2, done.returncode)
        self.assertIn("there is no option -Q", done.stderr)

    def test_an_unknown_program(self):
        done = subprocess.run([f"{linux.OURS}/weftbox", "nothing-like-it"], capture_output=True, text=True, check=False)
        self.assertEqual(127, done.returncode)

    def test_init_runs_commands_and_ends_with_their_status(self):
        """Not as process 1, and with the shell of this machine: init's own part is the waiting."""
        done = subprocess.run([f"{linux.OURS}/init", "-c", "exit 6"], capture_output=True, text=True, check=False,
                              stdin=subprocess.DEVNULL)
        self.assertEqual(6, done.returncode, done.stderr)


if __name__ == "__main__":
    unittest.main()
