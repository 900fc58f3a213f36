"""Small freestanding programs on the userlib, built here and run on this machine."""

import os
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(__file__).resolve().parent / "programs"
LIBRARY = [*sorted(str(path) for path in (ROOT / "build/userlib/obj/userlib/sys").glob("start.*.o")),
           str(ROOT / "build/userlib/libweft.a")]
COMPILE = ["clang++-19", "-std=c++23", "-ffreestanding", "-fno-exceptions", "-fno-rtti", "-fno-pic",
           "-fno-threadsafe-statics", "-Wall", "-Wextra", "-Werror", f"-I{ROOT}/kernel", f"-I{ROOT}",
           f"-I{ROOT}/build/gen"]
LINK = ["ld.lld-19", "-static", "-nostdlib", "--gc-sections", "--fatal-warnings", "-z", "noexecstack",
        "--eh-frame-hdr"]


class Program:
    """A program made of one file; it stays until the object goes."""

    def __init__(self, name, *flags):
        self._folder = tempfile.TemporaryDirectory()
        self.path = str(Path(self._folder.name, name))
        subprocess.run([*COMPILE, *flags, "-c", str(PROGRAMS / f"{name}.cc"), "-o", self.path + ".o"], check=True)
        subprocess.run([*LINK, self.path + ".o", *LIBRARY, "-o", self.path], check=True)

    def remove(self):
        self._folder.cleanup()

    def run(self, *arguments, **options):
        return subprocess.run([self.path, *arguments], capture_output=True, text=True, check=False, timeout=300,
                              **options)


class ProgramTest(unittest.TestCase):
    """A test that builds programs; they go when it is over."""

    def build(self, name, *flags):
        program = Program(name, *flags)
        self.addCleanup(program.remove)
        return program


class StartTest(ProgramTest):
    def test_what_a_program_finds(self):
        done = self.build("start").run("one", "", "three", env={"COLOUR": "blue", "COL": "no"})
        lines = done.stdout.splitlines()
        self.assertEqual(["argument 1: one", "argument 2: ", "argument 3: three", "after the last: null"], lines[1:5])
        self.assertEqual(["COLOUR: blue", "COLO: none", f"page: {os.sysconf('SC_PAGESIZE')}", "nothing: false",
                          "object: 42", "stack: aligned"], lines[5:])
        self.assertEqual(4, done.returncode)

    def test_main_may_have_a_c_name(self):
        self.assertEqual(12, self.build("c_main", "-Wno-main").run("one").returncode)


class TlsTest(ProgramTest):
    def test_all_sizes_and_alignments(self):
        for size, alignment in ((1, 1), (3, 1), (5, 2), (8, 4), (21, 8), (100, 16), (300, 64), (900, 64), (5000, 256),
                                (100000, 4096)):
            with self.subTest(size=size, alignment=alignment):
                done = self.build("tls", f"-DSIZE={size}", f"-DALIGNMENT={alignment}").run()
                self.assertEqual("f 1 m 0\nzeros\naligned\nf m 0\n", done.stdout)


class EndingsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.program = Program("endings", "-fstack-protector-all")
        cls.addClassCleanup(cls.program.remove)

    def check(self, how, status, output, error=""):
        done = self.program.run(how)
        self.assertEqual((status, output), (done.returncode, done.stdout))
        self.assertIn(error, done.stderr)

    def test_return_from_main(self):
        self.check("", 5, "gathered, returned\n")

    def test_exit_writes_what_was_gathered(self):
        self.check("exit", 3, "gathered, ")

    def test_exit_group_does_not(self):
        self.check("at once", 4, "")

    def test_a_broken_promise(self):
        self.check("promise", -signal.SIGILL, "gathered, ", "broken promise: the impossible happens")

    def test_an_overrun_stack(self):
        self.check("overrun", -signal.SIGILL, "gathered, ", "a stack was overrun")

    def test_a_foreign_free(self):
        self.check("foreign", -signal.SIGILL, "gathered, ", "what is freed came from this heap")

    def test_no_memory(self):
        self.check("memory", -signal.SIGILL, "gathered, ", "out of memory")


class SignalsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.program = Program("signals", "-g", "-O1")
        cls.addClassCleanup(cls.program.remove)

    def test_handlers_and_vfork(self):
        self.assertEqual("seen 10, and this is still a quarter\nignored\nchild true, exited true, code 9\nerror: EBADF\n",
                         self.program.run().stdout)

    def test_the_debugger_sees_through_a_handler(self):
        done = subprocess.run(
            ["gdb", "-batch", "-nx", "-ex", "handle SIGUSR1 nostop noprint pass", "-ex", "break note", "-ex", "run",
             "-ex", "backtrace", self.program.path], capture_output=True, text=True, check=False)
        self.assertRegex(done.stdout, r"#0 .*note(.|\n)*#1 +<signal handler called>(.|\n)*#\d.* main \(\)")

    def test_the_debugger_stops_at_the_start(self):
        done = subprocess.run(
            ["gdb", "-batch", "-nx", "-ex", "break main", "-ex", "run", "-ex", "set backtrace past-main on", "-ex",
             "backtrace", self.program.path], capture_output=True, text=True, check=False)
        self.assertRegex(done.stdout, r"#2 .* in _start")
        self.assertNotIn("#3", done.stdout)
        self.assertNotIn("corrupt", done.stdout + done.stderr)


class ThreadsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.program = Program("threads", "-O1", "-g", "-Wthread-safety")
        cls.addClassCleanup(cls.program.remove)

    def check(self, case, output, status=0):
        done = self.program.run(case)
        self.assertEqual((status, output), (done.returncode, done.stdout), done.stderr)

    def test_many_threads_leave_nothing(self):
        self.check("many", "sum 24500, leaked 0 blocks, stacks gone\n")

    def test_thread_local_variables_are_apart(self):
        self.check("apart", "mine 1, the other's 11, aligned true\n")

    def test_a_mutex_loses_no_update(self):
        self.check("exclusive", "counted 200000\n")

    def test_a_condition_variable_loses_no_wake_up(self):
        self.check("handed over", "sum 200010000\n")

    def test_semaphores_take_turns(self):
        self.check("ring", "turns 9000, in order true\n")

    def test_detached_threads(self):
        self.check("detached", "all came\nall gone\n")

    def test_detaching_while_it_ends(self):
        self.check("detached late", "all gone\n")

    def test_a_wait_ends_by_time(self):
        self.check("timed", "notified false, held true\n")

    def test_a_stack_that_is_too_large(self):
        self.check("refused", "errno ENOMEM\n")

    def test_exit_ends_all_threads(self):
        self.check("ended by one", "", 7)

    def test_a_thread_local_object_goes_with_its_thread(self):
        self.check("thread-local objects", "made\nvalue 2\ngone\njoined\n")

    def test_the_process_ends_with_its_last_foreground_thread(self):
        self.check("foreground", "the first one\nthe last one\n")

    def test_nobody_waits_for_a_daemon(self):
        self.check("only a daemon", "main is over\n")

    def test_the_guard_page(self):
        self.check("overrun", "", -signal.SIGSEGV)


if __name__ == "__main__":
    unittest.main()
