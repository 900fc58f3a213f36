"""The simulator's figures against figures computed by hand, for workloads small enough for that."""

import contextlib
import io
import json
import pathlib
import random
import sys
import tempfile
import unittest
from xml.etree import ElementTree

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "tools"))

from weftlib import sched  # noqa: E402 (needs the path above)
from weftlib.errors import SetupError  # noqa: E402
from weftlib.sched_figures import figures_of  # noqa: E402

MS = 1_000_000


def run(*arguments: str) -> str:
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        status = sched.main([*arguments])
    assert status == 0
    return output.getvalue()


def simulate(workload: str, policy: str, *more: str) -> dict:
    return json.loads(run("--workload", workload, "--policy", policy, "--json", *more))[0]


def simulate_text(text: str, policy: str, *more: str) -> dict:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(text)
        file.flush()
        return simulate(file.name, policy, *more)


def figures(result: dict, what: str) -> dict:
    """Of each job, in the workload's units."""
    return {job["name"]: job[what] / result["unit"] for job in result["jobs"]}


class Textbook(unittest.TestCase):
    def test_round_robin(self):
        result = simulate("textbook_rr", "rr")
        self.assertEqual(figures(result, "waiting"), {"A": 6, "B": 4, "C": 7})
        self.assertEqual(figures(result, "turnaround"), {"A": 30, "B": 7, "C": 10})
        self.assertEqual(figures(result, "response"), {"A": 0, "B": 4, "C": 7})
        self.assertAlmostEqual(result["mean_waiting"] / result["unit"], 17 / 3)
        self.assertEqual(result["switches"], 4)  # to A, B, C, A

    def test_first_come_first_served(self):
        result = simulate("textbook_fcfs", "rr")
        self.assertEqual(figures(result, "waiting"), {"A": 0, "B": 24, "C": 27})
        self.assertEqual(result["mean_waiting"] / result["unit"], 17)

    def test_first_come_first_served_with_the_short_ones_first(self):
        result = simulate("textbook_fcfs_short_first", "rr")
        self.assertEqual(figures(result, "waiting"), {"B": 0, "C": 3, "A": 6})
        self.assertEqual(result["mean_waiting"] / result["unit"], 3)

    def test_preemptive_priorities(self):
        result = simulate("textbook_priority", "prio")
        self.assertEqual(figures(result, "turnaround"), {"A": 20, "B": 12, "C": 2, "D": 27})
        self.assertEqual(figures(result, "response"), {"A": 0, "B": 0, "C": 0, "D": 17})
        self.assertEqual(figures(result, "waiting"), {"A": 12, "B": 2, "C": 0, "D": 17})
        self.assertEqual(result["preemptions"], 2)


class Policies(unittest.TestCase):
    def test_the_convoy(self):
        # Round robin: the truck runs 10 ms, then each car 1 ms, whenever they have come back.
        slow = simulate("convoy", "rr")
        self.assertEqual(figures(slow, "response"), {"truck": 0, "car1": 9, "car2": 10, "car3": 11})
        # Feedback: the truck has sunk after 5 ms. Car 1 waits for these 5 ms and never again: it runs
        # 5-6, 16-17, 27-28, 38-39, 49-50, 60-61, and its last I/O ends at 71.
        quick = simulate("convoy", "mlfq")
        self.assertEqual(figures(quick, "waiting"), {"truck": 18, "car1": 4, "car2": 5, "car3": 6})
        self.assertEqual(figures(quick, "finish")["car1"], 71)
        # No policy does less work.
        self.assertEqual(slow["end"], 218 * MS)
        self.assertEqual(quick["end"], 218 * MS)

    def test_feedback_queues_serve_the_short_job_at_once(self):
        result = simulate("mlfq_long_job", "mlfq")
        self.assertEqual(figures(result, "response")["short"], 0)
        self.assertEqual(figures(result, "turnaround"), {"long": 204, "short": 4})

    def test_feedback_queues_are_not_fooled(self):
        service = figures(simulate("gaming", "mlfq"), "cpu")
        self.assertLessEqual(service["gamer"], service["honest"])

    def test_fair_shares_are_in_proportion_to_weight(self):
        result = simulate("shares", "fair")
        weights = {"normal": 1, "nice": 1.25 ** -5, "nicest": 1.25 ** -10}
        for name, service in figures(result, "cpu").items():
            self.assertAlmostEqual(service, 1000 * weights[name] / sum(weights.values()), delta=4)
        self.assertGreater(result["fairness"], 0.999)

    def test_round_robin_does_not_look_at_niceness(self):
        for service in figures(simulate("shares", "rr"), "cpu").values():
            self.assertAlmostEqual(service, 1000 / 3, delta=10)

    def test_a_yield_lets_the_next_one_run(self):
        result = simulate_text("job a : cpu 1, yield, cpu 1\njob b : cpu 2\n", "rr")
        self.assertEqual(figures(result, "finish"), {"a": 4, "b": 3})

    def test_every_example_does_all_its_work_under_every_policy(self):
        for path in sorted(HERE.glob("*.txt")):
            for policy in sched.POLICIES:
                with self.subTest(workload=path.name, policy=policy):
                    for cpus in ("1", "3"):
                        result = simulate(str(path), policy, "--cpus", cpus)
                        unfinished = [job for job in result["jobs"] if job["finish"] is None]
                        self.assertEqual(bool(unfinished), "until" in path.read_text())


class SeveralCpus(unittest.TestCase):
    def test_as_many_jobs_as_cpus_wait_for_nobody(self):
        result = simulate_text("job a count 4 : cpu 30\n", "fair", "--cpus", "4")
        self.assertEqual(set(figures(result, "turnaround").values()), {30})
        self.assertEqual(result["cpu_use"], 1)

    def test_a_job_comes_back_to_the_cpu_where_it_was(self):
        # When b's first I/O ends at 3, both CPUs are idle.
        result = simulate_text("job a : cpu 2\njob b repeat 5 : cpu 1, io 2\n", "rr", "--cpus", "2")
        self.assertEqual(result["migrations"], 0)

    def test_an_idle_cpu_takes_work_from_the_others(self):
        # b and c are on CPU 1. CPU 0 has done a and d at 6, and c moves to it.
        result = simulate_text("job a : cpu 5\njob b : cpu 9\njob d : cpu 1\njob c : cpu 9\n", "rr",
                               "--cpus", "2")
        self.assertEqual(figures(result, "finish"), {"a": 5, "b": 9, "d": 6, "c": 15})
        self.assertEqual(result["migrations"], 1)


class RandomWorkloads(unittest.TestCase):
    """Whatever the policy and the jobs: all the work gets done, on one CPU at a time, and no CPU is
    idle while a job waits."""

    def test_no_work_is_lost_and_no_cpu_is_idle_in_vain(self):
        sched.build_simulator()
        for seed in range(1, 9):
            text, planned = self._workload(random.Random(seed))
            for policy in sched.POLICIES:
                for cpus in (1, 2, 4):
                    with self.subTest(seed=seed, policy=policy, cpus=cpus):
                        self._check(text, planned, policy, cpus)

    @staticmethod
    def _workload(choose: random.Random) -> tuple[str, dict]:
        lines, planned = [], {}
        for number in range(choose.randint(1, 12)):
            rounds = choose.randint(1, 4)
            bursts = [choose.randint(1, 30) for _ in range(choose.randint(1, 3))]
            planned[f"j{number}"] = rounds * sum(bursts)
            steps = ", ".join(f"cpu {length}, {choose.choice(['yield', 'io 3', 'io 20'])}"
                              for length in bursts)
            lines.append(f"job j{number} at {choose.randint(0, 40)} nice {choose.randint(-20, 19)} "
                         f"priority {choose.randint(0, 63)} repeat {rounds} : {steps}\n")
        return "".join(lines), planned

    def _check(self, text: str, planned: dict, policy: str, cpus: int):
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write(text)
            file.flush()
            outcome = sched.simulate(policy, cpus, file.name)
        self.assertEqual({job.name: job.cpu / MS for job in outcome.jobs}, planned)
        instants = sorted({time for history in outcome.histories for interval in history
                           for time in interval[:2]})
        for start, end in zip(instants, instants[1:]):
            now = [what for history in outcome.histories for begin, stop, what in history
                   if begin <= start and end <= stop]
            running = [what for what in now if isinstance(what, int)]
            self.assertEqual(len(running), len(set(running)), f"one CPU, two jobs at {start}")
            if "ready" in now:
                self.assertEqual(len(running), cpus, f"an idle CPU and a job that waits at {start}")


class Fairness(unittest.TestCase):
    """By hand: two jobs of 10 ms, one after the other, on one CPU."""

    RAW = {"unit": MS, "end": 20 * MS, "switches": 2, "preemptions": 0, "migrations": 0, "jobs": [
        {"name": "first", "nice": 0, "priority": 31, "arrival": 0, "finish": 10 * MS,
         "history": [[0, 10 * MS, 0]]},
        {"name": "second", "nice": 0, "priority": 31, "arrival": 0, "finish": 20 * MS,
         "history": [[0, 10 * MS, "ready"], [10 * MS, 20 * MS, 0]]}]}

    def test_lag_and_index(self):
        outcome = figures_of("none", 1, self.RAW)
        # While both are there, each is entitled to half: after 10 ms the lags are -5 and 5 ms. Then
        # the second has all: it was entitled to 15 and had 10.
        self.assertEqual(outcome.largest_lag, 5 * MS)
        self.assertEqual([job.entitled for job in outcome.jobs], [5 * MS, 15 * MS])
        ratios = [10 / 5, 10 / 15]
        self.assertAlmostEqual(outcome.fairness, sum(ratios) ** 2 / (2 * sum(r * r for r in ratios)))


class Output(unittest.TestCase):
    def test_the_table_has_every_job_and_the_means(self):
        lines = run("--workload", "textbook_rr", "--policy", "rr", "--width", "80").splitlines()
        self.assertIn("A           0   24    0      0        6             6          30       30", lines)
        self.assertIn("mean            10    0      3.67     5.67          5.67       15.67", lines)

    def test_the_chart_shows_who_runs_when(self):
        # 63 columns are 3 for the names and 60 for the time: two for each unit.
        lines = run("--workload", "textbook_rr", "--policy", "rr", "--width", "63").splitlines()
        self.assertIn("A |" + "█" * 8 + "·" * 12 + "█" * 40, lines)
        self.assertIn("B |" + "·" * 8 + "█" * 6, lines)

    def test_a_comparison_has_a_line_for_each_policy(self):
        output = run("--workload", "convoy", "--compare", "rr,fair")
        table = output[output.index("policy "):].splitlines()
        self.assertEqual([line.split()[0] for line in table[2:4]], ["rr", "fair"])

    def test_the_picture_is_well_formed_and_has_every_run(self):
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/chart.svg"
            run("--workload", "textbook_rr", "--compare", "rr,mlfq", "--svg", path)
            root = ElementTree.parse(path).getroot()
        titles = [element.text for element in root.iter("{http://www.w3.org/2000/svg}title")]
        self.assertIn("A on CPU 0, 0 to 4", titles)
        self.assertIn("C waits, 0 to 7", titles)
        self.assertIn("B ends at 7", titles)
        texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
        self.assertIn("rr", texts)
        self.assertIn("mlfq", texts)


class Errors(unittest.TestCase):
    """Each names the place, what is wrong, and what would be right."""

    CASES = {
        "job a cpu 5": ":1: the ':' before the job's bursts is missing",
        "job : cpu 5": ":1: the job has no name",
        "job a/b : cpu 5": ":1: a job's name is made of letters",
        "\n\njob a : cpu five": ":3: 'five' is not a time",
        "job a : cpu 5 parsecs": ":1: 'parsecs' is too much after 'cpu'",
        "job a : cpu 5h": ":1: '5h' is not a time: after the number stands ns, us, ms, s or nothing",
        "job a : cpu -5": ":1: '-5' is not a time",
        "job a : cpu 0": ":1: a burst takes some time",
        "job a : cpu 8..2": ":1: '8..2' is not a range of times",
        "job a : cpu 1,, io 2": ":1: an empty burst",
        "job a : io 5": ":1: job 'a' never computes",
        "job a : gpu 5": ":1: a burst is 'cpu TIME', 'io TIME' or 'yield', not 'gpu'",
        "job a nice 20 : cpu 5": ":1: 'nice' is a whole number from -20 to 19, not '20'",
        "job a priority 64 : cpu 5": ":1: 'priority' is a whole number from 0 to 63, not '64'",
        "job a count 0 : cpu 5": ":1: 'count' is a whole number from 1 to 10000, not '0'",
        "job a colour red : cpu 5": ":1: a job has at, nice, priority, count, every and repeat, not 'colour'",
        "job a at : cpu 5": ":1: after 'at' stands a time",
        "job a : cpu 5\njob a : cpu 6": ":2: there is already a job 'a'",
        "# x\njob a repeat forever : cpu 5": ":2: job 'a' repeats for ever, but no 'until TIME'",
        "job a : cpu 5\nunit 2ms": ":2: 'unit' has to stand before the first job",
        "jop a : cpu 5": ":1: a line begins with job, unit, until or seed, not with 'jop'",
        "# nothing": ": there is no job in it",
    }

    def test_workloads(self):
        for text, message in self.CASES.items():
            with self.subTest(text=text), self.assertRaises(SetupError) as caught:
                simulate_text(text, "rr")
            self.assertIn(message, str(caught.exception))
            self.assertNotIn("\n", str(caught.exception))

    def test_a_missing_file(self):
        with self.assertRaisesRegex(SetupError, "^no/such: can't be read$"):
            simulate("no/such", "rr")

    def test_options(self):
        for arguments in (["--policy", "fifo"], ["--compare", "rr,fifo"], ["--cpus", "17"],
                          ["--cpus", "0"], []):
            with self.subTest(arguments=arguments), contextlib.redirect_stderr(io.StringIO()):
                with self.assertRaises(SystemExit):
                    run(*arguments, *(["--workload", "convoy"] if arguments else []))


if __name__ == "__main__":
    unittest.main()
