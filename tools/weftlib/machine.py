"""A machine to boot: what the command line's options say, and QEMU's command line made of it."""

import argparse
import os
import re
import shutil
import struct
from dataclasses import dataclass, field

from weftlib.errors import SetupError

QEMU = "qemu-system-x86_64"
MACHINES = ("microvm", "q35", "pc")
FIRMWARES = ("default", "seabios", "qboot", "ovmf")
OVMF_IMAGES = ("/usr/share/ovmf/OVMF.fd", "/usr/share/OVMF/OVMF.fd", "/usr/share/qemu/OVMF.fd")
MAX_CPUS = 16
PT_LOAD = 1
DEBUG_EXIT_PORT = 0xF4
REPORT_PORT = 0xE9


@dataclass
class Recording:
    """A folder for all that a run depended on: QEMU's list of events, and a disc image for snapshots of the
    machine. With `replays` the machine does again what is in it, instruction by instruction."""

    folder: str
    replays: bool = False

    def options(self) -> list[str]:
        mode = "replay" if self.replays else "record"
        # A TPR access that the virtual APIC patches into the code would not come again in a replay.
        return ["-icount", f"shift=0,rr={mode},rrfile={self.folder}/events,rrsnapshot=init",
                "-global", "apic-common.vapic=off",
                "-drive", f"file={self.folder}/snapshots.qcow2,format=qcow2,if=none,id=snapshots",
                "-seed", "1", "-rtc", "base=2024-01-01,clock=vm"]


@dataclass
class Machine:
    """One machine, and the kernel it boots: directly, or with `disc` by GRUB from a disc image."""

    kernel: str
    disc: bool = False
    machine: str = "microvm"
    cpus: int = 1
    mem: str = "512M"
    cpu: str = "max"
    accel: str = "tcg"
    firmware: str = "default"
    append: list[str] = field(default_factory=list)
    initrd: str | None = None
    icount: bool = False
    recording: Recording | None = None
    memory_file: str | None = None  # the machine's memory is in there, for others to look at

    def check(self) -> None:
        """Raises SetupError for what QEMU would refuse, or would take and not mean."""
        if shutil.which(QEMU) is None:
            raise SetupError(f"{QEMU} is not installed")
        for what, path in (("kernel", self.kernel), ("initrd", self.initrd)):
            if path is not None and not os.path.isfile(path):
                raise SetupError(f"there is no {what} {path}")
        if not 1 <= self.cpus <= MAX_CPUS:
            raise SetupError(f"{self.cpus} CPUs make no sense here: 1 to {MAX_CPUS} do")
        if re.fullmatch(r"[1-9][0-9]*[KMG]", self.mem) is None:
            raise SetupError(f"'{self.mem}' is not a size of memory: a number and K, M or G, such as 64M")
        needed, there = memory_needed(self.kernel), size_in_bytes(self.mem)
        if needed > there:
            raise SetupError(f"{self.mem} of memory can't hold the kernel: it ends at {needed >> 10} KiB")
        if self.disc and self.machine == "microvm":
            raise SetupError("microvm has no disc drive: --disc needs --machine q35 or pc")
        if self.firmware == "ovmf" and not self.disc:
            raise SetupError("--firmware ovmf boots from a disc: it needs --disc")
        if self.recording is not None and (self.cpus, self.machine, self.accel) != (1, "pc", "tcg"):
            raise SetupError("a recording is of a machine pc with one CPU, emulated")
        if self.accel == "kvm" and not kvm_works():
            raise SetupError("--accel kvm: /dev/kvm can't be opened by this user")

    def command(self, kernel_options: list[str], disc_image: str | None, debugged: bool = False) -> list[str]:
        """QEMU's command line, without the channels (guest.py adds those)."""
        accel = self.accel
        if accel == "auto":
            accel = "kvm" if kvm_works() else "tcg"
        cpu = self.cpu
        if accel == "kvm" and cpu in ("max", "host"):
            cpu += ",-arch-capabilities"  # inside a virtual machine, KVM may refuse to set this one
        if accel == "tcg" and (debugged or self.cpus > len(os.sched_getaffinity(0))):
            # With a host thread for each CPU, one that spins would keep the host from running the one
            # it waits for, many milliseconds at a time; and several could come to breakpoints at the same
            # instant, of which a debugger hears one after the other. So all CPUs take turns on one thread.
            accel = "tcg,thread=single"
        board = self.machine
        if self.memory_file is not None:
            board += ",memory-backend=memory"
        command = [QEMU, "-M", board, "-accel", accel, "-cpu", cpu, "-smp", str(self.cpus)]
        command += ["-m", self.mem, "-nodefaults", "-vga", "none", "-display", "none", "-nic", "none"]
        command += ["-no-reboot", "-device", f"isa-debug-exit,iobase={DEBUG_EXIT_PORT:#x},iosize=4"]
        if self.memory_file is not None:
            command += ["-object", f"memory-backend-file,id=memory,size={self.mem},share=on,"
                        f"mem-path={self.memory_file}"]
        command += self._firmware()
        if self.recording is not None:
            command += self.recording.options()
        if self.icount:
            command += ["-icount", "shift=0,sleep=off", "-seed", "1"]
            command += ["-rtc", "base=2024-01-01,clock=vm"]
        if disc_image is not None:
            command += ["-drive", f"file={disc_image},media=cdrom,if=ide,readonly=on", "-boot", "d"]
        else:
            command += ["-kernel", self.kernel, "-append", " ".join(kernel_options)]
        if self.initrd is not None:
            command += ["-initrd", self.initrd]
        return command

    def _firmware(self) -> list[str]:
        if self.firmware == "ovmf":
            for path in OVMF_IMAGES:
                if os.path.isfile(path):
                    return ["-bios", path]
            raise SetupError("UEFI firmware is not installed (Debian's package ovmf)")
        if self.firmware == "qboot":
            return ["-bios", "qboot.rom"]
        if self.firmware == "seabios" and self.machine == "microvm":
            return ["-bios", "bios-microvm.bin"]
        if self.firmware == "seabios" or self.disc or self.machine == "microvm":
            return []
        return ["-bios", "qboot.rom"]  # it starts a kernel 40 ms sooner than SeaBIOS


def size_in_bytes(size: str) -> int:
    return int(size[:-1]) << {"K": 10, "M": 20, "G": 30}[size[-1]]


def memory_needed(kernel: str) -> int:
    """The physical address behind an ELF file's last loaded byte; 0 for what is no ELF (QEMU says so)."""
    with open(kernel, "rb") as file:
        image = file.read()
    if image[:5] == b"\x7fELF\x02":
        table, entry, count, fields = *_unpack("<32xQ14xHH", image, 0), "<I20xQ8xQ"
    elif image[:5] == b"\x7fELF\x01":
        table, entry, count, fields = *_unpack("<28xI10xHH", image, 0), "<I8xI4xI"
    else:
        return 0
    if table + entry * count > len(image):
        return 0
    segments = [_unpack(fields, image, table + entry * number) for number in range(count)]
    return max((start + size for kind, start, size in segments if kind == PT_LOAD), default=0)


def _unpack(fields: str, image: bytes, offset: int) -> tuple[int, ...]:
    return struct.unpack_from(fields, image, offset)


def kvm_works() -> bool:
    """Whether this user can open KVM; access rights alone would not tell that it answers."""
    try:
        os.close(os.open("/dev/kvm", os.O_RDWR))
    except OSError:
        return False
    return True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that describe a machine; from_arguments() reads them back."""
    parser.add_argument("--kernel", metavar="FILE", required=True, help="a 64-bit ELF")
    parser.add_argument("--disc", action="store_true", help="boot it by GRUB from a disc image")
    parser.add_argument("--machine", choices=MACHINES, default="microvm")
    parser.add_argument("--cpus", type=int, default=1, metavar="N", help=f"1 to {MAX_CPUS}")
    parser.add_argument("--mem", default="512M", metavar="SIZE", help="such as 64M or 8G")
    parser.add_argument("--cpu", default="max", metavar="MODEL", help="from qemu64 to max")
    parser.add_argument("--accel", choices=("tcg", "kvm", "auto"), default="tcg")
    parser.add_argument("--firmware", choices=FIRMWARES, default="default")
    parser.add_argument("--append", action="append", default=[], metavar="KEY=VALUE",
                        help="an option for the kernel's command line; may be given often")
    parser.add_argument("--initrd", metavar="FILE")
    parser.add_argument("--icount", action="store_true",
                        help="count instructions: one tick of the clock for each (one CPU, exact)")


def from_arguments(options: argparse.Namespace) -> Machine:
    """The machine the options describe; SetupError when there can be none."""
    machine = Machine(
        kernel=options.kernel, disc=options.disc, machine=options.machine, cpus=options.cpus,
        mem=options.mem, cpu=options.cpu, accel=options.accel, firmware=options.firmware,
        append=list(options.append), initrd=options.initrd, icount=options.icount)
    machine.check()
    return machine
