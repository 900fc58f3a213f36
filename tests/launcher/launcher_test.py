"""The launcher against guests that do, one by one, everything a kernel can do to it (guest.S): each
ending must be told as what it is."""

import json
import os
import pathlib
import pty
import re
import signal
import subprocess
import tempfile
import termios
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
WEFT = str(ROOT / "tools/weft")

PASSED, WRONG_ANSWER, CRASH, HANG, BROKEN_SETUP = 0, 64, 65, 66, 67


class Launcher(unittest.TestCase):
    """Builds guests and runs them in a folder of their own, where the reports go, too."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="weft-launcher-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def guest(self, behaviour):
        """The guest of that behaviour, as an ELF file."""
        name = self.folder / behaviour
        subprocess.run(["clang-19", "-m32", f"-DBEHAVIOUR_{behaviour}", "-c",
                        ROOT / "tests/launcher/guest.S", "-o", f"{name}.o"], check=True)
        subprocess.run(["ld.lld-19", "-m", "elf_i386", "-Ttext=0x100000", "-e", "start",
                        "-o", f"{name}.elf", f"{name}.o"], check=True)
        return f"{name}.elf"

    def weft(self, *arguments, stdin=subprocess.DEVNULL):
        """Runs the launcher to its end."""
        return subprocess.run([WEFT, *arguments], cwd=self.folder, stdin=stdin, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)

    def expect(self, behaviour, status, text, *arguments):
        """A test run of that guest ends with that status and says that text, in both reports, too."""
        done = self.weft("test", "--name", "it", "--kernel", self.guest(behaviour), *arguments)
        self.assertEqual((done.returncode, text in done.stdout), (status, True), done.stdout)
        report = json.loads((self.folder / "build/reports/it.json").read_text())
        verdict = [case for case in report["cases"] if case["name"] == "the verdict"][0]
        self.assertEqual(verdict["passed"], status == PASSED, verdict)
        xml = (self.folder / "build/reports/it.xml").read_text()
        self.assertEqual("<failure" in xml, status != PASSED, xml)
        if status != PASSED:
            self.assertIn(text, verdict["message"])
            self.assertIn("to repeat it: tools/weft test --name it", done.stdout)
            self.assertIn("a bare guest runs", done.stdout)


class Verdicts(Launcher):
    """One guest each."""

    def test_a_guest_that_passes(self):
        self.expect("passes", PASSED, "it: 3 passed, 0 failed")

    def test_every_machine_and_firmware(self):
        for options in (["--machine", "q35"], ["--machine", "pc"], ["--firmware", "seabios"],
                        ["--firmware", "qboot"], ["--machine", "q35", "--firmware", "seabios"],
                        ["--cpus", "16"], ["--mem", "64M"], ["--cpu", "qemu64", "--icount"]):
            with self.subTest(options=options):
                self.expect("passes", PASSED, "it: 3 passed, 0 failed", *options)

    def test_a_failed_test(self):
        self.expect("fails_a_test", WRONG_ANSWER, "wrong answer: 1 of 2 tests failed")

    def test_a_panic_with_its_reason(self):
        self.expect("panics", CRASH, "crash: panic: a lock was taken twice")

    def test_a_panic_that_cannot_report(self):
        self.expect("panics_silently", CRASH, "crash: panic, without a word")

    def test_a_triple_fault(self):
        self.expect("triple_faults", CRASH, "crash: triple fault")

    def test_a_reboot(self):
        self.expect("reboots", CRASH, "crash: the guest rebooted the machine", "--machine", "q35")

    def test_a_silent_halt(self):
        self.expect("hangs", HANG, "hang: nothing on serial or report for 1 s; CPU 0 halted at",
                    "--silence", "1")

    def test_an_endless_loop_by_the_name_of_its_function(self):
        self.expect("spins", HANG, " spin", "--silence", "1")

    def test_printed_words_are_no_verdict(self):
        self.expect("prints_all_passed", HANG, "hang: nothing", "--silence", "1")

    def test_a_forged_nonce(self):
        self.expect("forges_a_nonce", WRONG_ANSWER, "a report line with a wrong nonce")

    def test_fewer_tests_than_planned(self):
        self.expect("runs_too_few", WRONG_ANSWER, "3 tests were planned, 1 ran")

    def test_a_plan_without_tests(self):
        self.expect("plans_nothing", WRONG_ANSWER, "no tests were planned")

    def test_an_exit_status_that_disagrees(self):
        self.expect("contradicts_itself", WRONG_ANSWER, "does not agree")

    def test_a_line_after_the_end(self):
        self.expect("ends_too_early", WRONG_ANSWER, "a report line after the end")

    def test_an_exit_without_a_verdict(self):
        self.expect("leaves_without_verdict", WRONG_ANSWER, "ended without a verdict")

    def test_a_kernel_that_refuses_to_start(self):
        self.expect("refuses_to_start", WRONG_ANSWER, "refused to start, with status 1")
        self.expect("refuses_to_start", PASSED, "it: 1 passed", "--status", "1")
        self.expect("refuses_to_start", WRONG_ANSWER, "refused to start, with status 1", "--status", "2")

    def test_a_power_off_without_a_verdict(self):
        self.expect("powers_off", WRONG_ANSWER, "powered off without a verdict", "--machine", "q35")

    def test_a_panic_that_was_wanted(self):
        done = self.weft("test", "--name", "it", "--kernel", self.guest("panics"), "--panics", "twice")
        self.assertEqual(done.returncode, PASSED, done.stdout)

    def test_a_wanted_panic_with_another_reason(self):
        done = self.weft("test", "--name", "it", "--kernel", self.guest("panics"), "--panics", "thrice")
        self.assertEqual(done.returncode, CRASH, done.stdout)

    def test_typed_text_reaches_the_guest(self):
        done = self.weft("test", "--name", "it", "--kernel", self.guest("repeats_typed_text"),
                         "--type", "hello\\n", "--expect", "^hello was typed$")
        self.assertEqual(done.returncode, PASSED, done.stdout)

    def test_an_expected_line_that_is_missing(self):
        done = self.weft("test", "--name", "it", "--kernel", self.guest("repeats_typed_text"),
                         "--type", "hello\\n", "--expect", "^goodbye")
        self.assertEqual(done.returncode, WRONG_ANSWER, done.stdout)


class BrokenSetup(Launcher):
    """Nothing ran; the launcher says why in one line."""

    def expect_refusal(self, text, *arguments):
        done = self.weft(*arguments)
        self.assertEqual(done.returncode, BROKEN_SETUP, done.stdout)
        self.assertRegex(done.stdout.strip(), f"^weft: broken set-up: .*{re.escape(text)}")
        self.assertEqual(len(done.stdout.strip().splitlines()), 1)

    def test_no_kernel_file(self):
        self.expect_refusal("there is no kernel missing.elf", "run", "--kernel", "missing.elf")

    def test_no_initrd_file(self):
        self.expect_refusal("there is no initrd missing.cpio", "run", "--kernel", self.guest("passes"),
                            "--initrd", "missing.cpio")

    def test_too_many_cpus(self):
        self.expect_refusal("99 CPUs", "run", "--kernel", self.guest("passes"), "--cpus", "99")

    def test_a_size_that_is_none(self):
        self.expect_refusal("'abc' is not a size", "run", "--kernel", self.guest("passes"),
                            "--mem", "abc")

    def test_a_kernel_that_does_not_fit(self):
        self.expect_refusal("1M of memory can't hold the kernel", "run", "--kernel",
                            self.guest("passes"), "--mem", "1M")

    def test_a_disc_without_a_drive(self):
        self.expect_refusal("microvm has no disc drive", "run", "--kernel", self.guest("passes"),
                            "--disc")

    def test_an_unknown_cpu_model(self):
        done = self.weft("run", "--kernel", self.guest("passes"), "--cpu", "abacus")
        self.assertEqual(done.returncode, BROKEN_SETUP, done.stdout)
        self.assertIn("abacus", done.stdout)

    def test_an_unknown_machine(self):
        done = self.weft("run", "--kernel", self.guest("passes"), "--machine", "vax")
        self.assertEqual(done.returncode, BROKEN_SETUP, done.stdout)

    def test_an_unknown_command(self):
        done = self.weft("fly")
        self.assertEqual(done.returncode, BROKEN_SETUP, done.stdout)

    def test_a_file_that_is_no_kernel(self):
        (self.folder / "text").write_text("not a kernel\n")
        done = self.weft("run", "--kernel", "text", "--silence", "5")
        self.assertEqual(done.returncode, BROKEN_SETUP, done.stdout)


class Leftovers(Launcher):
    """However a run ends, no QEMU survives it."""

    def start_hanging(self):
        launcher = subprocess.Popen([WEFT, "run", "--kernel", self.guest("hangs"), "--silence", "600"],
                                    cwd=self.folder, stdin=subprocess.DEVNULL,
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(launcher.stdout.readline().strip(), b"a bare guest runs")
        with open(f"/proc/{launcher.pid}/task/{launcher.pid}/children", encoding="ascii") as file:
            [qemu] = [int(child) for child in file.read().split()]
        self.addCleanup(launcher.stdout.close)
        return launcher, qemu

    def expect_end_of(self, qemu):
        """Returns when that process is gone; the run's own time-out is the bound."""
        while pathlib.Path(f"/proc/{qemu}/stat").exists():
            state = pathlib.Path(f"/proc/{qemu}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0]
            if state == "Z":
                return
            os.sched_yield()

    def test_sigterm_takes_qemu_along(self):
        launcher, qemu = self.start_hanging()
        launcher.send_signal(signal.SIGTERM)
        self.assertEqual(launcher.wait(), 130)
        self.expect_end_of(qemu)

    def test_sigkill_takes_qemu_along(self):
        launcher, qemu = self.start_hanging()
        launcher.kill()
        launcher.wait()
        self.expect_end_of(qemu)

    def test_a_hang_leaves_no_process(self):
        before = time.monotonic()
        done = self.weft("run", "--kernel", self.guest("hangs"), "--silence", "1")
        self.assertEqual(done.returncode, HANG, done.stdout)
        self.assertGreaterEqual(time.monotonic() - before, 1)

    def test_without_standard_input(self):
        kernel = self.guest("passes")
        done = subprocess.run(["sh", "-c", f"exec '{WEFT}' test --name it --kernel {kernel} <&-"],
                              cwd=self.folder, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        self.assertEqual(done.returncode, PASSED, done.stdout)


class Terminal(Launcher):
    """The guest's serial port is this terminal."""

    def session(self, behaviour, typed):
        """Runs the guest on a terminal of its own and types there once it runs: what was shown, the exit
        status, and whether the terminal is as it was before."""
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        self.addCleanup(os.close, theirs)
        before = termios.tcgetattr(theirs)
        with subprocess.Popen([WEFT, "run", "--interactive", "--kernel", self.guest(behaviour)],
                              cwd=self.folder, stdin=theirs, stdout=theirs, stderr=theirs) as launcher:
            shown = b""
            while b"a bare guest runs" not in shown:
                shown += os.read(ours, 1000)
            os.write(ours, typed)
            status = launcher.wait()
        os.set_blocking(ours, False)
        try:
            while True:
                shown += os.read(ours, 1000)
        except BlockingIOError:
            pass
        return shown, status, termios.tcgetattr(theirs) == before

    def test_keys_go_to_the_guest_even_ctrl_c(self):
        shown, status, restored = self.session("repeats_typed_text", b"one\x03two\n")
        self.assertIn(b"one\x03two was typed", shown)
        self.assertEqual((status, restored), (0, True))

    def test_ctrl_a_x_ends_it(self):
        shown, status, restored = self.session("spins", b"\x01x")
        self.assertEqual((status, restored), (0, True), shown)

    def test_a_crash_is_told_on_the_terminal(self):
        shown, status, restored = self.session("panics", b"")
        self.assertIn(b"crash: panic: a lock was taken twice", shown)
        self.assertEqual((status, restored), (CRASH, True))


class ExitStatus(Launcher):
    """`run` hands a guest's own exit status on."""

    def test_status_of_the_guest(self):
        done = self.weft("run", "--kernel", self.guest("fails_a_test"))
        self.assertEqual(done.returncode, 1, done.stdout)

    def test_status_zero(self):
        done = self.weft("run", "--kernel", self.guest("passes"))
        self.assertEqual((done.returncode, done.stdout), (0, "a bare guest runs\n"))


if __name__ == "__main__":
    unittest.main()
