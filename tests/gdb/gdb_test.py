"""Runs the sessions: scripts inside gdb, each with a live machine, or with a recording."""

import os
import re
import subprocess
import tempfile
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))
WEFT = ["tools/weft"]
SECONDS = 300  # of a session that hangs; one takes seconds
SCENE = "build/gdb/scene"


def run(arguments: list[str]) -> str:
    done = subprocess.run([*WEFT, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=SECONDS, check=False)
    return done.stdout.decode("utf-8", "replace")


class Session(unittest.TestCase):
    """What all have in common: each line `check: NAME: ok|FAILED` of a session is a test."""

    def judge(self, output: str) -> None:
        checks = re.findall(r"^check: (.*): (ok|FAILED)(.*(?:\n(?!check: |session complete).*)*)", output, re.M)
        for name, verdict, detail in checks:
            with self.subTest(name):
                self.assertEqual(verdict, "ok", detail.strip())
        self.assertIn("session complete", output, output[-3000:])
        self.assertTrue(checks, output)

    def live(self, session: str, mode: str, cpus: int) -> None:
        """A session with a machine that runs the scene."""
        with tempfile.TemporaryDirectory(prefix="weft-session-") as folder:
            self.judge(run(["gdb", "--kernel", f"build/{mode}/weft.elf", "--cpus", str(cpus), "--initrd", SCENE,
                            "--console", f"{folder}/console.log", "--script", script(folder, session)]))


def script_text(session: str) -> str:
    return (f"set python print-stack full\npython sys.path.insert(0, '{HERE}/sessions')\n"
            f"source {HERE}/sessions/{session}.py\n")


def script(folder: str, session: str) -> str:
    path = os.path.join(folder, "script.gdb")
    with open(path, "w", encoding="utf-8") as file:
        file.write(script_text(session))
    return path


class LiveSessions(Session):
    def test_commands_with_one_cpu(self):
        self.live("commands", "debug", 1)

    def test_commands_with_four_cpus(self):
        self.live("commands", "release", 4)
