"""tools/weft trace: runs commands in the machine and records all that happens there; then writes the
trace for the Perfetto viewer, the page with the timeline, and the totals.
  tools/weft trace --kernel FILE --initrd FILE --cmd 'pingpong' --out build/trace
  tools/weft trace --report build/trace/run.weft
  tools/weft trace --report A.weft B.weft --out DIR     (one page with both)"""

import argparse
import os
import sys

from weftlib import machine
from weftlib.errors import SetupError
from weftlib.explain import explain
from weftlib.guest import Console, Guest, end_on_signals
from weftlib.verdict import Kind, judge

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))), "trace"))

import channel as trace_channel  # noqa: E402 (needs the path above)
import events as trace_events  # noqa: E402
import outputs as trace_outputs  # noqa: E402


def main(arguments: list[str]) -> int:
    if "--report" in arguments:
        return _report(arguments)
    options = parser().parse_args(arguments)
    end_on_signals()
    os.makedirs(options.out, exist_ok=True)
    paths = []
    for number, command in enumerate(options.cmd):
        name = "run" if len(options.cmd) == 1 else "run-" + "AB"[number % 2]
        path = os.path.join(options.out, f"{name}.weft")
        status = record(options, command, path, ["trace", *arguments])
        if status is None:
            return Kind.CRASH.exit_status
        paths.append(path)
    _write(paths, options.out)
    return 0


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="tools/weft trace", description=__doc__)
    machine.add_arguments(made)
    made.add_argument("--cmd", metavar="COMMANDS", action="append", required=True,
                      help="run these, such as 'ps; ls', and end; given twice: two runs, compared")
    made.add_argument("--out", metavar="DIR", default="build/trace")
    made.add_argument("--size", metavar="SIZE", default="64M",
                      help="memory of the machine for events on their way (default 64M)")
    made.add_argument("--silence", type=float, default=60, metavar="SECONDS")
    return made


def record(options: argparse.Namespace, command: str, path: str, arguments: list[str]) -> int | None:
    """Runs the commands and writes what happened; their exit status, None if the machine failed."""
    if '"' in command:
        raise SetupError("commands can't contain a double quote")
    computer = machine.from_arguments(options)
    computer.append += [f'cmd="{command}"', f"trace={options.size}"]
    channel = trace_channel.Channel(computer.kernel, computer.machine, machine.size_in_bytes(computer.mem))
    try:
        computer.memory_file = channel.path
        about = {"command": command, "cpus": computer.cpus, "memory": computer.mem,
                 "options": computer.append, "icount": computer.icount}
        recording = trace_channel.Recording(channel, path, about)
        with Guest(computer, options.silence, Console(show=True)) as guest:
            recording.start()
            ending = guest.wait()
        lost = recording.finish()
    finally:
        channel.close()
    verdict = judge(ending, guest.report, wants_tests=False)
    if sum(lost.values()):
        print(f"weft: {sum(lost.values())} events found no room (--size gives more)", file=sys.stderr)
    if verdict.kind in (Kind.PASSED, Kind.WRONG_ANSWER):
        return guest.report.end
    explain(verdict, guest, arguments, tail=0)
    return None


def _report(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tools/weft trace")
    parser.add_argument("--report", metavar="FILE", nargs="+", required=True)
    parser.add_argument("--out", metavar="DIR", help="write the page and the Perfetto file there, too")
    options = parser.parse_args(arguments)
    for path in options.report:
        if not os.path.isfile(path):
            raise SetupError(f"there is no trace {path}")
    _write(options.report, options.out)
    return 0


def _write(paths: list[str], out: str | None) -> None:
    try:
        traces = [trace_events.read(path) for path in paths]
    except trace_events.TraceError as error:
        raise SetupError(str(error)) from error
    for path in trace_outputs.write(traces, out):
        print(f"wrote {path}")
