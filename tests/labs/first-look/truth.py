"""What is true of this tree's kernel, for the questions of lab first-look: python3 truth.py NAME prints it as a line of
JSON. The name chooses the address, the function and the commands."""

import hashlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile

KERNEL = "build/debug/weft.elf"
SESSION = pathlib.Path(__file__).with_name("session.py")
# What runs on the way to the first program.
FUNCTIONS = ["weft::start_init", "weft::proc::make_first_process", "weft::proc::start_user_thread", "weft::fs::open_program"]
KINDS = "TtDdBbRr"


def chosen(name: str, what: str, among: list) -> object:
    digest = hashlib.sha256(f"{what}:{name}".encode()).digest()
    return among[int.from_bytes(digest[:8], "big") % len(among)]


def addresses() -> list[int]:
    """Where functions and variables of the kernel begin."""
    text = subprocess.run(["llvm-nm-19", "--defined-only", KERNEL], text=True, check=True, stdout=subprocess.PIPE).stdout
    symbols = [line.split() for line in text.splitlines()]
    return sorted({int(words[0], 16) for words in symbols if len(words) == 3 and words[1] in KINDS
                   and words[0].startswith("ffffffff")})


def functions() -> list[str]:
    text = subprocess.run(["llvm-nm-19", "--defined-only", "--demangle", KERNEL], text=True, check=True,
                          stdout=subprocess.PIPE).stdout
    return [name for name in FUNCTIONS if f" T {name}(" in text]


def debugged(address: int, function: str) -> dict:
    with tempfile.TemporaryDirectory(prefix="weft-first-look-") as folder:
        script = pathlib.Path(folder) / "script.gdb"
        script.write_text(f"python ADDRESS, FUNCTION = {address}, {function!r}\nsource {SESSION}\n", encoding="utf-8")
        done = subprocess.run(["tools/weft", "gdb", "--kernel", KERNEL, "--cpus", "1", "--initrd", "build/initrd.cpio", "--script",
                               str(script), "--console", f"{folder}/console"], text=True, check=False, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    found = re.search(r"^truth: (.*)$", done.stdout, re.MULTILINE)
    if not found:
        sys.exit(f"gdb said no truth:\n{done.stdout[-2000:]}")
    return json.loads(found.group(1))


def traced(commands: str) -> dict:
    with tempfile.TemporaryDirectory(prefix="weft-first-look-") as folder:
        done = subprocess.run(["tools/weft", "trace", "--kernel", KERNEL, "--initrd", "build/initrd.cpio", "--cpus", "1", "--cmd",
                               commands, "--out", folder], text=True, check=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    calls = dict(re.findall(r"^([a-z0-9_]+) +(\d+) +\S+ \S+$", done.stdout, re.MULTILINE))
    return {"forks": int(calls["fork"]), "pipes": int(calls["pipe2"]), "programs": int(calls["execve"])}


def main(name: str) -> None:
    address = chosen(name, "address", addresses())
    function = chosen(name, "function", functions())
    commands = " | ".join(["seq 100", *["cat"] * chosen(name, "commands", list(range(1, 7))), "tail -1"])
    print(json.dumps({"questions": {"address": hex(address), "function": function, "commands": f"'{commands}'"},
                      "answers": debugged(address, function) | traced(commands)}))


if __name__ == "__main__":
    main(sys.argv[1])
