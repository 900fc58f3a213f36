"""What an answer must not do: reach for the machine that marks it. Kernel code has no use for files, exits and system
calls of the host, so an answer that asks for them is refused before it runs.

Looked at are the objects, not the texts: the names they leave to the linker, and their instructions. So no trick of
the preprocessor hides anything."""

import pathlib
import re
import subprocess

from lab.description import USUALLY_CALLED, Lab

OBJECTS = ("build/unit/sim/obj", "build/unit/userlib/obj", "build/explore/obj")
ENTERS_THE_KERNEL = re.compile(r"\t(syscall|sysenter|int\s+\$0x80)\b")
FIRST = re.compile(r"^\s*U (.*)$")


def broken(lab: Lab) -> str:
    """Which rule is broken, in a sentence, or ""."""
    for name in lab.files:
        if not name.endswith((".cc", ".S")):
            continue
        for folder in OBJECTS:
            path = pathlib.Path(folder) / f"{name}.o"
            if not path.is_file():
                continue
            for symbol in undefined(path):
                if not is_allowed(symbol, lab):
                    return f"{name} calls {symbol}, which this lab has no use for"
            if enters_the_kernel(path):
                return f"{name} has a system call of the host in it"
    return ""


def is_allowed(symbol: str, lab: Lab) -> bool:
    return any(re.match(pattern, symbol) for pattern in [*USUALLY_CALLED, *lab.may_call])


def undefined(path: pathlib.Path) -> list[str]:
    """The names that an object leaves to the linker, in C++'s spelling."""
    text = _tool("llvm-nm-19", "--undefined-only", "--demangle", str(path))
    return [found.group(1).strip() for line in text.splitlines() if (found := FIRST.match(line))]


def enters_the_kernel(path: pathlib.Path) -> bool:
    return ENTERS_THE_KERNEL.search(_tool("llvm-objdump-19", "-d", "--no-show-raw-insn", str(path))) is not None


def _tool(*command: str) -> str:
    return subprocess.run(command, text=True, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
