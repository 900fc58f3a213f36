"""The demos: what each is there to show can be seen."""

import subprocess
import unittest
from pathlib import Path

PROGRAMS = Path(__file__).resolve().parents[2] / "build/userlib/root/bin"


def run(*words):
    done = subprocess.run([str(PROGRAMS / words[0]), *words[1:]], capture_output=True, text=True, check=False,
                          timeout=300)
    return done.returncode, done.stdout


class DemosTest(unittest.TestCase):
    def check(self, command, *lines):
        status, output = run(*command.split())
        self.assertEqual(0, status, output)
        for line in lines:
            self.assertRegex(output, rf"(?m)^ *{line}$")

    def test_atomicity(self):
        self.check("safety atomicity", "without a lock: 1000 of 2000", "under a mutex: 2000 of 2000",
                   "in one atomic step: 2000 of 2000")

    def test_consistency(self):
        self.check("safety consistency", "an audit in the middle: 70", "an audit under the same lock: 100")

    def test_visibility(self):
        self.check("safety visibility", r"relaxed: .* \d+ of 20000 rounds", "seq_cst: .* in 0 of 20000 rounds")

    def test_reentrancy(self):
        self.check("safety reentrancy", "the name of 1, in one room for all: number 991",
                   "the name of 1, in the caller's room: number 1")

    def test_deadlock(self):
        self.check("safety deadlock", "two orders: 2 of 2 threads are stuck", "one order for all: 2000 of 2000 done",
                   "both at once, named in any order: 2000 of 2000 done")

    def test_all_ideas_or_none(self):
        self.check("safety", "atomicity", "consistency", "visibility", "reentrancy", "deadlock")
        self.assertEqual(2, run("safety", "luck")[0])

    def test_bathroom(self):
        self.check("bathroom", "bathroom, a mutex: 1", "bathroom, a semaphore with 1 key: 1", "kitchen, 3 keys: 3 or fewer",
                   "a bounded semaphore takes a key too many: false")

    def test_daemons(self):
        self.assertEqual((0, "daemon: I run as long as somebody else does\nmain: I am done\n"
                             "foreground: I am the last one, and the process goes with me\n"), run("daemons"))

    def test_crash(self):
        self.check("crash", "the process, with both: Segmentation fault", "one: Segmentation fault",
                   "the other: ended well")

    def test_workers(self):
        primes = "168 303 430 550 669 783 900 1007"
        self.check("workers", f"threads: +{primes}", f"processes: {primes}",
                   r"168 303 \(Illegal instruction\) 550 669 783 900 1007", "the pool has as many workers as before: 2",
                   "called back with 25")


if __name__ == "__main__":
    unittest.main()
