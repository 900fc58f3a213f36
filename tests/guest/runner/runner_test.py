"""The runner of the guest programs, tried on cases that misbehave (broken.cc)."""

import os
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__)))))
sys.path.insert(0, f"{ROOT}/tools/guest")

import linux  # noqa: E402 (needs the path above)
import transcript  # noqa: E402
from jobs import Job  # noqa: E402

FOLDER = "build/guest/broken"
SILENCE = 2


class Transcripts(unittest.TestCase):
    def test_cases_are_taken_apart(self):
        cases = transcript.parse("[ 0.1] boot\r\ncase one\r\n  a\r\n  b\r\nkernel says\nended one: exited 0\n"
                                 "case two\n  c\nhung two\n")
        self.assertEqual(cases["one"].lines, ["a", "b"])
        self.assertEqual(cases["one"].ending, "exited 0")
        self.assertEqual(cases["two"].ending, "hung")

    def test_what_others_print_is_told_with_a_difference_only(self):
        cases = transcript.parse("case one\n  a\npanic: out of ideas\nended one: exited 0\n")
        good = transcript.CaseText("one", ["a"], "exited 0")
        self.assertEqual(transcript.difference(good, "left", cases["one"], "right"), "")
        bad = transcript.CaseText("one", ["b"], "exited 0")
        self.assertIn("out of ideas", transcript.difference(bad, "left", cases["one"], "right"))

    def test_what_is_written_is_read_back(self):
        cases = transcript.parse("case one\n  a\nended one: killed by SIGSEGV\n")
        self.assertEqual(transcript.parse(transcript.render(cases)), cases)

    def test_the_unfinished_case_is_found(self):
        self.assertIsNone(transcript.unfinished("case one\nended one: exited 0\n"))
        self.assertEqual(transcript.unfinished("case one\nended one: exited 0\ncase two\n  x\n"), "two")

    def test_differences_in_lines_endings_and_absence_are_seen(self):
        one = transcript.CaseText("x", ["a"], "exited 0")
        self.assertEqual(transcript.difference(one, "left", one, "right"), "")
        for other in (transcript.CaseText("x", ["b"], "exited 0"), transcript.CaseText("x", ["a"], "hung"),
                      transcript.CaseText("x", ["a", "a"], "exited 0"), None):
            self.assertNotEqual(transcript.difference(one, "left", other, "right"), "")
            self.assertNotEqual(transcript.difference(other, "left", one, "right"), "")


class Jobs(unittest.TestCase):
    def test_a_hang_is_noted_and_the_rest_runs(self):
        plans = []

        def run_plan(plan):
            plans.append(plan)
            return "case a\nended a: exited 0\ncase b\n  x\n" if len(plans) == 1 else "case c\nended c: exited 0\n"

        cases = transcript.parse(Job("pipes").run(run_plan))
        self.assertEqual([case.ending for case in cases.values()], ["exited 0", "hung", "exited 0"])
        self.assertEqual(plans, ["/guest/pipes\n", "/guest/pipes --after b\n"])

    def test_chosen_cases_stay_chosen_behind_a_hang(self):
        self.assertEqual(Job("pipes", ["a", "b", "c"]).plan("b"), "/guest/pipes c\n")
        self.assertEqual(Job("pipes", ["a", "b"]).plan("b"), "")


    def test_direct_cases_have_a_plan_each(self):
        plans = []

        def run_plan(plan):
            plans.append(plan)
            name = plan.split()[-1]
            return f"case {name}\n" + ("" if name == "b" else f"ended {name}: exited 0\n")

        cases = transcript.parse(Job("pipes", ["a", "b", "c"], direct=True).run(run_plan))
        self.assertEqual([case.ending for case in cases.values()], ["exited 0", "hung", "exited 0"])
        self.assertEqual(plans[1], "!/guest/pipes --direct b\n")


class Broken(unittest.TestCase):
    """One run of all broken cases in the oracle's world."""

    @classmethod
    def setUpClass(cls):
        try:
            text = Job("broken").run(lambda plan: linux.run_plan(FOLDER, plan, SILENCE))
        except linux.NoOracle as problem:
            raise unittest.SkipTest(f"Linux cannot be asked here: {problem}") from problem
        cls.cases = transcript.parse(text)

    def ending(self, name):
        return self.cases[name].ending

    def test_good_cases_run_before_and_behind(self):
        for name in ("fine_at_first", "fine_at_the_end", "leaves_a_child", "closes_its_output"):
            self.assertEqual(self.ending(name), "exited 0")
        self.assertEqual(self.cases["fine_at_the_end"].lines, ["still well"])

    def test_a_crash_is_told(self):
        self.assertEqual(self.ending("crashes"), "killed by SIGSEGV")

    def test_a_step_that_must_succeed_ends_the_case(self):
        self.assertEqual(self.ending("gives_up"), "exited 99")
        self.assertEqual(self.cases["gives_up"].lines, ["could not do this: EPERM"])

    def test_hangs_are_told(self):
        self.assertEqual(self.ending("hangs"), "hung")
        self.assertEqual(self.cases["hangs"].lines, ["before"])
        self.assertEqual(self.ending("hangs_busily"), "hung")

    def test_a_dead_runner_is_told(self):
        self.assertEqual(self.ending("kills_the_runner"), "hung")

    def test_calls_beyond_the_table_do_not_exist(self):
        self.assertEqual(self.cases["strays_from_the_table"].lines, ["personality: ENOSYS"])

    def test_a_call_can_be_taken_away(self):
        text = Job("broken", ["gives_up"]).run(
            lambda plan: linux.run_plan(FOLDER, plan, SILENCE, without=["fork"]))
        self.assertIn("init: fork: ENOSYS", text)

    def test_what_changes_from_run_to_run_is_a_difference(self):
        name = "says_something_new_each_time"
        again = transcript.parse(
            Job("broken", [name]).run(lambda plan: linux.run_plan(FOLDER, plan, SILENCE)))
        self.assertNotEqual(transcript.difference(self.cases[name], "first", again[name], "second"), "")


if __name__ == "__main__":
    unittest.main()
