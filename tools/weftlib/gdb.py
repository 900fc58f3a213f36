"""tools/weft gdb: boots a kernel, stops it at its first line of C++, and debugs it with gdb in this
terminal. The console is in a second pane of tmux where there is one, else in build/console.log."""

import argparse
import os
import select
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile

from weftlib import machine
from weftlib.errors import SetupError
from weftlib.guest import Console, Debugger, Guest, die_with_launcher, end_on_signals

TOOLS = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
COMMANDS_FILE = os.path.join(TOOLS, "gdb", "weft.py")
CONSOLE_LOG = "build/console.log"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tools/weft gdb", description=__doc__)
    machine.add_arguments(parser)
    parser.add_argument("--cmd", metavar="COMMANDS", help="the guest runs these, and powers off")
    parser.add_argument("--symbols", action="append", default=[], metavar="PATH",
                        help="a program with symbols, or a folder of such; may be given often")
    parser.add_argument("--script", metavar="FILE", help="gdb runs this file and ends (for tests)")
    parser.add_argument("--console", default=CONSOLE_LOG, metavar="FILE", help="what the guest prints")
    parser.add_argument("--no-tmux", action="store_true", help="use no second pane")
    options = parser.parse_args(arguments)
    if shutil.which("gdb") is None:
        raise SetupError("gdb is not installed")
    if options.cmd is not None and '"' in options.cmd:
        raise SetupError("commands can't contain a double quote")
    computer = machine.from_arguments(options)
    if options.cmd is not None:
        computer.append.append(f'cmd="{options.cmd}"')

    end_on_signals()
    with tempfile.TemporaryDirectory(prefix="weft-gdb-") as folder:
        socket = os.path.join(folder, "gdb")
        debugger = gdb_command(computer, socket, options.symbols, options.script, options.console)
        if options.script is None and not options.no_tmux and sys.stdin.isatty() and shutil.which("tmux"):
            return in_two_panes(debugger, console_command(arguments, options, socket))
        console = Console(log=options.console)
        return beside(computer, Debugger(socket), console, debugger, quiet=options.script is not None)


def gdb_command(computer: machine.Machine, socket: str, symbols: list[str], script: str | None,
                console: str, is_replay: bool = False) -> list[str]:
    """gdb, with our commands, about to connect."""
    places = [*symbols, *([computer.initrd] if computer.initrd else [])]
    words = " ".join(shlex.quote(place) for place in places)
    command = ["gdb", "-q", "-iex", "set confirm off", "-iex", f"add-auto-load-safe-path {TOOLS}"]
    if script is not None:
        command += ["-nx", "-batch"]
    command += ["-ex", f"file {computer.kernel}", "-ex", f"source {COMMANDS_FILE}",
                "-ex", f"weft symbols {words}", "-ex", f"weft console {console}",
                "-ex", f"weft connect {socket}" + (" recording" if is_replay else "")]
    return command + (["-x", script] if script is not None else [])


def console_command(arguments: list[str], options: argparse.Namespace, socket: str) -> list[str]:
    """The same machine, with its console in the terminal where this is run."""
    command = [os.path.join(TOOLS, "weft"), "run", "--gdb", socket, "--serial-log", options.console]
    words = iter(arguments)
    for word in words:
        if word in ("--symbols", "--console"):
            next(words)
        elif word != "--no-tmux":
            command.append(word)
    return command if options.cmd is not None else [*command, "--interactive"]


def in_two_panes(debugger: list[str], console: list[str]) -> int:
    """gdb above, the console below. Inside tmux the pane we are in becomes gdb's."""
    pane = ["split-window", "-d", "-v", "-l", "40%", shlex.join(console)]
    if os.environ.get("TMUX"):
        subprocess.run(["tmux", *pane], check=True)
        return ignoring_interrupts(lambda: subprocess.run(debugger, check=False).returncode)
    session = ["tmux", "new-session", shlex.join(debugger), ";", *pane]
    return subprocess.run(session, check=False).returncode


def beside(computer: machine.Machine, debugger: Debugger, console: Console, command: list[str],
           quiet: bool, nonce: str | None = None) -> int:
    """Runs gdb in front and the machine behind it; both end with gdb. gdb's exit status."""
    if not quiet:
        print(f"weft: what the machine prints goes to {console.log}")
    with Guest(computer, None, console, debugger=debugger, nonce=nonce) as guest:
        ended, alive = os.pipe()
        with subprocess.Popen(command, pass_fds=[alive], preexec_fn=die_with_launcher) as process:
            os.close(alive)
            guest.watch(ended)  # its end comes with gdb's
            try:
                ending = ignoring_interrupts(
                    lambda: guest.wait(until=lambda report: bool(select.select([ended], [], [], 0)[0])))
                status = ignoring_interrupts(process.wait)
            except BaseException:
                process.kill()  # a gdb that hangs hears nothing else
                raise
    if ending is not None and ending.failed():
        print(f"weft: QEMU has ended: {ending.qemu_said.strip()} (status {ending.exit_code})", file=sys.stderr)
    return status


def ignoring_interrupts(run):
    """Ctrl-C is gdb's while this runs: it stops the machine, not us."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return run()
    finally:
        signal.signal(signal.SIGINT, before)
