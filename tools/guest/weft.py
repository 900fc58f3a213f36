"""Guest programs on Weft: booted by tools/weft from an initrd that holds them."""

import os
import subprocess
import tempfile

import transcript

INITRD = "build/guest/guest.cpio"


def plan(family: str, arguments: list[str]) -> str:
    """What tests/guest/init is to run: the file /guest/plan of the initrd."""
    return " ".join([f"/guest/{family}", *arguments]) + "\n"


def boot(kernel: str, cpus: int, initrd: str, silence: float) -> str:
    """All that the machine printed until it went off, or was silent for too long and was ended."""
    command = ["tools/weft", "run", "--kernel", kernel, "--cpus", str(cpus), "--initrd", initrd,
               "--append", "init=/guest/init", "--timeout-silence", str(silence)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    return done.stdout.decode("utf-8", "replace")


def make_initrd(programs: str, path: str, plan_text: str) -> None:
    """A newc cpio archive with /guest/* and the plan."""
    with tempfile.TemporaryDirectory() as tree:
        for folder in ("guest", "tmp", "dev", "proc", "etc", "bin"):
            os.mkdir(f"{tree}/{folder}")
        for name in os.listdir(programs):
            os.link(f"{programs}/{name}", f"{tree}/guest/{name}")
        with open(f"{tree}/guest/plan", "w", encoding="ascii") as file:
            file.write(plan_text)
        names = subprocess.run(["find", ".", "-print"], cwd=tree, capture_output=True, check=True).stdout
        with open(path, "wb") as archive:
            subprocess.run(["cpio", "--quiet", "-o", "-H", "newc"], cwd=tree, input=names, stdout=archive,
                           check=True)


def run_family(programs: str, kernel: str, cpus: int, family: str, names: list[str],
               silence: float) -> str:
    """The whole transcript. A case that hangs or takes the machine down is noted; then the machine is
    booted again for the cases behind it."""
    text = ""
    arguments = names
    while True:
        make_initrd(programs, INITRD, plan(family, arguments))
        text += boot(kernel, cpus, INITRD, silence)
        hung = transcript.unfinished(text)
        if hung is None:
            return text
        text += f"\nhung {hung}\n"
        if names:
            arguments = names[names.index(hung) + 1:]
            if not arguments:
                return text
        else:
            arguments = ["--after", hung]
