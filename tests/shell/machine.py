"""A shell in a booted Weft machine, at its serial line: the sessions' keys go where a user's would,
through `tools/weft run --interactive` in a pseudo-terminal."""

import os
import re

from linux import ROOT
from terminal import Terminal

KERNEL = "build/release/weft.elf"
INITRD = "build/initrd.cpio"


class MachineSession(Terminal):
    """One machine and one shell, from its start to its end. The shell runs in the one that init started,
    so that its end can be seen."""

    def __init__(self, cpus=1, initrd=INITRD, shell="sh"):
        command = ["tools/weft", "run", "--kernel", KERNEL, "--initrd", initrd, "--cpus", str(cpus), "--mem", "256M",
                   "--interactive"]
        super().__init__(command, ROOT, dict(os.environ, TERM="vt100"))
        self.expect(" # ")
        self.type("mkdir /tmp/s; cd /tmp/s; stty cols 80 2>/dev/null; "
                  f"PS1='{self.PROMPT}' PS2='{self.MORE}' {shell}; echo en\"\"ded:$?\r")
        self.expect("\n")
        self.expect(self.PROMPT)

    def type(self, keys):
        """Ctrl-A is QEMU's own key; twice, it is the guest's."""
        super().type(keys.replace("\x01", "\x01\x01"))

    def _read(self, **options):
        """QEMU lets the host's terminal add a carriage return to the guest's own."""
        has_more = super()._read(**options)
        self.screen = self.screen.replace("\r\r\n", "\r\n")
        return has_more

    def make_file(self, path, text=""):
        """A file below the folder in which the shell started."""
        self.line(f"echo -n '{text}' > {path}" if "\n" not in text else f"echo '{text.rstrip()}' > {path}")

    def make_folder(self, path):
        self.line(f"mkdir {path}")

    def end(self):
        """Awaits the end of the shell; answers with its status."""
        self.expect("ended:")
        return int(re.match("[0-9]+", self.expect("\n")).group())

    def is_raw(self):
        """Nobody outside can tell."""
        return None
