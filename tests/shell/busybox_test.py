"""The shell of busybox at a terminal: somebody else's job control must find here what it finds on Linux.

As in sessions_test.py, WEFT_CPUS=2 says that it runs in a booted machine, and with how many CPUs."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from linux import ROOT
from machine import MachineSession
from terminal import Session as HostSession

CPUS = os.environ.get("WEFT_CPUS")
BUSYBOX = ROOT / "build/guest/programs/busybox"
BUILD_INITRD = ["tools/initrd/build.py", "--box", "build/userlib/stripped/weftbox", "--tools", "userlib/bin/tools.cc"]
CTRL_C, CTRL_D, CTRL_Z = "\x03", "\x04", "\x1a"

# Says when it is there; the word is taken apart, since what is typed shows up, too.
FOREVER = "sh -c 'echo re\"\"ady; exec sleep 1000'"
# The same, and then answers each line; past the pipeline it may be in, since busybox's cat waits for more than a line.
READER = "sh -c 'echo re\"\"ady; exec cat >&2'"


def Session():  # pylint: disable=invalid-name
    if not CPUS:
        return HostSession([str(BUSYBOX), "sh"])
    with tempfile.NamedTemporaryFile(suffix=".cpio") as initrd:
        subprocess.run([*BUILD_INITRD, "--out", initrd.name, "--add", str(BUSYBOX)], cwd=ROOT, check=True)
        return MachineSession(int(CPUS), initrd.name, "busybox sh")


class Busybox(unittest.TestCase):
    def start_forever(self, session, command=FOREVER):
        session.type(command + "\r")
        session.expect("\n")
        session.expect("ready")

    def test_control_c_and_its_status(self):
        with Session() as session:
            self.start_forever(session)
            session.type(CTRL_C)
            session.expect(session.PROMPT)
            self.assertEqual(session.line("echo $?"), "130\n")
            self.start_forever(session, f"{FOREVER} | cat")
            session.type(CTRL_C)
            session.expect(session.PROMPT)
            self.assertEqual(session.line("jobs"), "")

    def test_stop_and_go_on(self):
        with Session() as session:
            self.start_forever(session)
            session.type(CTRL_Z)
            session.expect("Stopped")
            session.expect(session.PROMPT)
            self.assertIn("Stopped", session.line("jobs"))
            session.line("bg")
            self.assertIn("Running", session.line("jobs"))
            session.type("fg\r")
            session.expect("sleep 1000")
            session.press_stop(session.PROMPT)
            self.assertIn("Stopped", session.line("jobs"))
            session.line("kill %1; fg")
            self.assertEqual(session.line("jobs"), "")

    def test_two_jobs(self):
        with Session() as session:
            session.line("sleep 1000 &")
            self.start_forever(session, READER)
            session.type(CTRL_Z)
            session.expect(session.PROMPT)
            told = session.line("jobs")
            self.assertIn("Running", told)
            self.assertIn("Stopped", told)
            session.line("kill %1")
            session.line("wait %1")
            session.bring_back("fg %2", "cat")
            session.type(CTRL_C)
            session.expect(session.PROMPT)
            self.assertNotIn("Stopped", session.line("jobs"))

    def test_a_job_in_the_background_may_not_read(self):
        with Session() as session:
            session.line("cat > got &")
            session.type("fg\r")
            session.expect("cat")
            session.type("a line\r" + CTRL_D)
            session.expect(session.PROMPT)
            self.assertEqual(session.line("cat got"), "a line\n")

    def test_a_stopped_pipeline_goes_on_as_one(self):
        with Session() as session:
            self.start_forever(session, f"{READER} | cat | cat")
            session.type(CTRL_Z)
            session.expect("Stopped")
            session.expect(session.PROMPT)
            session.bring_back("fg", "cat")
            session.type(CTRL_C)
            session.expect(session.PROMPT)
            self.assertEqual(session.line("jobs; echo on"), "on\n")


if __name__ == "__main__":
    unittest.main()
