"""A shell at a terminal: types keys and reads the screen. A pseudo-terminal stands for the console."""

import errno
import os
import pty
import select
import signal
import tempfile
import termios

import linux

PATIENCE = 60  # seconds without a new byte mean that what is awaited will not come


class Terminal:
    """A program at a terminal of its own, from its start to its end. Use it in a `with`."""

    PROMPT = "READY> "
    MORE = "MORE> "

    def __init__(self, command, folder, environment):
        self.screen = ""
        self._seen = 0  # how much of the screen has been awaited already
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            # Whoever started us in the background may have these ignored, and then nobody hears the terminal's keys.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.signal(signal.SIGQUIT, signal.SIG_DFL)
            os.chdir(folder)
            os.execve(command[0], command, environment)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._end()

    def _end(self):
        if self._pid is not None:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            self._pid = None
            os.close(self._fd)

    def type(self, keys):
        """Sends keys as the keyboard would."""
        os.write(self._fd, keys.encode())

    def line(self, text):
        """Types a line, and awaits the prompt that follows it. What came between is the answer."""
        self.type(text + "\r")
        self.expect("\n")
        return self.expect(self.PROMPT)[:-len(self.PROMPT)].rstrip("\r").replace("\r\n", "\n")

    def open_line(self, text):
        """Types a line that doesn't complete a command, and awaits the prompt for more."""
        self.type(text + "\r")
        self.expect("\n")
        self.expect(self.MORE)

    def bring_back(self, command, shown):
        """Puts a stopped job in front that reads lines and writes them again, and waits until it does: a shell says what
        it brings back before the job is there, and a Control-C in between would be for the shell."""
        self.type(command + "\r")
        self.expect(shown)
        self.type("answer\r")
        self.expect("answer")  # the terminal's echo
        self.expect("answer")

    def press_stop(self, answer):
        """Control-Z for a job that is being put in front and doesn't read. What comes too early is for nobody, since
        shells ignore that signal; so it is pressed again when nothing comes of it."""
        for _ in range(PATIENCE):
            self.type("\x1a")
            while answer not in self.screen[self._seen:]:
                if not self._read(patience=1):
                    break
            else:
                break
        return self.expect(answer)

    def expect(self, text):
        """Reads until the text comes; answers with all that came up to its end."""
        while True:
            place = self.screen.find(text, self._seen)
            if place >= 0:
                start, self._seen = self._seen, place + len(text)
                return self.screen[start:self._seen]
            if not self._read():
                raise AssertionError(f"awaited {text!r}, and saw {self.screen[self._seen:]!r}\n"
                                     f"the whole screen: {self.screen!r}")

    def _read(self, patience=PATIENCE):
        """More of the screen; false at the end or after a long silence."""
        ready, _, _ = select.select([self._fd], [], [], patience)
        if not ready:
            return False
        try:
            data = os.read(self._fd, 4096)
        except OSError as error:
            if error.errno != errno.EIO:  # the shell's end of the terminal is closed
                raise
            return False
        self.screen += data.decode(errors="replace")
        return bool(data)


class Session(Terminal):
    """Our shell on this machine, or another one."""

    def __init__(self, command=None):
        self._folder = tempfile.TemporaryDirectory()
        environment = {"PATH": str(linux.OURS), "HOME": self._folder.name, "PS1": self.PROMPT, "PS2": self.MORE,
                       "TERM": "vt100"}
        super().__init__(command or [f"{linux.OURS}/sh"], self._folder.name, environment)
        self.expect(self.PROMPT)

    def __exit__(self, *_):
        super().__exit__()
        self._folder.cleanup()

    def make_file(self, path, text=""):
        """A file below the folder in which the shell started, which is empty at first."""
        with open(f"{self._folder.name}/{path}", "w", encoding="utf-8") as file:
            file.write(text)

    def make_folder(self, path):
        os.mkdir(f"{self._folder.name}/{path}")

    def end(self):
        """Awaits the end of the shell; answers with its status."""
        while self._read():
            pass
        _, status = os.waitpid(self._pid, 0)
        self._pid = None
        os.close(self._fd)
        return os.waitstatus_to_exitcode(status)

    def is_raw(self):
        """Whether keys come to the program one by one."""
        return not termios.tcgetattr(self._fd)[3] & termios.ICANON
