"""tools/weft replay: records a run, then debugs the recording with gdb, forwards and backwards.

    tools/weft replay --kernel FILE --initrd FILE --cmd "ls | wc" FOLDER     record, then open gdb
    tools/weft replay FOLDER                                                 open gdb on what is there
"""

import argparse
import json
import os
import shutil
import sys
import tempfile

from weftlib import gdb, qcow2
from weftlib.errors import SetupError
from weftlib.explain import explain
from weftlib.guest import Console, Debugger, Guest, end_on_signals
from weftlib.machine import Machine, Recording
from weftlib.verdict import Kind, judge

MEMORY = "128M"  # what a snapshot has to hold


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tools/weft replay", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="where the recording is, or will be")
    parser.add_argument("--kernel", metavar="FILE", help="record a run of this kernel first")
    parser.add_argument("--initrd", metavar="FILE")
    parser.add_argument("--append", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--cmd", metavar="COMMANDS", help="what the guest runs; without: your terminal")
    parser.add_argument("--mem", default=MEMORY, metavar="SIZE", help=f"of memory (default {MEMORY})")
    parser.add_argument("--symbols", action="append", default=[], metavar="PATH",
                        help="a program with symbols, or a folder of such; may be given often")
    parser.add_argument("--script", metavar="FILE", help="gdb runs this file and ends (for tests)")
    parser.add_argument("--record-only", action="store_true", help="open no gdb")
    options = parser.parse_args(arguments)
    if options.cmd is not None and '"' in options.cmd:
        raise SetupError("commands can't contain a double quote")
    end_on_signals()
    if options.kernel is not None:
        status = record(options, arguments)
        if status != 0:
            return status
    return 0 if options.record_only else debug(options)


def record(options: argparse.Namespace, arguments: list[str]) -> int:
    """Runs the guest once, and keeps all that the run depended on. 0, or the launcher's exit status."""
    append = list(options.append) + ([f'cmd="{options.cmd}"'] if options.cmd is not None else [])
    shutil.rmtree(options.folder, ignore_errors=True)
    os.makedirs(options.folder)
    # Copies: the recording fits only what it was made with, and that may be built anew.
    for what in ("kernel", "initrd"):
        if getattr(options, what) is not None:
            copy(getattr(options, what), os.path.join(options.folder, what))
    qcow2.write_empty(os.path.join(options.folder, "snapshots.qcow2"))
    terminal = options.cmd is None and sys.stdin.isatty()
    if terminal:
        print("weft: all that you type is recorded; end the recording with poweroff")
    computer = machine_of(options.folder, append, options.mem)
    computer.check()
    console = Console(terminal=terminal, show=not terminal, reads_stdin=options.cmd is None and not terminal)
    with Guest(computer, None if terminal else 60, console, controlled=False) as guest:
        with open(os.path.join(options.folder, "machine.json"), "w", encoding="utf-8") as file:
            json.dump({"append": append, "mem": options.mem, "nonce": guest.report.nonce}, file)
        ending = gdb.ignoring_interrupts(guest.wait)  # QEMU ends at Ctrl-], and so do we
    verdict = judge(ending, guest.report, wants_tests=False)
    if verdict.kind in (Kind.PASSED, Kind.WRONG_ANSWER, Kind.CRASH) and guest.report.started:
        return 0  # a run that failed is just what one wants to look at
    explain(verdict, guest, ["replay", *arguments])
    return verdict.kind.exit_status


def copy(path: str, to: str) -> None:
    if not os.path.isfile(path):
        raise SetupError(f"there is no {path}")
    shutil.copyfile(path, to)


def machine_of(folder: str, append: list[str], mem: str, replays: bool = False) -> Machine:
    initrd = os.path.join(folder, "initrd")
    return Machine(kernel=os.path.join(folder, "kernel"), machine="pc", cpu="qemu64", mem=mem, append=append,
                   initrd=initrd if os.path.exists(initrd) else None,
                   recording=Recording(folder, replays))


def debug(options: argparse.Namespace) -> int:
    """gdb on the recording."""
    try:
        with open(os.path.join(options.folder, "machine.json"), encoding="utf-8") as file:
            kept = json.load(file)
    except OSError as error:
        raise SetupError(f"{options.folder} holds no recording: {error.strerror}") from error
    computer = machine_of(options.folder, kept["append"], kept["mem"], replays=True)
    computer.check()
    with tempfile.TemporaryDirectory(prefix="weft-replay-") as folder:
        socket = os.path.join(folder, "gdb")
        log = os.path.join(options.folder, "console.log")
        debugger = gdb.gdb_command(computer, socket, options.symbols, options.script, log, is_replay=True)
        return gdb.beside(computer, Debugger(socket), Console(log=log), debugger,
                          quiet=options.script is not None, nonce=kept["nonce"])
