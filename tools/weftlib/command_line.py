"""tools/weft's command line: finds the module of a subcommand and hands it the arguments.

A subcommand's module has main(arguments) -> exit status, and a doc string whose first line is its
description here.
"""

import importlib
import sys

from weftlib.errors import SetupError
from weftlib.verdict import Kind

COMMANDS = {
    "run": "boot a kernel, at its prompt in this terminal or with a list of commands",
    "gdb": "boot a kernel and debug it with gdb",
    "replay": "record a run and debug it with gdb, forwards and backwards",
    "test": "boot a kernel that tests itself, and write a report",
    "panics": "boot the self-tests that must end in a panic",
    "bench": "measure boot time and instruction counts, and compare them with their bars",
    "trace": "run commands and draw what the machine did",
    "unit": "run a host test binary and write a report",
    "explore": "try the interleavings of the explorer's scenarios, or repeat one",
    "seeded_bugs": "plant mistakes, and see whether the explorer catches each",
    "pytest": "run a folder of Python tests and write a report",
    "sched": "simulate a scheduling policy on a described set of jobs",
}


def usage() -> str:
    lines = [f"  {name:11} {text}" for name, text in COMMANDS.items()]
    return "\n".join(["usage: tools/weft COMMAND ...", *lines, "tools/weft COMMAND --help says more."])


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(usage())
        return 0
    name = arguments[0]
    if name not in COMMANDS:
        print(f"weft: there is no command '{name}'\n{usage()}", file=sys.stderr)
        return Kind.BROKEN_SETUP.exit_status
    module = importlib.import_module(f"weftlib.{name}")
    try:
        return module.main(arguments[1:])
    except SetupError as error:
        print(f"weft: broken set-up: {error}", file=sys.stderr)
        return Kind.BROKEN_SETUP.exit_status
    except SystemExit as end:  # argparse's, which has said its line
        return Kind.BROKEN_SETUP.exit_status if end.code else 0
    except KeyboardInterrupt:
        print("weft: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 1
