"""Plants known mistakes into the code, one at a time, and sees to it that the explorer catches each.

A mistake is a file in tests/explore/bugs: which file, which text becomes which, and the scenarios that
are to notice. Only what the mistake is in is compiled anew; the rest comes from the explorer's build."""

import argparse
import fnmatch
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from weftlib import explore
from weftlib.errors import SetupError
from weftlib.results import Results

FOLDER = pathlib.Path("tests/explore/bugs")
BUILT = pathlib.Path("build/explore/bugs")
OBJECTS = pathlib.Path("build/explore/obj")
LEAST_BUGS = 30


class BadBug(Exception):
    """The mistake can't be planted."""


@dataclass
class Bug:
    name: str
    about: str = ""
    file: str = ""
    scenarios: list[str] = field(default_factory=list)
    rebuild: list[str] = field(default_factory=list)  # sources; the file itself if it is one
    changes: list[tuple[str, str]] = field(default_factory=list)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tools/weft seeded_bugs", description=__doc__)
    parser.add_argument("--name", default="explore-bugs", help="the name of the report")
    parser.add_argument("--bug", default="*", metavar="PATTERN", help="only the mistakes that match")
    parser.add_argument("--jobs", type=int, default=1, help="so many at once")
    parser.add_argument("--show", action="store_true", help="print each story")
    options = parser.parse_args(arguments)
    if not os.path.isfile(explore.BINARY):
        raise SetupError(f"there is no {explore.BINARY}; `make explore` builds it")
    paths = [path for path in sorted(FOLDER.glob("*.bug")) if fnmatch.fnmatch(path.stem, options.bug)]
    results = Results(options.name, shlex.join(["tools/weft", "seeded_bugs", *arguments]))
    with ThreadPoolExecutor(options.jobs) as pool:
        for name, caught, text, seconds in pool.map(try_bug, paths):
            results.add(name, caught, text, seconds)
            print(f"{'caught' if caught else 'MISSED'}  {name}  ({seconds:.1f} s)", flush=True)
            if options.show or not caught:
                print(text, flush=True)
    if options.bug == "*":
        results.add(f"at least {LEAST_BUGS} mistakes", len(paths) >= LEAST_BUGS, f"only {len(paths)}")
    results.write()
    print(results.summary())
    return 1 if results.failures else 0


def try_bug(path: pathlib.Path) -> tuple[str, bool, str, float]:
    start = time.monotonic()
    try:
        bug = read(path)
        binary = build(bug)
        caught, text = is_caught(bug, binary)
    except BadBug as error:
        caught, text = False, str(error)
    return path.stem, caught, text, time.monotonic() - start


def read(path: pathlib.Path) -> Bug:
    """Lines `# what it is`, `file F`, `scenarios S...`, `rebuild F...`; then `--- old` and `--- new` parts."""
    bug = Bug(path.stem)
    parts: list[list[str]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line in ("--- old", "--- new"):
            if (line == "--- old") != (len(parts) % 2 == 0):
                raise BadBug(f"{path}: old and new come in pairs")
            parts.append([])
        elif parts:
            parts[-1].append(line)
        elif line.startswith("#"):
            bug.about += line[1:].strip() + " "
        elif line:
            key, *words = line.split()
            if key == "file":
                bug.file = words[0]
            elif key in ("scenarios", "rebuild"):
                getattr(bug, key).extend(words)
            else:
                raise BadBug(f"{path}: what is {key}?")
    bug.changes = [("\n".join(old), "\n".join(new)) for old, new in zip(parts[::2], parts[1::2])]
    if not (bug.file and bug.scenarios and bug.changes):
        raise BadBug(f"{path}: file, scenarios and changes are wanted")
    if bug.file.endswith(".cc"):
        bug.rebuild.append(bug.file)
    return bug


def plant(bug: Bug) -> None:
    """Writes the changed file below build/explore/bugs/NAME. However the text is broken into lines, it is
    there exactly once."""
    source = pathlib.Path(bug.file)
    if not source.is_file():
        raise BadBug(f"{bug.name}: there is no {bug.file} any more")
    text = source.read_text(encoding="utf-8")
    for old, new in bug.changes:
        pattern = r"\s+".join(re.escape(word) for word in old.split())
        found = list(re.finditer(pattern, text))
        if len(found) != 1:
            raise BadBug(f"{bug.name}: in {bug.file} this stands {len(found)} times, not once; "
                         f"the code has changed, so change {FOLDER}/{bug.name}.bug as well:\n{old}")
        text = text[:found[0].start()] + new.strip() + text[found[0].end():]
    target = BUILT / bug.name / bug.file
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def build(bug: Bug) -> pathlib.Path:
    shutil.rmtree(BUILT / bug.name, ignore_errors=True)  # what it changed once would hide what is there now
    plant(bug)
    place = BUILT / bug.name
    flags = shlex.split(pathlib.Path("build/explore/flags").read_text(encoding="utf-8"))
    flags = [flag for flag in flags if flag not in ("-Werror", "-g")] + ["-g1"]
    objects = []
    for source in bug.rebuild:
        changed = place / source
        built = place / f"{source}.o"
        built.parent.mkdir(parents=True, exist_ok=True)
        compile_it = ["clang++-19", f"-I{place}/kernel", f"-I{place}", f"-I{place}/tests", *flags, "-w", "-c",
                      str(changed if changed.is_file() else source), "-o", str(built)]
        run(compile_it, bug)
        objects.append(built)
    replaced = {OBJECTS / f"{source}.o" for source in bug.rebuild}
    everything = pathlib.Path("build/explore/link-order").read_text(encoding="utf-8").split()
    # The engine's objects come first, then what is changed, so that its inline functions are taken and not
    # those that other scenarios bring.
    engine = [name for name in everything if "/tests/explore/" in name and "/scenarios/" not in name
              and pathlib.Path(name) not in replaced]
    rest = [name for name in everything if name not in engine and pathlib.Path(name) not in replaced]
    binary = place / "explore"
    run(["clang++-19", "-no-pie", "-fuse-ld=lld-19", *engine, *map(str, objects), *rest, "-o", str(binary)], bug)
    return binary


def run(command: list[str], bug: Bug) -> None:
    done = subprocess.run(command, text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise BadBug(f"{bug.name} does not build:\n{done.stdout[-2000:]}")


def is_caught(bug: Bug, binary: pathlib.Path) -> tuple[bool, str]:
    """By one of its scenarios, with a story that is short enough."""
    known = explore.scenarios()
    texts = []
    for scenario in bug.scenarios:
        if scenario not in known:
            raise BadBug(f"{bug.name}: there is no scenario {scenario}")
        outcome = explore.explore(scenario, [], str(binary), save_as=f"{bug.name}.{scenario}")
        texts.append(outcome.text)
        if outcome.report.get("verdict", "passed") == "passed":
            continue
        lines = len(outcome.text.splitlines()) - 1  # the first is the search's
        if lines > explore.LONGEST_STORY:
            return False, f"the story has {lines} lines:\n{outcome.text}"
        return True, f"{bug.about}\n{outcome.text}"
    return False, f"{bug.about}\nnot noticed:\n" + "".join(texts)
