"""The rules about rooms: which part of the kernel may use which other, checked in the #include lines
and, since a declaration can be smuggled in without one, in the objects' undefined symbols."""

import pathlib
import re
import subprocess

# A room of the core may use itself and the rooms before it; those on one line use each other.
CORE_ORDER = [["base"], ["abi"], ["trace", "sync", "sched"], ["mm"], ["fs"], ["ipc"], ["proc"]]
CORE_LEVEL = {room: level for level, rooms in enumerate(CORE_ORDER) for room in rooms}

OBJECTS = "build/debug/obj"
# Any code may come to need these: the compiler and the standard library's headers call them.
COMPILER_CALLS = re.compile(r"(memcpy|memmove|memset|memcmp|memchr|strlen|__cxa_pure_virtual)$|_ZSt")
HAL_SYMBOL = re.compile(r"_ZN4weft3hal")
UPCALL_SYMBOL = re.compile(r"_ZN4weft(6upcall|11kernel_main)|system_calls$")
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


def room_of(path: str) -> str:
    """Of a path below kernel/: core/base, core/hal.hh, x86_64, dev, ..."""
    parts = path.split("/")
    return "/".join(parts[:2]) if parts[0] == "core" else parts[0]


# What is made of the system-call table at build time, and the room that it counts to.
GENERATED = {"abi/constants.hh": "core/abi", "syscall/handlers.hh": "syscall", "syscall/dispatch.inc": "syscall",
             "syscall/decode.hh": "syscall"}


def may_use(user: str, used: str) -> bool:
    """Whether code in one room may name what stands in another."""
    if user == used or used == "core/hal.hh":
        return True
    if user == "core/hal.hh":
        return used == "core/base"
    if user.startswith("core/"):
        if not used.startswith("core/"):
            return False
        level = {name: CORE_LEVEL.get(name.removeprefix("core/")) for name in (user, used)}
        return None not in level.values() and level[used] <= level[user]
    if user == "x86_64":
        return used in ("core/base", "dev")
    return True


def includes_respect_rooms(root: pathlib.Path) -> list[str]:
    complaints = []
    kernel = root / "kernel"
    for path in sorted(kernel.rglob("*")):
        if path.suffix not in (".cc", ".hh", ".S"):
            continue
        user = room_of(str(path.relative_to(kernel)))
        for included in INCLUDE.findall(path.read_text(encoding="utf-8")):
            if included in GENERATED:
                if not may_use(user, GENERATED[included]):
                    complaints.append(f"{path.relative_to(root)}: {user} must not include {included}")
                continue
            if not (kernel / included).is_file():
                complaints.append(f"{path.relative_to(root)}: \"{included}\" is no file below kernel/")
            elif not may_use(user, room_of(included)):
                complaints.append(f"{path.relative_to(root)}: {user} must not include {included}")
        if user.startswith("core/") and user != "core/hal.hh" and user[5:] not in CORE_LEVEL:
            complaints.append(f"{path.relative_to(root)}: core has no room {user[5:]}")
    return complaints


def symbols_respect_rooms(root: pathlib.Path) -> list[str]:
    objects = sorted((root / OBJECTS / "kernel").rglob("*.o"))
    objects = [path for path in objects if _source(root, path).is_file()]
    if not objects:
        return [f"there are no objects below {OBJECTS} to look at"]
    homes: dict[str, set[str]] = {}  # of a symbol: the rooms that define it
    wants: list[tuple[str, str, str]] = []  # object, its room, an undefined symbol
    for path, symbol, kind in _symbols(objects):
        name = str(pathlib.Path(path).relative_to(root / OBJECTS / "kernel"))
        if kind in "Uwv":
            wants.append((name, room_of(name), symbol))
        else:
            homes.setdefault(symbol, set()).add(room_of(name))
    complaints = []
    for name, user, symbol in wants:
        defined_in = homes.get(symbol, set())
        if not defined_in or COMPILER_CALLS.match(symbol) or _through_the_seam(user, symbol):
            continue
        if not any(may_use(user, home) for home in defined_in):
            complaints.append(f"{name}: {user} must not use {symbol} of {', '.join(sorted(defined_in))}")
    return complaints


def _through_the_seam(user: str, symbol: str) -> bool:
    if user.startswith("core/"):
        return HAL_SYMBOL.match(symbol) is not None
    return user == "x86_64" and UPCALL_SYMBOL.match(symbol) is not None


def _source(root: pathlib.Path, path: pathlib.Path) -> pathlib.Path:
    return root / str(path.relative_to(root / OBJECTS)).removesuffix(".o")


def _symbols(objects: list[pathlib.Path]):
    """(object, symbol, kind) for every symbol; kind is nm's letter."""
    done = subprocess.run(["llvm-nm-19", "-A", "--no-sort", *map(str, objects)], text=True, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for line in done.stdout.splitlines():
        path, _, rest = line.partition(": ")
        *_, kind, symbol = rest.split()
        yield path, symbol, kind
