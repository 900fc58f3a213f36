"""The parts of `make test`: what each needs built, and the command that runs it and writes
build/reports/NAME.json. Add a test of a new kind here, and nowhere else."""

from dataclasses import dataclass

from weftlib.machine import kvm_works

DEBUG_TEST = "build/debug/weft-test.elf"
RELEASE_TEST = "build/release/weft-test.elf"
RELEASE = "build/release/weft.elf"
BUSYBOX = "build/guest/programs/busybox"


@dataclass
class Part:
    name: str
    builds: list[str]  # targets of the makefile
    command: list[str]

    def __post_init__(self):
        self.command = [*self.command, "--name", self.name]


def all_parts() -> list[Part]:
    """Long ones first, so that no CPU waits at the end."""
    parts = [*guest_parts(), *host_parts(), *kernel_parts(), *panic_parts(), *session_parts()]
    parts.append(Part("bars", [RELEASE_TEST], ["tools/weft", "bench", "--only", "counts"]))
    return parts


def guest_parts() -> list[Part]:
    """The guest cases and programs on Weft. To use up a machine goes faster with a smaller one."""
    run = ["tools/guest/run.py", "--weft-only", "--kernel", RELEASE]
    exhaustion = [*run, "--mem", "512M", "exhaustion", "--cpus"]
    return [
        Part("guest-scaling", [RELEASE, "guest-binaries"],
             ["tools/guest/bench.py", "--scaling", "--kernel", RELEASE]),
        *(Part(f"guest-exhaustion-{cpus}", [RELEASE, "guest-binaries"], [*exhaustion, cpus])
          for cpus in ("1", "4")),
        *shell_parts()] + [Part(f"guest-weft-{cpus}", [RELEASE, "guest-binaries"],
                 [*run, "--skip", "exhaustion", "--cpus", cpus]) for cpus in ("1", "2", "4")] + [
        Part(f"guest-programs-{cpus}", [RELEASE, "guest-program-binaries"],
             [*run, "--cpus", cpus, "--times", "3", "programs"])
        for cpus in ("1", "2", "4")]


def shell_parts() -> list[Part]:
    """The sessions of tests/shell on Weft's own terminal. With two CPUs only those with many processes,
    and with four those of busybox's shell."""
    return [Part(f"shell-weft-{cpus}", [RELEASE, "build/initrd.cpio", BUSYBOX],
                 ["env", f"WEFT_CPUS={cpus}", "tools/weft", "pytest", "tests/shell", "--filter", which])
            for cpus, which in (("1", "sessions_test"), ("2", "JobControl"), ("4", "busybox_test"))]


def host_parts() -> list[Part]:
    """Everything that boots no Weft."""
    return [
        Part("unit-sim", ["build/unit/sim/unit"], ["tools/weft", "unit", "build/unit/sim/unit"]),
        Part("unit-threads", ["build/unit/threads/unit"],
             ["tools/weft", "unit", "build/unit/threads/unit"]),
        Part("explore", ["build/explore/explore"], ["tools/weft", "explore"]),
        Part("explore-bugs", ["build/explore/explore"], ["tools/weft", "seeded_bugs"]),
        Part("launcher", [], ["tools/weft", "pytest", "tests/launcher"]),
        Part("checks-tests", [], ["tools/weft", "pytest", "tests/checks"]),
        Part("sched", ["schedsim"], ["tools/weft", "pytest", "tests/sched"]),
        Part("guest-runner", ["broken-guest-binaries"], ["tools/weft", "pytest", "tests/guest/runner"]),
        Part("guest-linux", ["guest-binaries"], ["tools/guest/run.py", "--linux-only"]),
        Part("unit-userlib", ["build/unit/userlib/unit"], ["tools/weft", "unit", "build/unit/userlib/unit"]),
        Part("unit-userlib-tsan", ["build/unit/userlib-tsan/unit"],
             ["tools/weft", "unit", "build/unit/userlib-tsan/unit"]),
        Part("syscalls", [], ["tools/weft", "pytest", "tests/syscalls"]),
        Part("userlib", ["userlib", "userlib-host", "build/setup/userlib"], ["tools/weft", "pytest", "tests/userlib"]),
        Part("shell", ["userlib", BUSYBOX], ["tools/weft", "pytest", "tests/shell"]),
        Part("initrd", ["userlib"], ["tools/weft", "pytest", "tests/initrd"]),
        Part("trace", [RELEASE, "build/initrd.cpio", "trace-scenes"], ["tools/weft", "pytest", "tests/trace"]),
        Part("gdb", ["build/debug/weft.elf", RELEASE, "build/initrd.cpio", "gdb-scenes"],
             ["tools/weft", "pytest", "tests/gdb"]),
        Part("crowd", [RELEASE, "build/initrd.cpio", "build/userlib/root/bin/weftbox"],
             ["tools/weft", "pytest", "tests/crowd", "--filter", "CrowdTest"]),
        Part("demos", [RELEASE, "userlib"], ["tools/weft", "pytest", "tests/demos"]),
        Part("web", ["build/setup/web", "build/gen/stamp"], ["tools/weft", "pytest", "tests/web"]),
        Part("labs-tools", ["build/setup/labs"], ["tools/weft", "pytest", "tests/labs/machinery"]),
        Part("labs", ["build/unit/sim/unit", "build/explore/explore", DEBUG_TEST], ["tools/lab/lab", "test", "--quick"]),
        Part("concepts", [], ["tools/checks/concepts"]),
        Part("style", [], ["tools/checks/style"]),
        Part("house", ["build/debug/weft.elf", DEBUG_TEST], ["tools/checks/house"]),
    ]


# The self-tests of the booted kernel. Not every combination of everything, but each value of each
# column several times, and beside several values of every other column:
#   kernel  machine    CPUs  policy  CPU model  memory  more
KERNEL_MATRIX = """
    debug    microvm   1     rr      qemu64     512M
    debug    microvm   2     prio    max        512M
    debug    q35       4     mlfq    max        512M
    debug    q35       8     fair    qemu64     1G      --firmware seabios
    release  microvm   1     fair    max        512M
    release  microvm   4     mlfq    qemu64     8G
    release  microvm   8     rr      max        512M
    release  q35       2     fair    qemu64     512M
    release  q35       4     prio    max        8G      --firmware seabios
    release  pc        2     fair    max        512M    --firmware seabios
    release  q35       2     fair    max        512M    --disc --firmware seabios
    release  q35       2     rr      max        512M    --disc --firmware ovmf
"""


def kernel_parts() -> list[Part]:
    return [kernel_part(*row.split()) for row in KERNEL_MATRIX.strip().splitlines()]


def kernel_part(mode: str, machine: str, cpus: str, policy: str, cpu: str, mem: str,
                *more: str) -> Part:
    words = [word.strip("-") for word in more if word != "--firmware"]
    name = "-".join(["kernel", mode, machine, cpus, policy, cpu, mem, *words])
    kernel = f"build/{mode}/weft-test.elf"
    return Part(name, [kernel], [
        "tools/weft", "test", "--kernel", kernel, "--machine", machine, "--cpus", cpus, "--cpu", cpu,
        "--mem", mem, "--append", f"sched={policy}", *more])


def panic_parts() -> list[Part]:
    """Every mistake the kernel must notice: named, with a backtrace, in a boot of its own."""
    return [
        Part(f"panics-{mode}-{machine}-{cpus}", [f"build/{mode}/weft-test.elf"], [
            "tools/weft", "panics", "--mode", mode, "--kernel", f"build/{mode}/weft-test.elf",
            "--machine", machine, "--cpus", cpus, "--cpu", cpu])
        for mode, machine, cpus, cpu in (("debug", "microvm", "2", "max"), ("release", "q35", "1", "qemu64"))]


def session_parts() -> list[Part]:
    """What a user sees: the monitor, machines of all sizes, and refusals in one clear line."""

    def session(name: str, *options: str) -> Part:
        return Part(f"session-{name}", [RELEASE], ["tools/weft", "test", "--kernel", RELEASE, *options])

    def refusal(name: str, line: str, *options: str) -> Part:
        return session(name, *options, "--status", "1", "--expect", f"^weft: cannot start: .*{line}")

    # Where the host has KVM. Only a little of it: storms of ticks, and locks whose holder's CPU the host has
    # taken away, go slowly where KVM is itself inside a busy virtual machine.
    with_kvm = [session(f"kvm-{machine}", "--accel", "kvm", "--machine", machine, "--cpus", "2",
                        "--cmd", "cpus; mem", "--expect", "^ +1 ")
                for machine in ("microvm", "q35") if kvm_works()]
    return [
        *with_kvm,
        session("commands", "--cmd", "mem; cpus; threads", "--expect", "first +.*Running"),
        session("typed", "--type", "mem\\npoweroff\\n", "--expect", "^memory +[0-9]+ KiB"),
        session("status", "--cmd", "poweroff 7", "--status", "7"),
        session("unknown-command", "--cmd", "fly", "--status", "1", "--expect", "fly: no such command"),
        *(session(f"demos-{policy}", "--cmd", "demo all", "--cpus", cpus, "--append", f"sched={policy}")
          for policy, cpus in (("rr", "2"), ("prio", "1"), ("mlfq", "8"), ("fair", "4"))),
        session("edited-line", "--type", "thrxx\b\b\t\npower\tof\b\b3\n", "--status", "3",
                "--expect", "reaper"),
        session("panic", "--cmd", "panic", "--panics", "asked for by the panic command"),
        session("one-cpu", "--cpus", "1", "--cmd", "cpus", "--expect", "^ +0 "),
        session("eight-cpus", "--cpus", "8", "--cmd", "cpus", "--expect", "^ +7 "),
        session("sixteen-cpus", "--cpus", "16", "--machine", "q35", "--cmd", "cpus", "--expect", "^ +15 "),
        session("64M", "--mem", "64M", "--cmd", "mem", "--expect", "^memory +6[0-9]{4} KiB"),
        session("8G", "--mem", "8G", "--machine", "q35", "--cmd", "mem", "--expect", "^memory +8[0-9]{6} KiB"),
        session("disc-bios", "--machine", "q35", "--disc", "--type", "mem\\npoweroff\\n"),
        session("disc-uefi", "--machine", "q35", "--disc", "--firmware", "ovmf",
                "--type", "mem\\npoweroff\\n"),
        refusal("bad-policy", "sched=foo.* rr, prio, mlfq, fair", "--append", "sched=foo"),
        refusal("unknown-option", "colour", "--append", "colour=red"),
        refusal("bad-cpus", "cpus=0.* 1 to 16", "--append", "cpus=0"),
        refusal("no-64-bits", "64-bit", "--cpu", "pentium3"),
        refusal("no-apic", "APIC", "--cpu", "qemu64,-apic"),
        refusal("too-little-memory", "too little memory", "--mem", "2448K", "--cpus", "16"),
    ]
