"""The rules that need only the files' names and texts, and one about the kernel's instructions."""

import pathlib
import re
import subprocess

TOP_LEVEL = {"Makefile", "kernel", "userlib", "boot", "tests", "tools", "README.md"}
NOT_OURS = {"build", "compile_commands.json"}  # made by the build, or by a user's editor
LEFT_BEHIND = re.compile(r"\.(orig|rej|bak|sw[op])$|~$")  # by patch and editors
SOURCES = (".cc", ".hh", ".S", ".ld", ".py", ".mk", ".sh")
KERNEL_BUDGET = 30_500
SMALL_FILE = 400
ASSEMBLY_FOLDERS = ("boot", "kernel/x86_64", "userlib", "tests")
INLINE_ASSEMBLY = re.compile(r"\b(?:asm|__asm__)\s*(?:volatile|__volatile__)?\s*\(")
BANNED = re.compile(r"\b(FIXME|XXX|HACK)\b|\bTODO\b(?!: .{20,})")
FLOATING_POINT = re.compile(r"^\s*[0-9a-f]+:\s+(f[a-z0-9]+)\b|%(?:xmm|ymm|mm|st\()")
STATE_INSTRUCTIONS = {  # they save or set the state of the unit for somebody else, or ask for it
    "fxsave", "fxsave64", "fxrstor", "fxrstor64", "fninit", "fnclex", "fldcw", "fnstcw", "fnstsw", "fwait"}


def files_below(root: pathlib.Path, *folders: str) -> list[pathlib.Path]:
    paths = (path for folder in folders for path in sorted((root / folder).rglob("*")))
    return [path for path in paths if path.is_file() and "__pycache__" not in path.parts]


def top_level_is_fixed(root: pathlib.Path) -> list[str]:
    strangers = {path.name for path in root.iterdir() if not path.name.startswith(".")}
    return [f"{name} does not belong there" for name in sorted(strangers - TOP_LEVEL - NOT_OURS)]


def nothing_is_left_behind(root: pathlib.Path) -> list[str]:
    below = files_below(root, *(TOP_LEVEL - {"Makefile", "README.md"}))
    names = [str(path.relative_to(root)) for path in [*root.glob("*"), *below] if path.is_file()]
    return [f"{name} was left behind by a tool" for name in sorted(names) if LEFT_BEHIND.search(name)]


def folders_explain_themselves(root: pathlib.Path) -> list[str]:
    """Folders of kernel/core and the second level elsewhere; below that, a folder's parent explains."""
    folders = {root / name for name in ("kernel", "boot", "tests", "tools", "userlib")}
    folders |= {path for pattern in ("kernel/*", "kernel/core/*", "tests/*", "tools/*", "userlib/*")
                for path in root.glob(pattern)}
    return [f"{folder.relative_to(root)} has no README.md" for folder in sorted(folders)
            if folder.is_dir() and folder.name != "__pycache__" and any(folder.iterdir())
            and not (folder / "README.md").is_file()]


def headers_are_guarded(root: pathlib.Path) -> list[str]:
    return [f"{path.relative_to(root)} has no #pragma once"
            for path in files_below(root, "kernel", "userlib", "tests")
            if path.suffix == ".hh" and "\n#pragma once\n" not in "\n" + path.read_text(encoding="utf-8")]


def assembly_has_its_place(root: pathlib.Path) -> list[str]:
    complaints = []
    for path in files_below(root, "kernel", "tools"):
        name = str(path.relative_to(root))
        if name.startswith(ASSEMBLY_FOLDERS):
            continue
        if path.suffix == ".S":
            complaints.append(f"{name}: assembly belongs in boot/ or kernel/x86_64/")
        elif path.suffix in (".cc", ".hh") and INLINE_ASSEMBLY.search(_code(path)):
            complaints.append(f"{name}: inline assembly belongs in kernel/x86_64/")
    return complaints


def kernel_fits_its_budget(root: pathlib.Path) -> list[str]:
    lines = sum(count_code_lines(path) for path in files_below(root, "kernel", "boot")
                if path.suffix in (".cc", ".hh", ".S", ".ld"))
    if lines <= KERNEL_BUDGET:
        return []
    return [f"kernel/ and boot/ have {lines} lines of code, {lines - KERNEL_BUDGET} too many"]


def count_code_lines(path: pathlib.Path) -> int:
    """Lines with something other than blanks and comments."""
    return sum(1 for line in _code(path).splitlines() if line.strip())


def _code(path: pathlib.Path) -> str:
    """The text without its comments (a // in a string is taken for one, which is close enough)."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    text = re.sub(r"//.*", "", text)
    if path.suffix == ".S":
        text = re.sub(r"^\s*#(?!\s*(include|define|if|ifdef|ifndef|elif|else|endif|error|undef)\b).*",
                      "", text, flags=re.MULTILINE)
    return text


def no_banned_words(root: pathlib.Path) -> list[str]:
    complaints = []
    for path in files_below(root, "kernel", "boot", "userlib", "tests", "tools"):
        if path.suffix not in SOURCES or path.parent.name == "checks":
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found = BANNED.search(line)
            if found:
                complaints.append(f"{path.relative_to(root)}:{number}: {found.group(0)} without a reason")
    return complaints


def no_floating_point(root: pathlib.Path) -> list[str]:
    """The kernel saves no floating-point registers when it is entered, so it must not touch them."""
    complaints = []
    for path in sorted((root / "build").glob("*/weft*.elf")):
        done = subprocess.run(["llvm-objdump-19", "-d", "--no-show-raw-insn", str(path)], text=True,
                              check=True, stdout=subprocess.PIPE)
        for line in done.stdout.splitlines():
            found = FLOATING_POINT.search(line)
            if found and found.group(1) not in STATE_INSTRUCTIONS:
                complaints.append(f"{path.relative_to(root)}: {line.strip()}")
                break
    return complaints


def files_are_small(root: pathlib.Path) -> list[str]:
    """Not a rule but an aim: a file should fit in a reader's head."""
    warnings = []
    for path in files_below(root, "kernel", "boot", "userlib", "tests", "tools"):
        if path.suffix in SOURCES:
            lines = path.read_text(encoding="utf-8").count("\n")
            if lines > SMALL_FILE:
                warnings.append(f"{path.relative_to(root)} has {lines} lines; aim below {SMALL_FILE}")
    return warnings
