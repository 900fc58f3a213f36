"""Shuts a command in with its own folder: it sees no other answers, no network, and nothing of the solution's tree; it
can write into its own folder only, and when it ends, all processes it started end.

Linux's namespaces do it (unshare(1)), without special rights. Where a system forbids them, `works()` says so."""

import os
import pathlib
import shlex
import subprocess

UNSHARE = ["unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--net"]
# Servers and their clients talk to each other by it; nobody else is there.
LOOPBACK_UP = "import fcntl, socket, struct; fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sh22x', b'lo', 1))"
KEPT_ASIDE = "/mnt"  # where the folder waits while what is around it is hidden


def command(words: list[str], own: pathlib.Path, hidden: list[pathlib.Path]) -> list[str]:
    """The command that runs `words` in the folder `own`; the `hidden` folders are empty for it."""
    steps = [f"python3 -c {shlex.quote(LOOPBACK_UP)}", f"mount --bind {shlex.quote(str(own))} {KEPT_ASIDE}"]
    covered: list[pathlib.Path] = []
    for folder in sorted({path.resolve() for path in hidden}):
        if folder.is_dir() and not any(above in folder.parents for above in covered):
            steps.append(f"mount -t tmpfs none {shlex.quote(str(folder))}")
            covered.append(folder)
    place = shlex.quote(str(own))
    steps += [f"mkdir -p {place}", f"mount --move {KEPT_ASIDE} {place}", "mount -o remount,bind,ro /", f"cd {place}",
              "exec " + shlex.join(words)]
    return [*UNSHARE, "sh", "-c", " && ".join(steps)]


def works(scratch: pathlib.Path) -> bool:
    """Whether this machine lets us. Tried with a folder that has a secret beside it."""
    own = scratch / "own"
    secret = scratch / "beside" / "secret"
    own.mkdir(parents=True, exist_ok=True)
    secret.parent.mkdir(exist_ok=True)
    secret.write_text("secret", encoding="utf-8")
    probe = ["sh", "-c", f"touch here && ! test -e {shlex.quote(str(secret))} && ! touch /etc/weft-probe"]
    try:
        done = subprocess.run(command(probe, own.resolve(), [secret.parent]), check=False, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except OSError:
        return False
    return done.returncode == 0 and os.path.exists(own / "here")
