#!/usr/bin/env python3
"""Runs a guest program on this Linux, in a small world that looks like Weft's: the oracle.

    oracle.py --calls FILE [--without CALL] [--silence SECONDS] [--plan TEXT] --bin FOLDER -- PROGRAM ...

The world: a file tree in memory with /dev, /proc, /tmp, the programs in /guest and the plan; process
ids, host name, network and System V objects of its own; a clean environment; and only the
system calls of the table (ENOSYS for all others). Its first process reaps orphans,
and when the program ends, or prints nothing for too long, everything in the world does. Needs root,
since the cases are root's.
"""

import argparse
import ctypes
import errno
import fcntl
import json
import os
import pty
import resource
import select
import signal
import socket
import stat
import struct
import sys
import tempfile

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x20000, 0x4000000, 0x8000000
CLONE_NEWPID, CLONE_NEWNET = 0x20000000, 0x40000000
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 0x20, 0x1000, 0x4000, 0x40000
PR_SET_PDEATHSIG, PR_SET_SECCOMP = 1, 22
SECCOMP_MODE_FILTER, SECCOMP_ALLOW, SECCOMP_ERRNO = 2, 0x7FFF0000, 0x50000
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
SILENT_STATUS = 124  # as timeout(1) says it
NO_WORLD_STATUS = 125  # as unshare(1) and others say it: the program did not run at all

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.mount.argtypes = [ctypes.c_char_p] * 3 + [ctypes.c_ulong, ctypes.c_char_p]
DEVICES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9), "tty": (5, 0)}
ENVIRONMENT = {"PATH": "/bin", "HOME": "/", "TERM": "dumb"}


def check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    check(LIBC.mount(source.encode(), target.encode(), kind.encode(), flags, data.encode()),
          f"mount {target}")


def enter_namespaces() -> None:
    """A world of its own for the children of this process."""
    check(LIBC.unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET), "unshare")
    check(LIBC.sethostname(b"weft", 4), "sethostname")
    mount("none", "/", flags=MS_REC | MS_PRIVATE)
    start_loopback()


def start_loopback() -> None:
    """The new world's only network, 127.0.0.1, is down at first."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))


def build_tree(root: str, programs: str, console: str, plan: str) -> None:
    mount("weft", root, "tmpfs", data="mode=755,size=512m")
    for folder in ("dev", "proc", "tmp", "guest", "etc", "bin"):
        os.mkdir(f"{root}/{folder}")
    os.chmod(f"{root}/tmp", 0o1777)
    # Nodes of our own: what a case does to one must not reach the host's.
    for name, numbers in DEVICES.items():
        os.mknod(f"{root}/dev/{name}", stat.S_IFCHR | 0o666, os.makedev(*numbers))
        os.chmod(f"{root}/dev/{name}", 0o666)
    for name, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        os.symlink(f"/proc/self/fd{target}", f"{root}/dev/{name}")
    open(f"{root}/dev/console", "w", encoding="ascii").close()
    mount(console, f"{root}/dev/console", flags=MS_BIND)
    with open(f"{root}/etc/passwd", "w", encoding="ascii") as file:
        file.write("root:x:0:0:root:/:/bin/sh\n")
    with open(f"{root}/plan", "w", encoding="ascii") as file:
        file.write(plan)
    mount(programs, f"{root}/guest", flags=MS_BIND)
    mount("none", f"{root}/guest", flags=MS_BIND | MS_REMOUNT | MS_RDONLY)


def filter_program(numbers: list[int]) -> bytes:
    """A classic BPF program: the calls in the list are allowed, others get ENOSYS."""
    load_number = struct.pack("HBBI", 0x20, 0, 0, 0)
    steps = [load_number]
    for number in numbers:
        steps.append(struct.pack("HBBI", 0x15, 0, 1, number))
        steps.append(struct.pack("HBBI", 0x06, 0, 0, SECCOMP_ALLOW))
    steps.append(struct.pack("HBBI", 0x06, 0, 0, SECCOMP_ERRNO | errno.ENOSYS))
    return b"".join(steps)


def install_filter(numbers: list[int]) -> None:
    program = filter_program(numbers)
    room = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(room))
    header_room = ctypes.create_string_buffer(header, len(header))
    check(LIBC.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header_room), "seccomp")


def set_limits() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 4096))
    resource.setrlimit(resource.RLIMIT_STACK, (8 << 20, resource.RLIM_INFINITY))
    os.setpriority(os.PRIO_PROCESS, 0, 0)  # whatever the test run itself is given


def become_program(command: list[str], numbers: list[int]) -> None:
    os.setsid()
    set_limits()
    os.umask(0o022)
    for number in range(1, signal.NSIG):
        if number not in (signal.SIGKILL, signal.SIGSTOP) and signal.getsignal(number) is not None:
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    null = os.open("/dev/null", os.O_RDONLY)
    os.dup2(null, 0)
    os.closerange(3, 1024)
    install_filter(numbers)
    os.execve(command[0], command, ENVIRONMENT)


def first_process(root: str, command: list[str], numbers: list[int]) -> int:
    """Process 1 of the new world: starts the program and reaps until it has ended."""
    mount("proc", f"{root}/proc", "proc")
    os.chroot(root)
    os.chdir("/")
    program = os.fork()
    if program == 0:
        try:
            become_program(command, numbers)
        except OSError as problem:
            print(f"oracle: {command[0]}: {problem}", file=sys.stderr)
        os._exit(127)
    while True:
        pid, status = os.wait()
        if pid == program:
            return os.waitstatus_to_exitcode(status) & 0xFF


def build_world(root: str, options: argparse.Namespace) -> int:
    """Runs in a process of its own, so that the mounts are nobody else's."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    with open(options.calls, encoding="utf-8") as file:
        numbers = [call["number"] for call in json.load(file)["calls"] if call["name"] not in options.without]
    _, terminal = pty.openpty()  # both ends stay open as long as the world lasts
    enter_namespaces()
    build_tree(root, os.path.realpath(options.bin), os.ttyname(terminal), options.plan)
    child = os.fork()
    if child == 0:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        end_with(lambda: first_process(root, options.command, numbers))
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) & 0xFF


def end_with(work) -> None:
    """Ends this process with the status that work() gives."""
    status = NO_WORLD_STATUS
    try:
        status = work()
    except OSError as problem:
        print(f"oracle: this machine does not let us: {problem}", file=sys.stderr)
    finally:
        sys.stderr.flush()
        os._exit(status)


def run(options: argparse.Namespace) -> int:
    root = tempfile.mkdtemp(prefix="weft-oracle-")
    try:
        reader, writer = os.pipe()
        builder = os.fork()
        if builder == 0:
            os.dup2(writer, 1)
            os.dup2(writer, 2)
            end_with(lambda: build_world(root, options))
        os.close(writer)
        silent = not copy_output(reader, options.silence)
        if silent:
            os.kill(builder, signal.SIGKILL)
        _, status = os.waitpid(builder, 0)
        return SILENT_STATUS if silent else os.waitstatus_to_exitcode(status) & 0xFF
    finally:
        os.rmdir(root)  # empty: what was in it was in the other namespace


def copy_output(reader: int, silence: float | None) -> bool:
    """Copies to our own output until the end (True), or until nothing came for so long (False)."""
    while select.select([reader], [], [], silence)[0]:
        data = os.read(reader, 65536)
        if not data:
            return True
        while data:
            data = data[os.write(1, data):]
    return False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--calls", metavar="FILE", required=True, help="the system-call table as JSON")
    parser.add_argument("--without", action="append", default=[], metavar="CALL",
                        help="take this call away, too")
    parser.add_argument("--plan", default="", metavar="TEXT", help="what the file /plan says")
    parser.add_argument("--silence", type=float, metavar="SECONDS", help="end it when it prints nothing")
    parser.add_argument("--bin", metavar="FOLDER", required=True, help="what /guest shows")
    parser.add_argument("command", nargs="+", metavar="PROGRAM ARGUMENT")
    return run(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
