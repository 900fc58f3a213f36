"""The shell at a terminal, key by key: line editing, history, completion, and job control.

The same sessions run here, and in the booted machine at its serial line: WEFT_CPUS=2 says with how many
CPUs; without it they run here."""

import os
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from machine import MachineSession
from terminal import Session as HostSession

CPUS = os.environ.get("WEFT_CPUS")


def Session():  # pylint: disable=invalid-name
    return MachineSession(int(CPUS)) if CPUS else HostSession()


CTRL_A, CTRL_C, CTRL_D, CTRL_E, CTRL_K, CTRL_L = "\x01", "\x03", "\x04", "\x05", "\x0b", "\x0c"
CTRL_U, CTRL_W, CTRL_Z, BACKSPACE, TAB = "\x15", "\x17", "\x1a", "\x7f", "\t"
LEFT, RIGHT, UP, DOWN, HOME, END, DELETE = "\x1b[D", "\x1b[C", "\x1b[A", "\x1b[B", "\x1b[H", "\x1b[F", "\x1b[3~"

# A program in front that says when it is there. What is typed shows up on the screen, too, so the word
# is taken apart.
FOREVER = "sh -c 'echo re\"\"ady; exec sleep 1000'"
READER = "sh -c 'echo re\"\"ady; exec cat'"  # the same, and then answers each line


class LineEditing(unittest.TestCase):
    def check(self, keys, output):
        with Session() as session:
            self.assertEqual(session.line(keys), output)

    def test_a_line_runs(self):
        self.check("echo hello", "hello\n")

    def test_backspace_takes_back(self):
        self.check("echo helpp" + BACKSPACE * 2 + "lo", "hello\n")

    def test_insertion_in_the_middle(self):
        self.check("echo hlo" + LEFT * 2 + "el", "hello\n")

    def test_home_and_end(self):
        self.check("cho hell" + HOME + "e" + END + "o", "hello\n")

    def test_control_a_and_e(self):
        self.check("cho hell" + CTRL_A + "e" + CTRL_E + "o", "hello\n")

    def test_delete_under_the_cursor(self):
        self.check("echo heXllo" + LEFT * 4 + DELETE, "hello\n")

    def test_kill_to_the_end(self):
        self.check("echo hello world" + LEFT * 6 + CTRL_K, "hello\n")

    def test_kill_to_the_start(self):
        self.check("nonsense" + CTRL_U + "echo hello", "hello\n")

    def test_kill_a_word(self):
        self.check("echo nonsense" + CTRL_W + "hello", "hello\n")

    def test_right_moves_back(self):
        self.check("echo hel" + LEFT * 2 + RIGHT * 2 + "lo", "hello\n")


class History(unittest.TestCase):
    def test_up_repeats_the_last_line(self):
        with Session() as session:
            session.line("echo one")
            self.assertEqual(session.line(UP), "one\n")

    def test_up_and_down(self):
        with Session() as session:
            for word in ("one", "two", "three"):
                session.line(f"echo {word}")
            self.assertEqual(session.line(UP * 3 + DOWN), "two\n")

    def test_an_old_line_can_be_changed(self):
        with Session() as session:
            session.line("echo one")
            self.assertEqual(session.line(UP + " more"), "one more\n")


class Completion(unittest.TestCase):
    def test_a_command(self):
        with Session() as session:
            self.assertEqual(session.line("basen" + TAB + "/a/b"), "b\n")

    def test_a_builtin(self):
        with Session() as session:
            self.assertEqual(session.line("umas" + TAB + "077; umask"), "0077\n")

    def test_a_file(self):
        with Session() as session:
            session.make_file("remarkable", "content\n")
            self.assertEqual(session.line("cat rem" + TAB), "content\n")

    def test_a_file_in_a_folder(self):
        with Session() as session:
            session.make_folder("folder")
            session.make_file("folder/file", "inside\n")
            self.assertEqual(session.line("cat folder/f" + TAB), "inside\n")

    def test_a_folder_goes_on(self):
        with Session() as session:
            session.make_folder("folder")
            session.make_file("folder/file", "inside\n")
            self.assertEqual(session.line("cat fo" + TAB + "fi" + TAB), "inside\n")

    def test_the_common_part_of_several(self):
        with Session() as session:
            for name in ("prefix1", "prefix2"):
                session.make_file(name, name + "\n")
            self.assertEqual(session.line("cat pre" + TAB + "2"), "prefix2\n")

    def test_several_are_listed(self):
        with Session() as session:
            for name in ("xa1", "xa2"):
                session.make_file(name)
            session.type("ls xa" + TAB)
            session.expect("xa1")
            session.expect("xa2")


class Lines(unittest.TestCase):
    def test_control_c_drops_a_line(self):
        with Session() as session:
            session.type("echo dropped" + CTRL_C)
            session.expect("^C")
            session.expect(session.PROMPT)
            self.assertEqual(session.line("echo kept"), "kept\n")

    def test_a_command_over_lines(self):
        with Session() as session:
            session.open_line("for i in 1 2; do")
            session.open_line("echo $i")
            self.assertEqual(session.line("done"), "1\n2\n")

    def test_control_c_drops_all_lines(self):
        with Session() as session:
            session.open_line("if true; then")
            session.type("echo no" + CTRL_C)
            session.expect(session.PROMPT)
            self.assertEqual(session.line("echo fresh"), "fresh\n")

    def test_a_here_document(self):
        with Session() as session:
            session.open_line("cat <<END")
            session.open_line("text")
            self.assertEqual(session.line("END"), "text\n")

    def test_a_syntax_error_does_not_end_it(self):
        with Session() as session:
            self.assertIn("syntax", session.line("echo )"))
            self.assertEqual(session.line("echo $?"), "2\n")

    def test_an_expansion_error_does_not_end_it(self):
        with Session() as session:
            self.assertIn("gone", session.line("echo ${x?gone}; echo not this"))
            self.assertEqual(session.line("echo on"), "on\n")

    def test_control_d_ends_it(self):
        with Session() as session:
            session.line("(exit 7)")
            session.type(CTRL_D)
            self.assertEqual(session.end(), 7)

    def test_control_d_in_a_line_does_not(self):
        with Session() as session:
            self.assertEqual(session.line("echo a" + CTRL_D), "a\n")

    def test_exit_has_a_status(self):
        with Session() as session:
            session.type("exit 3\r")
            self.assertEqual(session.end(), 3)

    def test_the_screen_is_cleared(self):
        with Session() as session:
            session.type("echo x" + CTRL_L)
            session.expect("\x1b[2J")
            self.assertEqual(session.line(""), "x\n")


class JobControl(unittest.TestCase):
    def start_forever(self, session, command=FOREVER):
        session.type(command + "\r")
        session.expect("\n")
        session.expect("ready")

    def test_control_c_ends_a_program(self):
        with Session() as session:
            self.start_forever(session)
            session.type(CTRL_C)
            session.expect(session.PROMPT)
            self.assertEqual(session.line("echo $?"), "130\n")

    def test_control_c_ends_a_whole_pipeline(self):
        with Session() as session:
            self.start_forever(session, f"{FOREVER} | cat | cat")
            session.type(CTRL_C)
            session.expect(session.PROMPT)
            self.assertEqual(session.line("jobs; echo $?"), "0\n")

    def test_control_c_ends_a_busy_pipeline(self):
        with Session() as session:
            session.type("yes | (read x; echo re\"\"ady; cat > /dev/null)\r")
            session.expect("ready")
            session.type(CTRL_C)
            session.expect(session.PROMPT)
            self.assertEqual(session.line("echo on"), "on\n")

    def test_control_c_ends_a_loop_of_programs(self):
        with Session() as session:
            self.start_forever(session, f"while true; do {FOREVER}; done")
            session.type(CTRL_C)
            session.expect(session.PROMPT)
            self.assertEqual(session.line("echo on"), "on\n")

    def test_control_c_ends_a_loop_of_builtins(self):
        with Session() as session:
            session.type("echo re\"\"ady; while true; do :; done\r")
            session.expect("ready")
            session.type(CTRL_C)
            session.expect(session.PROMPT)
            self.assertEqual(session.line("echo on"), "on\n")

    def test_control_c_spares_the_background(self):
        with Session() as session:
            session.line("sleep 1000 &")
            self.start_forever(session)
            session.type(CTRL_C)
            session.expect(session.PROMPT)
            self.assertIn("Running", session.line("jobs"))
            session.line("kill %1")

    def test_stop_and_bring_back(self):
        with Session() as session:
            self.start_forever(session, READER)
            session.type(CTRL_Z)
            session.expect("Stopped")
            session.expect(session.PROMPT)
            self.assertIn("Stopped", session.line("jobs"))
            session.bring_back("fg", "cat")
            session.type(CTRL_C)
            session.expect(session.PROMPT)
            self.assertEqual(session.line("jobs"), "")

    def test_the_status_of_a_stopped_job(self):
        with Session() as session:
            self.start_forever(session)
            session.type(CTRL_Z)
            session.expect(session.PROMPT)
            self.assertEqual(session.line("echo $?"), "148\n")
            session.line("kill -9 %1")

    def test_stop_and_go_on_in_the_background(self):
        with Session() as session:
            self.start_forever(session)
            session.type(CTRL_Z)
            session.expect(session.PROMPT)
            self.assertIn("sleep 1000", session.line("bg"))
            self.assertIn("Running", session.line("jobs"))
            session.line("kill %1; wait %1")
            self.assertNotIn("Running", session.line("jobs"))

    def test_a_stopped_pipeline(self):
        with Session() as session:
            self.start_forever(session, f"{READER} | cat")
            session.type(CTRL_Z)
            session.expect("Stopped")
            session.expect(session.PROMPT)
            session.bring_back("fg", "cat")
            session.type(CTRL_C)
            session.expect(session.PROMPT)
            self.assertEqual(session.line("echo on"), "on\n")

    def test_the_end_of_a_background_job_is_told(self):
        with Session() as session:
            session.line("mkfifo p")
            session.line("read x < p &")
            session.line("echo go > p; wait")
            self.assertIn("on", session.line("echo on"))

    def test_a_done_job_is_told_before_the_prompt(self):
        with Session() as session:
            session.line("mkfifo p q")
            session.line("(read x < p; exec 3> q) &")
            screen = session.line("echo go > p; cat q")
            for _ in range(1000):  # the child ends a little after it closed the pipe
                if "Done" in screen:
                    return
                screen += session.line("true")
            self.fail("nobody told about the job's end")

    def test_a_job_in_the_background_may_not_read(self):
        with Session() as session:
            session.line("cat &")
            screen = ""
            for _ in range(1000):
                screen = session.line("jobs")
                if "Stopped" in screen:
                    break
            self.assertIn("Stopped", screen)
            session.type("fg\r")
            session.expect("cat")
            session.type("typed\r")
            session.expect("typed\r\ntyped")
            session.type(CTRL_D)
            session.expect(session.PROMPT)

    def test_programs_get_an_ordinary_terminal(self):
        with Session() as session:
            session.type("echo re\"\"ady; cat\r")
            session.expect("ready")
            session.type("x\r")
            session.expect("x\r\nx")
            self.assertIn(session.is_raw(), (False, None))
            session.type(CTRL_D)
            session.expect(session.PROMPT)
            self.assertIn(session.is_raw(), (True, None))

    def test_kill_by_job(self):
        with Session() as session:
            session.line("sleep 1000 &")
            session.line("sleep 1001 &")
            session.line("kill %1; wait %1; kill %2; wait %2")
            self.assertNotIn("Running", session.line("jobs"))

    def test_a_trap_at_the_prompt(self):
        with Session() as session:
            session.line("trap 'echo trapped' USR1")
            self.assertIn("trapped", session.line("kill -USR1 $$"))


if __name__ == "__main__":
    unittest.main()
