"""What the demos have printed: cut out of a run of `demo all`, and made comparable."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = Path(__file__).resolve().parent / "expected"
PROGRAMS = ROOT / "build/userlib/root/bin"
KERNEL = os.environ.get("WEFT_KERNEL", "build/release/weft.elf")
PART = re.compile(r"^---- (\S+)\n(.*?)^---- \1 ends with (\d+)$", re.MULTILINE | re.DOTALL)

sys.path.insert(0, str(ROOT / "tools/demos"))
import table  # noqa: E402  (it stands in tools/demos)

COMPARED = [demo for demo in table.demos(ROOT) if demo.output != "apart"]


def comparable(text: str, output: str) -> str:
    """The part of the text that is the same in every run: see `output` in the table of the demos."""
    if output == "same":
        return text
    lines = [re.sub(r" +", " ", re.sub(r"-?\d+(\.\d+)?", "#", line)) for line in text.splitlines()]
    if output == "turns":
        lines = sorted(set(lines))
    return "".join(line + "\n" for line in lines)


def parts_of(run: str) -> dict[str, str]:
    """By name, what each demo printed, and how it ended if not with 0."""
    return {name: text if status == "0" else f"{text}ends with {status}\n"
            for name, text, status in PART.findall(run.replace("\r\n", "\n"))}


def on_linux() -> dict[str, str]:
    done = subprocess.run([PROGRAMS / "demo", "all"], env={**os.environ, "PATH": str(PROGRAMS)}, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
    return parts_of(done.stdout)


def on_weft(cpus: int) -> dict[str, str]:
    done = subprocess.run(
        ["tools/weft", "run", "--kernel", KERNEL, "--initrd", "build/initrd.cpio", "--cpus", str(cpus), "--cmd", "demo all"],
        cwd=ROOT, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600)
    return parts_of(done.stdout.decode(errors="replace"))


def differences(run: dict[str, str], expected: Path = EXPECTED) -> dict[str, tuple[str, str]]:
    """The demos that printed something else: what was expected, and what came."""
    found = {}
    for demo in COMPARED:
        file = expected / f"{demo.name}.txt"
        wanted = file.read_text(encoding="utf-8") if file.is_file() else "(nothing is expected yet)\n"
        came = comparable(run.get(demo.name, "(it did not run to its end)\n"), demo.output)
        if came != wanted:
            found[demo.name] = (wanted, came)
    return found
