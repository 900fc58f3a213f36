"""A demo that prints something else is noticed, and measured numbers are not."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import transcripts  # noqa: E402
from transcripts import comparable  # noqa: E402


class ComparableTest(unittest.TestCase):
    def test_same_is_every_character(self):
        self.assertEqual("took  12 ms\n", comparable("took  12 ms\n", "same"))

    def test_numbers_are_masked_with_the_room_in_front_of_them(self):
        self.assertEqual(comparable("pipe      9.5    -3\n", "numbers"), comparable("pipe 120.25 17\n", "numbers"))
        self.assertNotEqual(comparable("pipe 9\n", "numbers"), comparable("pipe nine\n", "numbers"))

    def test_turns_are_lines_in_any_order_any_number_of_times(self):
        self.assertEqual(comparable("ping 1\npong 2\nping 3\n", "turns"), comparable("pong 1\nping 2\n", "turns"))
        self.assertNotEqual(comparable("ping 1\n", "turns"), comparable("ping 1\npong 2\n", "turns"))


class PartsTest(unittest.TestCase):
    RUN = "---- one\r\nhello\r\n---- one ends with 0\r\n---- two\r\nsorry\r\n---- two ends with 3\r\n---- three\r\nunfinished\r\n"

    def test_a_status_belongs_to_the_text_and_who_does_not_end_is_not_there(self):
        self.assertEqual({"one": "hello\n", "two": "sorry\nends with 3\n"}, transcripts.parts_of(self.RUN))

    def test_whoever_prints_something_else_or_nothing_is_named(self):
        first, second = transcripts.COMPARED[:2]
        self.assertEqual("same", first.output)
        with tempfile.TemporaryDirectory() as folder:
            for demo in transcripts.COMPARED:
                (Path(folder) / f"{demo.name}.txt").write_text("right\n", encoding="utf-8")
            run = {demo.name: "right\n" for demo in transcripts.COMPARED}
            self.assertEqual({}, transcripts.differences(run, Path(folder)))
            run[first.name] = "wrong\n"
            del run[second.name]
            self.assertEqual({first.name, second.name}, set(transcripts.differences(run, Path(folder))))


if __name__ == "__main__":
    unittest.main()
