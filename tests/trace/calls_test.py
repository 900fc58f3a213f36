"""System calls as text: made-up events in, the lines of strace out."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import made_up  # noqa: E402 (needs the path above)

import calls  # noqa: E402

MINUS_2 = 2**64 - 2


def line(*events) -> str:
    made = made_up.trace([(0, 0, 3, "belongs to", 0, 7, 8), *events])
    (only,) = calls.Reader().lines(iter(made.events))
    return only.split(maxsplit=3)[3] if only.startswith("[ ") else only.split(maxsplit=2)[2]


def words(text: str) -> list[tuple[int, int]]:
    data = text.encode()
    return [made_up.name(data[at:at + 16].decode()) for at in range(0, len(data), 16)]


class Calls(unittest.TestCase):
    def test_paths_flags_and_modes(self):
        path = "/tmp/a file with a long name"
        texts = [(12 + i, 0, 3, "text", 0, *pair) for i, pair in enumerate(words(path))]
        self.assertEqual(
            line((10, 0, 3, "call", 2, 0x5000, 0x241), (11, 0, 3, "arguments", 2, 0o644, 0), *texts,
                 (20, 0, 3, "return", 2, 3)),
            f'open("{path}", O_WRONLY|O_CREAT|O_TRUNC, 0644) = 3')

    def test_reading_shows_what_came_and_errors_have_names(self):
        self.assertEqual(
            line((10, 0, 3, "call", 0, 5, 0x5000), (11, 0, 3, "arguments", 2, 4096, 0),
                 (12, 0, 3, "text", 1, *made_up.name('a"b\n')), (20, 0, 3, "return", 0, 4)),
            'read(5, "a\\"b\\n", 4096) = 4')
        self.assertEqual(
            line((10, 0, 3, "call", 3, 9, 0), (20, 0, 3, "return", 3, MINUS_2)), "close(9) = -1 ENOENT")

    def test_long_buffers_are_cut_and_say_so(self):
        text = line((10, 0, 3, "call", 1, 1, 0x5000), (11, 0, 3, "arguments", 2, 500, 0),
                    *[(12, 0, 3, "text", 1, *made_up.name("x" * 16))] * 2, (20, 0, 3, "return", 1, 500))
        self.assertEqual(text, f'write(1, "{"x" * 32}"..., 500) = 500')

    def test_a_call_that_never_returns(self):
        self.assertEqual(line((10, 0, 3, "call", 231, 4, 0), (20, 0, 3, "exits", 0, 1024)), "exit_group(4) = ?")

    def test_threads_do_not_get_mixed_up(self):
        made = made_up.trace([
            (1, 0, 3, "belongs to", 0, 7, 8), (1, 1, 4, "belongs to", 0, 7, 9),
            (2, 0, 3, "call", 39), (3, 1, 4, "call", 110), (4, 0, 3, "return", 39, 7), (5, 1, 4, "return", 110, 1)])
        lines = list(calls.Reader().lines(iter(made.events)))
        self.assertRegex(lines[0], r"^\[   8\] +0\.000000 getpid\(\) = 7$")
        self.assertRegex(lines[1], r"^\[   9\] +0\.000000 getppid\(\) = 1$")

    def test_flags(self):
        self.assertEqual(calls.flags("open", 0), "O_RDONLY")
        self.assertEqual(calls.flags("open", 0x80000), "O_RDONLY|O_CLOEXEC")
        self.assertEqual(calls.flags("pipe", 0), "0")
        self.assertEqual(calls.flags("pipe", 0x80800 | 0x40000000), "O_NONBLOCK|O_CLOEXEC|0x40000000")

    def test_a_call_nobody_knows(self):
        self.assertEqual(line((10, 0, 3, "call", 511, 4, 0), (20, 0, 3, "return", 511, 2**64 - 38)),
                         "call_511() = -1 ENOSYS")
