"""From events to the picture and the totals: worked out by hand for small runs."""

import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import made_up  # noqa: E402 (needs the path above)

import events  # noqa: E402
import model  # noqa: E402
import text  # noqa: E402
import totals  # noqa: E402


def spans(row) -> list[tuple]:
    return [(span.start, span.end, span.what) for span in row]


class PingPong(unittest.TestCase):
    def setUp(self):
        self.model = model.build(made_up.ping_pong())

    def test_the_cpu_runs_them_in_turn(self):
        self.assertEqual(spans(self.model.cpus[0]), [(10, 30, 1), (30, 60, 2), (60, 100, 1), (100, 130, 2)])

    def test_each_thread_has_its_states(self):
        self.assertEqual(spans(self.model.threads[1].states), [
            (0, 10, "Runnable"), (10, 30, "Running"), (30, 50, "Waiting"), (50, 60, "Runnable"),
            (60, 100, "Running")])
        self.assertEqual(spans(self.model.threads[2].states), [
            (5, 30, "Runnable"), (30, 60, "Running"), (60, 100, "Runnable"), (100, 130, "Running")])
        self.assertEqual(self.model.threads[1].states[2].detail, 0x10)

    def test_the_wake_up_leads_from_the_waker_to_the_run(self):
        (wake,) = self.model.wakes
        self.assertEqual((wake.when, wake.by, wake.thread, wake.runs_at, wake.runs_on), (50, 2, 1, 60, 0))

    def test_names_and_calls(self):
        self.assertEqual(self.model.threads[2].title(), "pong")
        self.assertEqual(self.model.threads[1].calls, [(90, 95, 39, 7)])

    def test_totals(self):
        sums = totals.of(self.model)
        self.assertEqual((sums.length, sums.switches, sums.busy), (130, 5, [120]))
        ping = next(each for each in sums.threads if each.title == "ping")
        self.assertEqual((ping.times["Running"], ping.times["Runnable"], ping.times["Waiting"]), (60, 20, 20))
        self.assertEqual((ping.switches, ping.calls), (2, 1))
        self.assertEqual(sums.waits, [("Waiting", 0x10, 1, 20)])
        self.assertEqual(sums.latency[50], 10)
        self.assertEqual(sums.calls, [(39, 1, 5)])
        self.assertIn("ping", text.report(sums))


class Percentiles(unittest.TestCase):
    def test_the_smallest_value_that_so_many_do_not_exceed(self):
        values = list(range(1, 101))
        self.assertEqual([totals.percentile(values, part) for part in (1, 50, 90, 99, 100)], [1, 50, 90, 99, 100])
        self.assertEqual(totals.percentile([7], 50), 7)


class Ends(unittest.TestCase):
    def test_what_is_open_at_the_end_ends_there(self):
        built = model.build(made_up.trace([
            (0, 0, 0, "starts thread", 0, 1), (10, 0, 0, "switches to", 1, 1),
            (20, 0, 1, "call", 0, 3), (40, 0, 1, "timer")]))
        self.assertEqual(spans(built.cpus[0]), [(10, 40, 1)])
        self.assertEqual(built.threads[1].states[-1].end, 40)
        self.assertEqual(built.threads[1].calls, [(20, 40, 0, None)])

    def test_a_call_that_ends_its_thread_ends_with_it(self):
        built = model.build(made_up.trace([
            (0, 0, 0, "switches to", 1, 1), (20, 0, 1, "call", 231), (30, 0, 1, "exits"), (90, 0, 2, "timer")]))
        self.assertEqual(built.threads[1].calls, [(20, 30, 231, None)])

    def test_nothing_at_all(self):
        built = model.build(made_up.trace([]))
        self.assertEqual((built.start, built.end, built.cpus), (0, 0, [[]]))
        self.assertIn("0 events", text.report(totals.of(built)))


class Coroutines(unittest.TestCase):
    def test_states_follow_the_worker(self):
        built = model.build(made_up.trace([
            (0, 0, 5, "belongs to", 0, 9, 9), (1, 0, 5, "starts coroutine", 0, 0xA),
            (2, 0, 5, "starts coroutine", 0, 0xB), (3, 0, 5, "runs coroutine", 0, 0xA),
            (5, 0, 5, "coroutine parks", 2, 0xA, 0x77), (6, 0, 5, "runs coroutine", 0, 0xB),
            (8, 0, 5, "wakes coroutine", 0, 0xA), (9, 0, 5, "runs coroutine", 0, 0xA),
            (12, 0, 5, "coroutine ends", 0, 0xA), (13, 0, 5, "timer")]))
        first, second = built.coroutines[9, 0xA], built.coroutines[9, 0xB]
        self.assertEqual(spans(first.states), [(1, 3, "Runnable"), (3, 5, "Running"), (5, 8, "Parked"),
                                               (8, 9, "Runnable"), (9, 12, "Running")])
        self.assertEqual(spans(second.states), [(2, 6, "Runnable"), (6, 9, "Running"), (9, 13, "Runnable")])

    def test_a_turn_elsewhere_is_not_ended_by_the_worker_that_it_left(self):
        built = model.build(made_up.trace([
            (0, 0, 5, "belongs to", 0, 9, 9), (0, 0, 6, "belongs to", 0, 9, 10),
            (1, 0, 5, "runs coroutine", 0, 0xA), (3, 1, 6, "runs coroutine", 0, 0xA),
            (5, 0, 5, "runs coroutine", 0, 0xB), (9, 1, 6, "coroutine ends", 0, 0xA)]))
        self.assertEqual(spans(built.coroutines[9, 0xA].states), [(1, 3, "Running"), (3, 9, "Running")])

    def test_wake_ups_lead_to_the_turn_that_they_began(self):
        built = model.build(made_up.coroutines())
        by_coroutine, by_thread = built.coroutine_wakes
        self.assertEqual((by_coroutine.when, by_coroutine.by, by_coroutine.thread), (60, (9, 0xB), (9, 0xA)))
        self.assertEqual((by_coroutine.runs_at, by_coroutine.runs_on), (70, 1))
        self.assertEqual((by_thread.by, by_thread.thread, by_thread.runs_at), (5, (9, 0xC), 90))
        self.assertEqual(built.wakes, [])
        self.assertEqual(built.title_of((9, 0xC)), "coroutine 0xc")

    def test_a_name_comes_in_pieces_and_may_change(self):
        piece = [int.from_bytes(part, "little") for part in (b"first na", b"me\0\0\0\0\0\0", b"second\0\0")]
        events_so_far = [(1, 0, 5, "names coroutine", 0, 0xA, piece[0]), (1, 0, 5, "names coroutine", 1, 0xA, piece[1])]
        self.assertEqual(model.build(made_up.trace(events_so_far)).coroutines[0, 0xA].name, "first name")
        events_so_far.append((2, 0, 5, "names coroutine", 0, 0xA, piece[2]))
        self.assertEqual(model.build(made_up.trace(events_so_far)).coroutines[0, 0xA].name, "second")


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = folder.name + "/run.weft"

    def write(self, blocks, lost):
        kinds = b"".join(b"".join(part.encode().ljust(size, b"\0") for part, size in
                                  zip((kind.name, kind.detail, kind.first, kind.second), (24, 16, 16, 16)))
                         for kind in made_up.kinds())
        writer = events.Writer(self.path, kinds, {"command": "x"})
        for cpu, rows in blocks:
            writer.write(cpu, b"".join(events.EVENT.pack(*row) for row in rows))
        if lost is not None:
            writer.close(lost)
        else:
            writer._file.close()

    def test_what_was_written_is_read_in_the_order_of_time(self):
        self.write([(0, [(10, 1, 4, 0, 2, 3)]), (1, [(5, 2, 7, 1, 9, 0), (20, 2, 7, 0, 8, 0)])], {0: 0, 1: 3})
        trace = events.read(self.path)
        self.assertEqual([event[:3] for event in trace.events], [(5, 1, 2), (10, 0, 1), (20, 1, 2)])
        self.assertEqual(trace.events[1][3], made_up.kinds()[4].name)
        self.assertEqual(trace.lost, {0: 0, 1: 3})

    def test_damaged_files_are_refused(self):
        self.write([(0, [(10, 1, 4, 0, 2, 3)])], None)
        with self.assertRaisesRegex(events.TraceError, "has no end"):
            events.read(self.path)
        data = open(self.path, "rb").read()
        open(self.path, "wb").write(data[:-5])
        with self.assertRaisesRegex(events.TraceError, "middle of a block"):
            events.read(self.path)
        open(self.path, "wb").write(b"hello\n")
        with self.assertRaisesRegex(events.TraceError, "no trace"):
            events.read(self.path)
