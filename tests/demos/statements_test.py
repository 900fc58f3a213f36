"""What the demos' figures are there to say. Time is counted in instructions here, so it is the same in every run."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import transcripts  # noqa: E402  (it finds tools/demos, too)
import figures  # noqa: E402
import table  # noqa: E402

WEFT = [str(transcripts.ROOT / "tools/weft"), "run", "--kernel", str(transcripts.ROOT / transcripts.KERNEL),
        "--initrd", str(transcripts.ROOT / "build/initrd.cpio")]


class StatementsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        machine, = figures.MACHINES["instructions"]
        demos = [demo for demo in table.demos(transcripts.ROOT) if demo.measured == "instructions"]
        cls.found = figures.measure(WEFT, machine, demos)

    def column(self, demo, index=0):
        """By the first column, the values of another one."""
        found = self.found[demo]
        return dict(zip(found.names, found.column(index)))

    def test_a_process_switch_costs_more_than_a_threads_and_that_more_than_a_coroutines(self):
        cost = self.column("switches")
        self.assertGreater(cost["processes"], 1.2 * cost["threads"])
        self.assertGreater(cost["threads"], 3 * cost["coroutines"])

    def test_shared_memory_is_the_fastest_of_all(self):
        speed = self.column("means")
        shared = [speed.pop("shared mapping"), speed.pop("System V shared memory")]
        self.assertGreater(min(shared), 1.5 * max(speed.values()))

    def test_a_mutex_is_faster_than_a_semaphore_with_one_key(self):
        cost = self.column("bathroom")
        self.assertGreater(cost["a semaphore with 1 key"], 1.5 * cost["a mutex"])

    def test_with_more_tasks_threads_get_less_done_and_coroutines_hardly_less(self):
        threads, coroutines = (list(self.column("toomany", index).values()) for index in (0, 1))
        self.assertEqual(sorted(threads, reverse=True), threads)
        self.assertLess(threads[-1], 0.5 * threads[0])
        self.assertGreater(coroutines[-1], 0.6 * coroutines[0])

    def test_two_downloads_at_once_take_half_the_time(self):
        time = self.column("downloads")
        alone = time.pop("one after the other")
        for how, together in time.items():
            with self.subTest(how=how):
                self.assertLess(together, 0.6 * alone)

    def test_only_who_polls_works_all_the_time_and_only_who_is_told_reads(self):
        worked, pages = self.column("kettle", 1), self.column("kettle", 3)
        polls = worked.pop("synchronous, non-blocking")
        self.assertGreater(polls, 20 * max(worked.values()))
        self.assertGreater(pages.pop("asynchronous, non-blocking"), 5)
        self.assertEqual([0, 0, 0], list(pages.values()))


if __name__ == "__main__":
    unittest.main()
