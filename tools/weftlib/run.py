"""tools/weft run: boots a kernel. With --interactive this terminal is the guest's; with --cmd the
guest runs those commands, powers off, and its exit status is ours."""

import argparse
import contextlib
import sys
from typing import Callable

from weftlib import machine
from weftlib.errors import SetupError
from weftlib.explain import explain
from weftlib.guest import Console, Debugger, Guest, end_on_signals
from weftlib.strace import Strace
from weftlib.verdict import Ending, Kind, judge, refusal


def _boot(computer: machine.Machine, silence: float | None, console: Console, debugger: Debugger | None,
          when_started: Callable[[], None]) -> tuple[Guest, Ending]:
    with Guest(computer, silence, console, debugger=debugger) as guest:
        when_started()
        return guest, guest.wait()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tools/weft run", description=__doc__)
    machine.add_arguments(parser)
    parser.add_argument("--interactive", action="store_true",
                        help="use this terminal; Ctrl-C goes to the guest, Ctrl-A x ends QEMU")
    parser.add_argument("--cmd", metavar="COMMANDS", help="run these, such as 'mem; threads', and end")
    parser.add_argument("--type", metavar="TEXT", default="",
                        help="type this at the first prompt (\\n is the Enter key)")
    parser.add_argument("--silence", type=float, default=60, metavar="SECONDS",
                        help="how long a guest without a terminal may be silent (default 60)")
    parser.add_argument("--serial-log", metavar="FILE", help="write what the guest prints here, too")
    parser.add_argument("--gdb", metavar="ADDRESS",
                        help="wait for gdb at this socket (a path) or TCP port (a number)")
    parser.add_argument("--strace", metavar="FILE", nargs="?", const="-",
                        help="write every system call there (by itself: to the standard error output)")
    options = parser.parse_args(arguments)
    if options.cmd is not None and '"' in options.cmd:
        raise SetupError("commands can't contain a double quote")

    computer = machine.from_arguments(options)
    if options.cmd is not None:
        computer.append.append(f'cmd="{options.cmd}"')
    terminal = options.interactive and sys.stdin is not None and sys.stdin.isatty()
    console = Console(
        terminal=terminal, show=not terminal, reads_stdin=options.interactive and not terminal,
        typed=options.type.replace("\\n", "\n").encode(), log=options.serial_log)
    end_on_signals()
    debugger = None if options.gdb is None else Debugger(options.gdb)
    if debugger is not None:
        print(f"weft: the machine waits for a debugger at {options.gdb}", flush=True)
    silence = None if terminal or debugger is not None else options.silence
    if options.strace is None:
        guest, ending = _boot(computer, silence, console, debugger, lambda: None)
    else:
        with contextlib.ExitStack() as stack:
            out = sys.stderr
            if options.strace != "-":
                out = stack.enter_context(open(options.strace, "w", encoding="utf-8"))
            calls = stack.enter_context(Strace(computer, out))
            guest, ending = _boot(computer, silence, console, debugger, calls.start)
            calls.finish()
    if debugger is not None:
        return 0  # who has ended it, and how, was up to the debugger
    verdict = judge(ending, guest.report, wants_tests=False)
    if verdict.kind is Kind.PASSED:
        return 0
    status = refusal(ending) if guest.report.end is None else guest.report.end
    if verdict.kind is Kind.WRONG_ANSWER and status and not guest.report.faults:
        return status
    explain(verdict, guest, ["run", *arguments], tail=0)
    return verdict.kind.exit_status
