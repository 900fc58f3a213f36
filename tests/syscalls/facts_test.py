"""The table's numbers are Linux's: every constant and every call, against this machine's headers."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/syscalls"))

import table as tables

HEADERS = """asm/prctl.h asm/unistd.h dirent.h elf.h fcntl.h linux/capability.h linux/close_range.h
linux/futex.h linux/memfd.h linux/reboot.h linux/sched.h poll.h sched.h signal.h
sys/epoll.h sys/eventfd.h sys/file.h sys/ioctl.h sys/mman.h sys/prctl.h sys/random.h sys/resource.h
sys/socket.h sys/stat.h sys/timerfd.h sys/wait.h termios.h time.h unistd.h"""

# Names that the headers spell with underscores in front.
SPELLED = {"WNOTHREAD": "__WNOTHREAD", "WALL": "__WALL", "WCLONE": "__WCLONE"}
# As the kernel has it; the C library's headers say 0, since its open() sets it for itself.
NOT_IN_HEADERS = {"O_LARGEFILE"}
# A few are enumerators, which #ifdef does not see.
ENUMERATED = {"SIGEV_SIGNAL", "SIGEV_NONE", "SIGEV_THREAD", "SIGEV_THREAD_ID"}
# At least so many of the names must be known to the headers, or the test has lost its meaning.
LEAST = 350


def known_to_headers(names):
    """The value of each name that this machine's headers define."""
    lines = ["#define _GNU_SOURCE"] + [f"#include <{header}>" for header in HEADERS.split()] + ["#include <stdio.h>", "int main(void) {"]
    for name in names:
        spelled = SPELLED.get(name, name)
        show = f'  printf("{name} %lld\\n", (long long)(int)({spelled}));'
        lines += [show] if name in ENUMERATED else [f"#ifdef {spelled}", show, "#endif"]
    lines.append("}")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "facts.c")
        source.write_text("\n".join(lines) + "\n", encoding="utf-8")
        program = Path(folder, "facts")
        subprocess.run(["clang-19", "-w", str(source), "-o", str(program)], check=True)
        output = subprocess.run([str(program)], check=True, capture_output=True, text=True).stdout
    return {name: int(value) & 0xffffffff for name, value in (line.split() for line in output.splitlines())}


class FactsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.table = tables.load(ROOT / "kernel/syscall/table.toml")

    def test_constants(self):
        constants = {name: value & 0xffffffff for name, value in self.table.constants.items()
                     if name not in NOT_IN_HEADERS}
        known = known_to_headers(constants)
        self.assertGreater(len(known), LEAST)
        for name, value in known.items():
            with self.subTest(name):
                self.assertEqual(value, constants[name])

    def test_numbers(self):
        known = known_to_headers([f"__NR_{call.name}" for call in self.table.calls])
        for call in self.table.calls:
            with self.subTest(call.name):
                self.assertEqual(known[f"__NR_{call.name}"], call.number)


if __name__ == "__main__":
    unittest.main()
