"""Runs the sessions: scripts inside gdb, each with a live machine, or with a recording."""

import json
import os
import pty
import re
import resource
import select
import signal
import subprocess
import tempfile
import threading
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))
WEFT = ["tools/weft"]
SILENCE_SECONDS = 150  # after which a session hangs; one says something several times a second
LAST_WORDS_SECONDS = 10
SCENE = "build/gdb/scene"


def run(arguments: list[str], silence_after: dict[bytes, float] | None = None) -> str:
    """What the launcher says. If it falls silent it is ended, by its id, and its gdb and its QEMU with it;
    the error tells what was seen last. `silence_after`: for how long it may, once it has said a certain thing."""
    with subprocess.Popen([*WEFT, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as process:
        output, is_whole = read_until_silent(process, SILENCE_SECONDS, silence_after)
        if not is_whole:
            process.terminate()
            output += read_until_silent(process, LAST_WORDS_SECONDS)[0]
            process.kill()
    text = output.decode("utf-8", "replace")
    if not is_whole:
        raise AssertionError(f"nothing more was heard; the last was:\n{text[-3000:]}")
    return text


def read_until_silent(process: subprocess.Popen, silence: float,
                      silence_after: dict[bytes, float] | None = None) -> tuple[bytes, bool]:
    """What it says until it ends, or until it falls silent; whether it ended."""
    output = b""
    while select.select([process.stdout], [], [], silence)[0]:
        data = os.read(process.stdout.fileno(), 65536)
        if not data:
            return output, True
        output += data
        silence = next((time for sign, time in (silence_after or {}).items() if sign in output), silence)
        print(".", end="", flush=True)  # a sign of life for the runner
    return output, False


class Session(unittest.TestCase):
    """What all have in common: each line `check: NAME: ok|FAILED` of a session is a test."""

    def judge(self, output: str) -> None:
        checks = re.findall(r"^check: (.*): (ok|FAILED)(.*(?:\n(?!check: |session complete).*)*)", output, re.M)
        for name, verdict, detail in checks:
            with self.subTest(name):
                self.assertEqual(verdict, "ok", detail.strip())
        print(f"{self.id()}: {len(checks)} checks", flush=True)
        self.assertIn("session complete", output, output[-3000:])
        self.assertTrue(checks, output)

    def live(self, session: str, mode: str, cpus: int, scene: str = SCENE) -> None:
        """A session with a machine that runs the scene."""
        with tempfile.TemporaryDirectory(prefix="weft-session-") as folder:
            self.judge(run(["gdb", "--kernel", f"build/{mode}/weft.elf", "--cpus", str(cpus), "--initrd", scene,
                            "--console", f"{folder}/console.log", "--script", script(folder, session)]))


def script_text(session: str) -> str:
    return (f"set python print-stack full\npython sys.path.insert(0, '{HERE}/sessions')\n"
            f"source {HERE}/sessions/{session}.py\n")


def script(folder: str, session: str) -> str:
    path = os.path.join(folder, "script.gdb")
    with open(path, "w", encoding="utf-8") as file:
        file.write(script_text(session))
    return path


class Hangs(unittest.TestCase):
    """A gdb that says nothing any more: ended, with all that it began, and the test says what was seen last."""

    def test_a_session_that_hangs(self):
        with tempfile.TemporaryDirectory(prefix="weft-session-") as folder:
            hang = f"{folder}/hang.gdb"
            with open(hang, "w", encoding="utf-8") as file:
                file.write("python import os, time\npython print(f'I am {os.getpid()}', flush=True)\n"
                           "python time.sleep(1000)\n")
            with self.assertRaisesRegex(AssertionError, "the last was:\n(?s:.*)I am [0-9]+") as caught:
                run(["gdb", "--kernel", "build/debug/weft.elf", "--initrd", SCENE,
                     "--console", f"{folder}/console.log", "--script", hang], silence_after={b"I am ": 1})
            pid = re.search(r"I am ([0-9]+)", str(caught.exception))[1]
            self.assertFalse(os.path.exists(f"/proc/{pid}"))


class LiveSessions(Session):
    def test_commands_with_one_cpu(self):
        self.live("commands", "debug", 1)

    def test_commands_with_four_cpus(self):
        self.live("commands", "release", 4)

    def test_switches_with_one_cpu(self):
        self.live("switches", "debug", 1)

    def test_switches_with_four_cpus(self):
        self.live("switches", "release", 4)

    def test_unwinding_with_one_cpu(self):
        self.live("unwinding", "debug", 1)

    def test_unwinding_with_four_cpus(self):
        self.live("unwinding", "release", 4)

    def test_programs_with_one_cpu(self):
        self.live("programs", "debug", 1)

    def test_programs_with_four_cpus(self):
        self.live("programs", "release", 4)

    def test_coroutines_with_one_cpu(self):
        self.live("coroutines", "debug", 1, "build/gdb/coroutines")

    def test_coroutines_with_four_cpus(self):
        self.live("coroutines", "release", 4, "build/gdb/coroutines")


    def test_deadlocks_with_one_cpu(self):
        self.live("deadlocks", "debug", 1, "build/gdb/deadlocks")

    def test_deadlocks_with_four_cpus(self):
        self.live("deadlocks", "release", 4, "build/gdb/deadlocks")

    def test_stuck_coroutines(self):
        self.live("stuck", "debug", 1, "build/gdb/stuck")


class LinuxPrograms(unittest.TestCase):
    """The same scene of coroutines as a Linux process, alive, and as the core file that it left."""

    PROGRAM = "build/gdb/coroutines"
    UNTIL_SET = ["-ex", "break scene_is_set", "-ex", "run", "-ex", "ignore 1 9", "-ex", "continue"]

    def gdb(self, *arguments: str, **more) -> str:
        done = subprocess.run(["gdb", "-nx", "-q", "-batch", "-ex", "set confirm off", "-x", "tools/gdb/linux_coros.py",
                               *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=SILENCE_SECONDS, check=False, **more)
        return done.stdout + done.stderr

    def check_list(self, seen: str) -> None:
        self.assertEqual(4, len(re.findall(r"^\d+ +blocked +join 0x", seen, re.M)), seen)
        self.assertRegex(seen, r"(?m)^\d+ +runnable ")

    def check_one(self, seen: str, *target: str) -> None:
        """The one that sleeps has its callers, one that isn't there is refused."""
        sleeper = re.search(r"^(\d+) +blocked +sleep", seen, re.M)[1]
        callers = self.gdb("-ex", f"coros {sleeper}", "-ex", "coros 12345", *target)
        self.assertRegex(callers, r"(?s)#0 .*sleep_in_coroutine.*sleeper.*weft_coro_main")
        self.assertIn("there is no coroutine 12345", callers)

    def test_coroutines_of_a_process(self):
        seen = self.gdb(*self.UNTIL_SET, "-ex", "coros", "-ex", "kill", self.PROGRAM)
        self.check_list(seen)
        self.assertRegex(seen, r"running on thread 1 .*begin")
        runner = re.search(r"^(\d+) +running", seen, re.M)[1]
        self.assertIn("no stack of its own",
                      self.gdb(*self.UNTIL_SET, "-ex", f"coros {runner}", "-ex", "kill", self.PROGRAM))

    def test_coroutines_of_a_core_file(self):
        with open("/proc/sys/kernel/core_pattern", encoding="utf-8") as file:
            pattern = file.read().strip()
        if "/" in pattern or "|" in pattern:
            self.skipTest("this machine's core files go elsewhere")
        with tempfile.TemporaryDirectory(prefix="weft-core-") as folder:
            self.gdb("-ex", f"set cwd {folder}", *self.UNTIL_SET, "-ex", "signal SIGQUIT", self.PROGRAM,
                     preexec_fn=allow_core_files)
            core = os.path.join(folder, os.listdir(folder)[0])
            seen = self.gdb("-ex", "coros", self.PROGRAM, core)
            self.check_list(seen)
            self.check_one(seen, self.PROGRAM, core)

    def test_a_program_without_coroutines(self):
        self.assertIn("has no coroutines", self.gdb("-ex", "coros", SCENE))


def allow_core_files() -> None:
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)  # whoever started us in the background may have it ignored
    resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)


class Recordings(Session):
    def test_a_recording(self):
        with tempfile.TemporaryDirectory(prefix="weft-session-") as folder:
            self.judge(run(["replay", f"{folder}/recording", "--kernel", "build/debug/weft.elf",
                            "--initrd", "build/initrd.cpio", "--cmd", "echo one | cat; ls | wc",
                            "--symbols", "build/userlib/weftbox", "--script", script(folder, "recording")]))

    def test_what_is_typed_is_recorded(self):
        with tempfile.TemporaryDirectory(prefix="weft-session-") as folder:
            recording = f"{folder}/recording"
            terminal = Terminal([*WEFT, "replay", recording, "--kernel", "build/debug/weft.elf",
                                 "--initrd", "build/initrd.cpio", "--record-only"])
            terminal.type_at("# ", b"echo t''yped\n")
            terminal.type_at("\ntyped", b"poweroff\n")
            self.assertEqual(terminal.wait(), 0, terminal.seen)
            self.judge(run(["replay", recording, "--script", script(folder, "typed")]))

    def test_a_folder_without_a_recording(self):
        self.assertIn("broken set-up", run(["replay", "/nonexistent"]))


class Editor(unittest.TestCase):
    """What .vscode/launch.json tells an editor to do, done by gdb's machine interface."""

    def test_an_editor_attaches(self):
        with open(".vscode/launch.json", encoding="utf-8") as file:
            launch = json.load(file)["configurations"][0]
        folder = os.getcwd()
        with tempfile.TemporaryDirectory(prefix="weft-session-") as scratch, subprocess.Popen(
                [*WEFT, "run", "--kernel", "build/debug/weft.elf", "--initrd", SCENE, "--gdb", f"{scratch}/gdb",
                 "--serial-log", f"{scratch}/console.log"],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as machine:
            self.assertIn("waits for a debugger", machine.stdout.readline())
            commands = [f'-interpreter-exec console "{each["text"]}"' for each in launch["setupCommands"]]
            commands += [f"-target-select remote {scratch}/gdb", "-break-insert weft::syscall::sys_read",
                         "-exec-continue", "WAIT", '-interpreter-exec console "weft threads"',
                         '-interpreter-exec console "weft thread 2"', "-stack-list-frames", "-gdb-exit"]
            seen = machine_interface(launch["program"].replace("${workspaceFolder}", folder),
                                     [each.replace("${workspaceFolder}", folder) for each in commands])
            machine.wait(SILENCE_SECONDS)
        self.assertIn('reason="breakpoint-hit"', seen)
        self.assertIn("reaper   kernel", seen)
        self.assertIn("an editor controls gdb", seen)
        self.assertIn('func="weft::syscall::sys_read', seen)


def machine_interface(program: str, commands: list[str]) -> str:
    """Talks to gdb as an editor does, an answer for each command; all that gdb said."""
    with subprocess.Popen(["gdb", "-nx", "-q", "--interpreter=mi", program], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as gdb:
        watchdog = threading.Timer(SILENCE_SECONDS, gdb.kill)
        watchdog.start()
        seen = []
        for command in commands:
            ends = ("*stopped,reason=",) if command == "WAIT" else ("^done", "^error", "^running", "^connected", "^exit")
            if command != "WAIT":
                gdb.stdin.write(command + "\n")
                gdb.stdin.flush()
            while not seen or not seen[-1].startswith(ends) or seen[-1] == "":
                line = gdb.stdout.readline()
                if not line:
                    break
                seen.append(line)
            seen.append("")
        watchdog.cancel()
    return "".join(seen)


class Terminal:
    """A command on a terminal of its own, and what it has printed."""

    def __init__(self, command: list[str]):
        self.seen = ""
        pid, self._terminal = pty.fork()
        if pid == 0:
            os.execvp(command[0], command)
        self._pid = pid

    def type_at(self, sign: str, text: bytes) -> None:
        """Types it when the sign has come after what was typed last."""
        start = len(self.seen)
        while sign not in self.seen[start:] and self._read():
            pass
        os.write(self._terminal, text)

    def wait(self) -> int:
        while self._read():
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])

    def _read(self) -> bool:
        if not select.select([self._terminal], [], [], SILENCE_SECONDS)[0]:
            return False
        try:
            data = os.read(self._terminal, 4096)
        except OSError:
            return False  # the other side is closed
        self.seen += data.decode("utf-8", "replace")
        return bool(data)
