"""The rules of the system-call table: each is broken once, in a small table, and must be noticed."""

import sys
import tomllib
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/syscalls"))

import generate
import kernel
import page
import table as tables

SMALL = """
[flags.how]
about = "how to open"
supported = { O_A = 1, O_B = 4 }
ignored = { O_C = 2 }
refused = { O_D = [8, "EOPNOTSUPP"] }
unknown = "EINVAL"

[choices.which]
about = "which one"
supported = { ONE = 1, TWO = 2 }
unknown = "EINVAL"

[names.place]
about = "places"
values = { HERE = -100 }

[calls.files]
open_at = { number = 2, level = 1, restart = "restart", returns = "fd", arguments = ["folder: dirfd", "path: path", "flags: flags how"] }
open = { number = 1, level = 1, restart = "restart", returns = "fd", arguments = ["path: path", "flags: flags how"], alias = "open_at(HERE, path, flags)" }
pick = { number = 5, level = 2, arguments = ["what: choice which", "data: out byte[size]", "size: size"] }
"""


class TableTest(unittest.TestCase):
    def build(self, old="", new=""):
        self.assertIn(old, SMALL)
        return tables.build(tomllib.loads(SMALL.replace(old, new)))

    def assert_refused(self, old, new, complaint):
        with self.assertRaises(tables.TableError) as raised:
            self.build(old, new)
        self.assertIn(complaint, str(raised.exception))

    def test_the_small_table_is_fine(self):
        table = self.build()
        self.assertEqual(["open_at", "open", "pick"], [call.name for call in table.calls])
        self.assertEqual("data", table.call("pick").arguments[1].name)
        self.assertEqual("size", table.call("pick").arguments[1].length)

    def test_the_same_number_twice(self):
        self.assert_refused("number = 5", "number = 2", "both have the number 2")

    def test_an_unknown_set(self):
        self.assert_refused("choice which", "choice what", "there is no set [choices.what]")

    def test_an_unused_set(self):
        self.assert_refused("choice which", "int", "choices.which is used by no call")

    def test_an_unknown_kind(self):
        self.assert_refused("size: size", "size: huge", "'huge' is no kind")

    def test_a_length_that_is_no_argument(self):
        self.assert_refused("byte[size]", "byte[length]", "length length is no argument")

    def test_an_unknown_restart(self):
        self.assert_refused('number = 2, level = 1, restart = "restart"',
                            'number = 2, level = 1, restart = "sometimes"', "restart 'sometimes'")

    def test_a_level_outside_the_staircase(self):
        self.assert_refused("level = 2", "level = 9", "level 9")

    def test_an_alias_of_nothing(self):
        self.assert_refused("open_at(HERE", "openat(HERE", "is an alias of openat")

    def test_an_alias_with_too_few_arguments(self):
        self.assert_refused("(HERE, path, flags)", "(HERE, path)", "2 arguments, it takes 3")

    def test_an_alias_with_an_unknown_word(self):
        self.assert_refused("(HERE,", "(THERE,", "'THERE' in its alias")

    def test_an_alias_that_waits_otherwise(self):
        self.assert_refused('number = 1, level = 1, restart = "restart"', "number = 1, level = 1",
                            "waits as 'None'")

    def test_one_name_two_values(self):
        self.assert_refused("ONE = 1", "O_A = 7, ONE = 1", "O_A is 1 and")

    def test_one_value_twice_in_a_choice(self):
        self.assert_refused("TWO = 2", "TWO = 1", "a value stands there twice")

    def test_an_error_that_is_none(self):
        self.assert_refused('"EOPNOTSUPP"', '"no"', "is no errno")

    def test_unknown_keys(self):
        self.assert_refused("level = 2,", "level = 2, colour = 3,", "unknown keys ['colour']")

    def test_all_mistakes_are_told_at_once(self):
        with self.assertRaises(tables.TableError) as raised:
            tables.build(tomllib.loads(SMALL.replace("level = 2", "level = 9").replace("size: size", "size: huge")))
        self.assertIn("huge", str(raised.exception))

    def test_the_check_of_flags(self):
        text = "\n".join(kernel.check_of_flags(self.build().sets["flags", "how"]))
        self.assertIn("flags & ~uint32_t{0x7}) == 0) [[likely]] return flags & 0x5;", text)
        self.assertIn("flags & 0x8) != 0) return fail(Errno::opnotsupp)", text)

    def test_an_alias_calls_the_newer_one(self):
        table = self.build()
        text = "\n".join(kernel.thunk(table.call("open"), table))
        self.assertIn("call_open_at(context, {static_cast<uint64_t>(abi::k_here), raw[0], raw[1]})", text)


class RealTableTest(unittest.TestCase):
    def setUp(self):
        self.table = tables.load(ROOT / "kernel/syscall/table.toml")

    def test_the_page_is_up_to_date(self):
        written = (ROOT / "userlib/sys/SYSCALLS.md").read_text(encoding="utf-8")
        self.assertEqual(page.page(self.table), written, "run make syscalls-page")

    def test_every_output_can_be_made(self):
        for name, make in generate.OUTPUTS.items():
            with self.subTest(name):
                self.assertTrue(make(self.table))

    def test_the_stairs_below_system_v_are_complete(self):
        """Every call that the levels up to 7 name, but for System V's and the sockets'."""
        named = set(STAIRS.split())
        self.assertEqual(set(), named - {call.name for call in self.table.calls} - {"rseq"})


# What each level of the staircase adds. rseq may be missing: it is tolerated everywhere.
STAIRS = """
write ioctl writev execve arch_prctl set_tid_address exit_group
mmap mprotect munmap brk readlink newfstatat set_robust_list prlimit64 getrandom rseq
rt_sigaction rt_sigprocmask rt_sigreturn sched_yield madvise nanosleep getpid clone exit gettid tkill futex
clock_gettime clock_nanosleep tgkill
read open close stat fstat lseek readv pipe dup dup2 fork vfork wait4 kill fcntl getcwd chdir mkdir rmdir link
unlink getuid getgid geteuid getegid getppid mknod openat pipe2
lstat poll access sendfile uname rename symlink umask rt_sigsuspend prctl time getdents64 mknodat utimensat
pread64 ftruncate gettimeofday sysinfo setpgid getpgrp setsid getpgid getsid statfs sched_getaffinity
restart_syscall
select pselect6 ppoll pause getitimer setitimer alarm getrusage times rt_sigpending rt_sigtimedwait
rt_sigqueueinfo sigaltstack timer_create timer_settime timer_gettime timer_getoverrun timer_delete clock_getres
waitid pwrite64 msync fsync truncate chmod fchmod chown unlinkat dup3 capget
getpriority setpriority sched_setparam sched_getparam sched_setscheduler sched_getscheduler
sched_get_priority_max sched_get_priority_min sched_rr_get_interval sched_setaffinity
socketpair getrlimit epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait eventfd2
mremap mincore clone3 timerfd_create timerfd_settime timerfd_gettime signalfd4 pidfd_open pidfd_send_signal
memfd_create flock close_range preadv pwritev faccessat2
"""

if __name__ == "__main__":
    unittest.main()
