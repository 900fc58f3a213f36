"""The generated dispatch compiles, and does what the table says, with handlers that only write down
what they get."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/syscalls"))

import generate
import kernel
import table as tables

HERE = Path(__file__).resolve().parent

EINVAL, ENOSYS, EOPNOTSUPP, EAFNOSUPPORT = 22, 38, 95, 97
AT_FDCWD = -100


def recording_handlers(table):
    """A handler for each call: its name and arguments, as text."""
    lines = []
    for call in table.calls:
        if call.target is not None:
            continue
        arguments = kernel.parameters(call)
        declared = "".join(f", {kernel.cpp_type(a)} {a.name}" for a in arguments)
        shown = "".join(f" << ' ' << shown({a.name})" for a in arguments)
        lines.append(f'Result<uint64_t> sys_{call.name}(Context&{declared}) {{'
                     f' std::cout << "{call.name}"{shown} << std::endl; return 7; }}')
    return "\n".join(lines) + "\n"


class DispatchTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls._folder = tempfile.TemporaryDirectory()
        folder = Path(cls._folder.name)
        table = tables.load(ROOT / "kernel/syscall/table.toml")
        for name, make in generate.OUTPUTS.items():
            generate.write(folder / name, make(table))
        generate.write(folder / "recording_handlers.inc", recording_handlers(table))
        cls.program = folder / "dispatch"
        subprocess.run(["clang++-19", "-std=c++23", "-Wall", "-Wextra", "-Werror", "-I", str(HERE / "fake"),
                        "-I", str(folder), "-I", str(ROOT / "kernel"), str(HERE / "fake/main.cc"),
                        str(ROOT / "kernel/core/base/errno.cc"), "-o", str(cls.program)], check=True)

    @classmethod
    def tearDownClass(cls):
        cls._folder.cleanup()

    def call(self, number, *arguments):
        """What the handler saw, and what the call answers: 7, or an errno with a minus."""
        words = [str(number), *(str(argument) for argument in arguments)]
        lines = subprocess.run([str(self.program), *words], check=True, capture_output=True,
                               text=True).stdout.splitlines()
        return (lines[0] if len(lines) > 1 else None), int(lines[-1])

    def test_plain_arguments(self):
        self.assertEqual(self.call(0, 3, 4096, 100), ("read 3 4096 100", 7))

    def test_a_call_without_arguments(self):
        self.assertEqual(self.call(39), ("getpid", 7))

    def test_negative_arguments(self):
        self.assertEqual(self.call(62, -5, 9), ("kill -5 9", 7))

    def test_the_upper_half_of_a_register_does_not_count(self):
        self.assertEqual(self.call(3, (1 << 32) + 4), ("close 4", 7))

    def test_unknown_calls(self):
        for number in (1000, 440, 335, -1, 1 << 40):
            with self.subTest(number):
                self.assertEqual(self.call(number), (None, -ENOSYS))

    def test_an_alias(self):
        self.assertEqual(self.call(2, 64, 0o101, 0o644), (f"openat {AT_FDCWD} 64 65 420", 7))

    def test_an_alias_with_flags(self):
        self.assertEqual(self.call(84, 64), (f"unlinkat {AT_FDCWD} 64 512", 7))

    def test_an_alias_of_its_target_is_checked_too(self):
        self.assertEqual(self.call(2, 64, 0x410000, 0), (None, -EOPNOTSUPP))

    def test_unknown_flags(self):
        self.assertEqual(self.call(293, 64, 1), (None, -EINVAL))
        self.assertEqual(self.call(293, 64, 0x800), ("pipe2 64 2048", 7))

    def test_ignored_flags_are_taken_out(self):
        self.assertEqual(self.call(262, 3, 64, 128, 0x900), ("newfstatat 3 64 128 256", 7))

    def test_unknown_flags_that_linux_ignores(self):
        self.assertEqual(self.call(257, 3, 64, 0x10000000, 0), ("openat 3 64 0 0", 7))

    def test_refused_flags(self):
        self.assertEqual(self.call(257, 3, 64, 0x4000, 0), (None, -EINVAL))

    def test_choices(self):
        self.assertEqual(self.call(28, 4096, 4096, 4), ("madvise 4096 4096 4", 7))
        self.assertEqual(self.call(28, 4096, 4096, 99), (None, -EINVAL))

    def test_an_ignored_choice_is_seen(self):
        self.assertEqual(self.call(28, 4096, 4096, 3), ("madvise 4096 4096 3", 7))

    def test_choices_with_modifiers(self):
        self.assertEqual(self.call(144, 5, 0x40000003, 64), ("sched_setscheduler 5 1073741827 64", 7))
        self.assertEqual(self.call(144, 5, 0x40000009, 64), (None, -EINVAL))

    def test_choices_that_the_handler_checks(self):
        self.assertEqual(self.call(202, 64, 128 + 11, 1, 0, 0, 0), ("futex 64 139 1 0 0 0", 7))

    def test_another_errno_for_what_is_refused(self):
        self.assertEqual(self.call(53, 10, 1, 0, 64), (None, -EAFNOSUPPORT))

    def test_a_negative_choice(self):
        self.assertEqual(self.call(98, -1, 64), ("getrusage -1 64", 7))
        self.assertEqual(self.call(98, -2, 64), (None, -EINVAL))

    def test_a_choice_left_to_the_handler(self):
        self.assertEqual(self.call(8, 3, 10, 77), ("lseek 3 10 77", 7))

    def test_exact_sizes(self):
        self.assertEqual(self.call(13, 2, 0, 64, 8), ("rt_sigaction 2 0 64", 7))
        self.assertEqual(self.call(13, 2, 0, 64, 16), (None, -EINVAL))

    def test_exact_sizes_that_depend(self):
        self.assertEqual(self.call(271, 64, 1, 0, 0, 77), ("ppoll 64 1 0 0", 7))
        self.assertEqual(self.call(271, 64, 1, 0, 64, 77), (None, -EINVAL))

    def test_fork_is_a_clone(self):
        self.assertEqual(self.call(57), ("clone 17 0 0 0 0", 7))
        self.assertEqual(self.call(58), ("clone 16657 0 0 0 0", 7))

    def test_the_exit_signal_is_no_unknown_flag(self):
        self.assertEqual(self.call(56, 0x100 | 17, 0, 0, 0, 0), ("clone 273 0 0 0 0", 7))
        self.assertEqual(self.call(56, 0x20000000, 0, 0, 0, 0), (None, -EINVAL))


if __name__ == "__main__":
    unittest.main()
