"""Real runs, recorded: what is known of the commands must be in the trace, on one CPU and on four."""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from made_up import ROOT  # noqa: E402 (needs the path above)

import events  # noqa: E402
import model  # noqa: E402

MACHINE = ["--kernel", "build/release/weft.elf", "--initrd", "build/initrd.cpio"]


class Recorded(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="weft-trace-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def weft(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(["tools/weft", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)

    def record(self, command: str, *options: str) -> model.Model:
        done = self.weft("trace", *MACHINE, *options, "--cmd", command, "--out", self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        trace = events.read(self.folder + "/run.weft")
        self.assertEqual(sum(trace.lost.values()), 0)
        return model.build(trace)

    def check_consistency(self, built: model.Model) -> None:
        """What must hold of every run: nobody is in two places, and CPUs and threads agree."""
        for spans in built.cpus:
            for before, after in zip(spans, spans[1:]):
                self.assertLessEqual(before.end, after.start)
        ran = {}
        for spans in built.cpus:
            for span in spans:
                ran.setdefault(span.what, set()).add((span.start, span.end))
        for thread in built.threads.values():
            for before, after in zip(thread.states, thread.states[1:]):
                self.assertEqual(before.end, after.start, f"{thread.title()} has a gap")
            running = {(span.start, span.end) for span in thread.states if span.what == "Running"}
            self.assertEqual(running, ran.get(thread.id, set()), thread.title())

    def test_a_pipeline_with_each_number_of_cpus(self):
        for cpus in ("1", "4"):
            with self.subTest(cpus=cpus):
                built = self.record("seq 3 | cat | wc -l", "--cpus", cpus)
                self.check_consistency(built)
                self.assertEqual(len(built.cpus), int(cpus))
                names = [thread.name for thread in built.threads.values() if thread.process]
                for name in ("init", "sh", "seq", "cat", "wc"):
                    self.assertIn(name, names)
                self.assertEqual(built.counts["forks"], 1 + 3)  # init's shell, and its three programs
                self.assertEqual(built.counts["exits"], 4 + 1)
                wc = next(thread for thread in built.threads.values() if thread.name == "wc")
                self.assertIn(0, {call[2] for call in wc.calls})  # it reads

    def test_every_woken_thread_runs_after_its_wake_up(self):
        built = self.record("seq 200 | cat | wc -l", "--cpus", "2")
        done = [wake for wake in built.wakes if wake.runs_at is not None]
        self.assertGreaterEqual(len(done), 3)
        for wake in done:
            self.assertGreaterEqual(wake.runs_at, wake.when)

    def test_coroutines_tell_what_they_do(self):
        built = self.record("pingpong", "--cpus", "2")
        names = [each.name.split(":")[0] for each in built.coroutines.values()]
        self.assertEqual(names, ["scheduler.hh", "pingpong.cc", "pingpong.cc"])  # run()'s own is the first
        self.assertEqual(built.counts["coroutine ends"], 3)
        for each in built.coroutines.values():
            for before, after in zip(each.states, each.states[1:]):
                self.assertEqual(before.end, after.start, f"{each.name} has a gap")
        for each in list(built.coroutines.values())[1:]:
            # Ten numbers go to and fro: each of the two waits for its next one, four times at least.
            self.assertGreaterEqual([span.what for span in each.states].count("Parked"), 4)

    def test_the_same_counted_run_gives_the_same_events(self):
        once, again = (self.record("seq 3 | wc -l", "--cpus", "1", "--icount") for _ in range(2))
        self.assertEqual(once.counts, again.counts)
        self.assertEqual([(s.start, s.end, s.what) for s in once.cpus[0]],
                         [(s.start, s.end, s.what) for s in again.cpus[0]])

    def test_strace_shows_the_calls_of_a_program(self):
        path = self.folder + "/strace.txt"
        done = self.weft("run", *MACHINE, "--cmd", "cat /nothing", "--strace", path)
        self.assertEqual(done.returncode, 1)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.assertRegex(text, r'open\("/nothing", O_RDONLY[^)]*\) = -1 ENOENT')
        self.assertRegex(text, r'execve\("/bin/cat", [^)]*\) = 0')
        self.assertRegex(text, r"exit_group\(1\) = \?")
        self.assertRegex(text, r'write\(2, "cat: /nothing: no such file or d"\.\.\., 41\) = 41')
        self.assertIsNotNone(re.search(r"fork\(\) = \d+", text))

    def test_bad_requests_say_so(self):
        for arguments, words in ((["trace", *MACHINE, "--cmd", 'a "b"'], "double quote"),
                                 (["trace", "--report", "/nothing.weft"], "there is no trace"),
                                 (["trace", "--report", "Makefile"], "is no trace")):
            with self.subTest(arguments=arguments):
                done = self.weft(*arguments)
                self.assertEqual(done.returncode, 67)
                self.assertIn(words, done.stderr)
