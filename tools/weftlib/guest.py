"""One run of QEMU, from its start to its end, with nothing left behind.

    QEMU's serial port  -> our standard output and the serial log (or the terminal itself)
    the report device   -> report.py, which understands the kernel's report lines
    QEMU's own log      -> tells a triple fault from a reboot
    control.py          -> starts the guest, and says why the machine went off

A run ends when QEMU does. Silence, not wall time, ends it early: as long as the guest prints or
reports something every `silence` seconds, it may take as long as it needs.
"""

import contextlib
import ctypes
import os
import secrets
import selectors
import signal
import subprocess
import sys
import termios
import time
from dataclasses import dataclass
from typing import BinaryIO, Callable

from weftlib import disc
from weftlib.control import Control
from weftlib.machine import REPORT_PORT, Machine
from weftlib.report import Report
from weftlib.verdict import Ending

TERM_SECONDS = 2.0
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass
class Console:
    """What the guest's serial port leads to."""

    terminal: bool = False  # this terminal itself, raw: Ctrl-C goes to the guest, Ctrl-A x ends QEMU
    show: bool = False  # what the guest prints goes to our standard output
    reads_stdin: bool = False  # what we are given goes to the guest
    typed: bytes = b""  # this is typed at the first prompt
    log: str | None = None  # a file that takes what the guest prints


@dataclass
class Debugger:
    """Where a debugger finds the machine: `address` is the path of a socket, or a number, of a TCP port
    of this host. The machine stands still until the debugger lets it go."""

    address: str

    def options(self) -> list[str]:
        if self.address.isdigit():
            return ["-S", "-gdb", f"tcp:127.0.0.1:{self.address}"]
        channel = f"socket,id=gdb,path={self.address},server=on,wait=off"
        return ["-S", "-chardev", channel, "-gdb", "chardev:gdb"]


class Guest:
    """A machine, running. Use as: with Guest(...) as guest: ending = guest.wait()

    An uncontrolled guest starts a few milliseconds sooner, for measuring; how it ended cannot be
    told as finely. A guest with a debugger is never controlled: it waits for the debugger. `nonce` is for
    a run that must be the same as an earlier one.
    """

    def __init__(self, machine: Machine, silence: float | None, console: Console,
                 controlled: bool = True, debugger: Debugger | None = None, nonce: str | None = None):
        self.machine = machine
        self.report = Report(nonce or secrets.token_hex(8))
        self.serial = bytearray()
        self._silence = silence
        self._console = console
        self._log = bytearray()
        self._stderr = bytearray()
        self._process: subprocess.Popen | None = None
        self._selector = selectors.DefaultSelector()
        self._log_file: BinaryIO | None = None
        self._cleanup = contextlib.ExitStack()  # undone in the opposite order
        self._debugger = debugger
        controlled = controlled and debugger is None
        self._control = self._cleanup.enter_context(Control()) if controlled else None

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self._cleanup.close()
            raise
        return self

    def __exit__(self, *_):
        self._cleanup.close()

    def _start(self) -> None:
        options = [f"nonce={self.report.nonce}", *self.machine.append]
        image = None
        if self.machine.disc:
            image = self._cleanup.enter_context(disc.image(self.machine.kernel, options))
        if self._console.log is not None:
            os.makedirs(os.path.dirname(self._console.log) or ".", exist_ok=True)
            if self.machine.recording is not None:  # QEMU writes the log of the others
                self._log_file = self._cleanup.enter_context(open(self._console.log, "wb", buffering=0))
        command = self.machine.command(options, image, self._debugger is not None) + self._serial_options()
        report = self._pipe_from_qemu(self._take_report)
        log = self._pipe_from_qemu(self._log.extend)
        command += ["-chardev", f"file,id=report,path=/dev/fd/{report}"]
        command += ["-device", f"isa-debugcon,iobase={REPORT_PORT:#x},chardev=report"]
        theirs = [report, log]
        if self._control is not None:
            command += ["-d", "cpu_reset", "-D", f"/dev/fd/{log}", *self._control.options()]
            theirs.append(self._control.theirs.detach())
            self._selector.register(self._control, selectors.EVENT_READ, None)
        if self._debugger is not None:
            command += self._debugger.options()
        if self._console.terminal:
            self._cleanup.callback(
                termios.tcsetattr, 0, termios.TCSADRAIN, termios.tcgetattr(0))
            if self.machine.recording is not None:
                leave_keys_to_guest()
        self._launch(command, theirs)
        for end in theirs:
            os.close(end)

    def _serial_options(self) -> list[str]:
        if self.machine.recording is not None:
            # Of all ways to say it, QEMU records what is typed for this one alone.
            return ["-monitor", "none", "-serial", "stdio"]
        channel = "stdio,id=serial,signal=off"
        if self._console.terminal:
            channel += ",mux=on"
        if self._console.log is not None:
            channel += f",logfile={self._console.log}"
        return ["-monitor", "none", "-chardev", channel, "-serial", "chardev:serial"]

    def _pipe_from_qemu(self, take: Callable[[bytes], None]) -> int:
        """A pipe whose bytes `take` gets; the end for QEMU is the result."""
        ours, theirs = os.pipe()
        self._cleanup.callback(os.close, ours)
        self._selector.register(ours, selectors.EVENT_READ, take)
        return theirs

    def _launch(self, command: list[str], inherited: list[int]) -> None:
        terminal = self._console.terminal
        stdin = subprocess.PIPE if self._console.typed else subprocess.DEVNULL
        if terminal or self._console.reads_stdin:
            stdin = None
        output = None if terminal else subprocess.PIPE
        self._process = self._cleanup.enter_context(subprocess.Popen(
            command, stdin=stdin, stdout=output, stderr=output, pass_fds=inherited,
            preexec_fn=die_with_launcher, start_new_session=not terminal))
        self._cleanup.callback(self._stop)
        if not terminal:
            self._selector.register(self._process.stdout, selectors.EVENT_READ, self._take_serial)
            self._selector.register(self._process.stderr, selectors.EVENT_READ, self._stderr.extend)

    # ---- What comes in ---------------------------------------------------------------------------

    def _take_serial(self, data: bytes) -> None:
        self.serial += data
        if self._log_file is not None:
            self._log_file.write(data)
        if self._console.show:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()

    def _take_report(self, data: bytes) -> None:
        self.report.feed(data)
        if self.report.prompted and self._console.typed:
            self._process.stdin.write(self._console.typed)
            self._process.stdin.flush()
            self._console.typed = b""

    # ---- The run ---------------------------------------------------------------------------------

    def watch(self, end: int) -> None:
        """Looks at `until` again, too, when this pipe is closed at its other end; closes it in the end."""
        self._cleanup.callback(os.close, end)
        self._selector.register(end, selectors.EVENT_READ, lambda data: None)

    def wait(self, until: Callable[[Report], bool] = lambda report: False) -> Ending | None:
        """Lets the guest run to its end, and says what was seen of it. None when `until` came true."""
        last_sign = time.monotonic()
        while self._selector.get_map():
            if until(self.report):
                return None
            left = None
            if self._silence is not None:
                left = last_sign + self._silence - time.monotonic()
                if left <= 0:
                    return self._end_silence()
            for key, _ in self._selector.select(left):
                if self._take_from(key) and key.data in (self._take_serial, self._take_report):
                    last_sign = time.monotonic()
        return self._ending(self._process.wait())

    def _take_from(self, key: selectors.SelectorKey) -> bool:
        """Takes what one channel has; at its end, stops watching it."""
        if key.data is None:
            alive = self._control.handle_input()
        else:
            data = os.read(key.fd, 65536)
            alive = bool(data)
            if alive:
                key.data(data)
        if not alive:
            self._selector.unregister(key.fileobj)
        return alive

    def _end_silence(self) -> Ending:
        places = []
        if self._control is not None:
            places = self._control.where_are_the_cpus(self.machine.kernel)
        self._stop()
        ending = self._ending(self._process.returncode)
        ending.silent_for = self._silence
        ending.places = places
        return ending

    def _ending(self, exit_code: int) -> Ending:
        self.report.close()
        ending = Ending(exit_code, triple_fault=b"Triple fault" in self._log,
                        qemu_said=self._stderr.decode("utf-8", "replace"))
        if self._control is not None:
            ending.shutdown_reason = self._control.shutdown_reason
            ending.guest_ran = self._control.guest_started
        if self._console.terminal:
            ending.quit_by_user = (ending.shutdown_reason or "").startswith("host-")
        return ending

    def _stop(self) -> None:
        """Ends QEMU, by its id, if it still runs."""
        if self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(TERM_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def die_with_launcher() -> None:
    """Runs in QEMU's process before QEMU: when the launcher dies, however it dies, QEMU does. (So does gdb.)"""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def leave_keys_to_guest() -> None:
    """Ctrl-C and its like are the guest's, for a QEMU that would take them for its own: Ctrl-] ends it."""
    state = termios.tcgetattr(0)
    state[6][termios.VINTR] = b"\x1d"
    state[6][termios.VQUIT] = state[6][termios.VSUSP] = b"\0"
    termios.tcsetattr(0, termios.TCSADRAIN, state)


def end_on_signals() -> None:
    """Lets SIGTERM and SIGHUP end the launcher as Ctrl-C does, so that it cleans up."""

    def interrupt(*_):
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
