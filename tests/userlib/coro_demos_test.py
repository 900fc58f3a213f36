"""The demos of coroutines: what each is there to show can be seen. None of this depends on how long things take."""

import re
import subprocess
import unittest
from pathlib import Path

PROGRAMS = Path(__file__).resolve().parents[2] / "build/userlib/root/bin"


def lines_of(name):
    done = subprocess.run([str(PROGRAMS / name)], capture_output=True, text=True, check=True, timeout=300)
    return done.stdout.splitlines()


class CoroutineDemosTest(unittest.TestCase):
    def test_generators_take_turns(self):
        lines = lines_of("generators")
        turns = [line.split(":")[0].strip() for line in lines[:7]]
        self.assertEqual(["consumer says", "producer", "consumer", "consumer says", "producer", "consumer",
                          "consumer says"], turns)
        self.assertEqual("primes: 2 3 5 7 11 13 17 19 23 29", lines[-1])

    def test_only_who_polls_looks_often_and_only_who_is_told_reads(self):
        rows = [re.fullmatch(r"(.*?) +(\d+) +([\d.]+) +(\d+) +(\d+)", line).groups() for line in lines_of("kettle")[1:]]
        self.assertEqual(["synchronous, blocking", "synchronous, non-blocking", "asynchronous, blocking",
                          "asynchronous, non-blocking"], [row[0] for row in rows])
        for _, elapsed, _, _, _ in rows:
            self.assertGreaterEqual(int(elapsed), 50)
        self.assertEqual([False, True, False, False], [int(row[3]) > 1 for row in rows])
        self.assertEqual(["0", "0", "0"], [row[4] for row in rows[:3]])

    def test_both_event_loops_do_the_same(self):
        lines = lines_of("eventloop")
        middle = lines.index("coroutines:")
        callbacks, coroutines = lines[1:middle], lines[middle + 1:]
        self.assertEqual(18, len(callbacks))
        for name in "abc":
            own = [f"  {name} {what}" for turn in range(3) for what in (f"asks, round {turn}", "is answered")]
            self.assertEqual(own, [line for line in callbacks if line[2] == name])
            self.assertEqual(own, [line for line in coroutines if line[2] == name])

    def test_ping_and_pong_count_together_or_apart(self):
        parts = {}
        for line in lines_of("pingpong"):
            if line.endswith(":"):
                part = parts.setdefault(line, [])
            else:
                part.append(line.split())
        processes, queue, threads, coroutines = parts.values()
        self.assertEqual(["here", "it", "still", "is", "0"], processes.pop())
        for name in ("ping", "pong"):
            self.assertEqual([[name, str(n)] for n in range(1, 11)], [line for line in processes if line[0] == name])
        for part in (queue, threads):
            self.assertEqual(list(range(1, 11)), sorted(int(number) for _, number in part))
        self.assertEqual([["ping" if n % 2 else "pong", str(n)] for n in range(1, 11)], coroutines)


if __name__ == "__main__":
    unittest.main()
