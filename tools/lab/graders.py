"""Marks the markers: for each lab the solution gets everything, the starter what lab.toml says, and each wrong answer
loses exactly the parts that it should. Before that, what needs no compiler: the marks in the sources, the
wrong answers' texts, and that a class's starter has no line of the solution in it."""

import fnmatch
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from concurrent import futures

from lab import answers as written_answers, checks, description, export, grading, markers, start, villains, workspace, wrong
from lab.description import Lab
from lab.errors import LabError
from weftlib.results import Results

LEAST_WRONG = 5
WORK = pathlib.Path("build/labs-work")
_this_tree = threading.Lock()  # while something is built in it, and until that is copied


def main(names: list[str], quick: bool, report: str) -> int:
    results = Results(report, " ".join(["tools/lab/lab test", *names, *(["--quick"] if quick else [])]))
    labs = [description.read(name) for name in names or description.names()]
    for lab in labs:
        check_texts(results, lab)
    if not quick:
        # Each lab has a workspace of its own, so several can be marked at once: one more than there are CPUs, since an
        # answer that hangs leaves its own idle. Those with many answers begin, so that all end together.
        answers = sorted(((lab, wrong.read_all(lab)) for lab in labs), key=lambda pair: -len(pair[1]))
        with futures.ThreadPoolExecutor((os.cpu_count() or 1) + 1) as pool:
            for one in [pool.submit(check_marks, results, *pair) for pair in answers]:
                one.result()
    if not names and quick:
        check_one_mark(results)
    elif not names:
        villains.check(results)
    results.write()
    print(results.summary())
    return 1 if results.failures else 0


# ---- Without a compiler --------------------------------------------------------------------------


def check_texts(results: Results, lab: Lab) -> None:
    def case(what: str, check) -> None:
        started = time.monotonic()
        try:
            problem = check() or ""
        except LabError as error:
            problem = str(error)
        add(results, f"{lab.name}: {what}", problem, started)

    case("the marks in the sources", lambda: marks_problem(lab))
    case("the handout", lambda: handout_problem(lab))
    case("the tests that decide are there", lambda: tests_problem(lab))
    case("the wrong answers can be planted", lambda: plant_problem(lab))
    case("a class's starter tells no solution", lambda: export_problem(lab))


def marks_problem(lab: Lab) -> str:
    found = markers.all_regions(pathlib.Path("."), lab.name)
    if not found:
        return "" if not any(name.endswith(markers.SUFFIXES) for name in lab.files) else "nothing is marked"
    strangers = {region.path for region in found} - set(lab.files)
    unmarked = {name for name in lab.files if name.endswith(markers.SUFFIXES)} - {region.path for region in found}
    unknown = {region.part for region in found if lab.part(region.part) is None}
    untold = [region.path for region in found if not region.solution]
    return "; ".join(f"{what}: {sorted(names)}" for what, names in (
        ("marked, but not among the lab's files", strangers), ("not marked", unmarked), ("no such part", unknown),
        ("an empty solution", untold)) if names)


HANDOUT = ("## The idea", "## Read first", "## Part 0", "<details>", "## Questions", "## Look at it", "make grade LAB=")


def handout_problem(lab: Lab) -> str:
    path = description.FOLDER / lab.name / "README.md"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    wanted = [*HANDOUT, *(f"## Part {part.number}" for part in lab.parts)]
    missing = [heading for heading in wanted if heading not in text]
    gone = [word for word in _paths_in(text) if not pathlib.Path(word).exists()]
    return "; ".join(f"{what}: {', '.join(words)}" for what, words in (
        (f"{path} has no", missing), (f"{path} names what is not there", gone)) if words)


def _paths_in(text: str) -> list[str]:
    """Names of files of this tree, as a handout writes them: `kernel/core/hal.hh`."""
    words = {word.partition(":")[0] for word in text.split("`")[1::2]}
    return sorted(word for word in words if word.startswith(("kernel/", "userlib/", "tests/", "tools/", "boot/"))
                  and " " not in word and not any(sign in word for sign in "*{NAME"))


# How each kind of test is named in its sources.
_GOOGLE_TEST = r"\b(?:TYPED_)?TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\)"
_TESTS = {"unit": _GOOGLE_TEST, "userlib": _GOOGLE_TEST, "explore": r"\.name = \"([^\"]+)\""}


def tests_problem(lab: Lab) -> str:
    missing = []
    for check in (check for part in lab.parts for check in part.checks if check.kind in _TESTS):
        texts = (pathlib.Path(path).read_text(encoding="utf-8") for path in lab.sources(check.kind))
        found = {".".join(name) if isinstance(name, tuple) else name
                 for text in texts for name in re.findall(_TESTS[check.kind], text)}
        for name in check.only:
            # A test with parameters has an instance before it and a value behind: "Modes/Runtime.AllYield/lone0".
            plain = next((word for word in name.split("/") if "." in word), name)
            if not fnmatch.filter(found, plain):
                missing.append(name)
    return f"lab.toml names tests that are not in its sources: {', '.join(missing)}" if missing else ""


def plant_problem(lab: Lab) -> str:
    all_wrong = wrong.read_all(lab)
    for one in all_wrong:
        texts: dict[str, str] = {}
        for file, old, new in one.changes:
            if file not in lab.files:
                return f"wrong answer {one.name} changes {file}, which is not among the lab's files"
            text = texts.get(file) or pathlib.Path(file).read_text(encoding="utf-8")
            texts[file] = wrong.replaced(one.name, file, text, old, new)
    return "" if len(all_wrong) >= LEAST_WRONG else f"only {len(all_wrong)} wrong answers, {LEAST_WRONG} are wanted"


def export_problem(lab: Lab) -> str:
    with tempfile.TemporaryDirectory(prefix="weft-lab-") as folder:
        export.export(lab, pathlib.Path(folder) / "starter")
    return ""


# ---- With the tests ------------------------------------------------------------------------------


def check_marks(results: Results, lab: Lab, all_wrong: list[wrong.Wrong], ends: bool = True) -> None:
    """`ends`: the solution and the starter as well."""
    work = WORK / lab.name
    shutil.rmtree(work, ignore_errors=True)
    with _this_tree:
        workspace.build_first(lab, [target for kind in sorted(lab.kinds()) for target in checks.target(lab, kind)])
        workspace.make(lab, work)
    kept = {name: (work / name).read_text(encoding="utf-8") for name in lab.files}
    answers = []
    if ends:
        passes = [part.number for part in lab.parts if part.starter_passes]
        answers += [("the solution", lambda: None, [], []),
                    ("the starter", lambda: start.write_starter(work, lab.name),
                     [part.number for part in lab.parts if part.number not in passes], [])]
    answers += [(f"wrong: {one.name}", lambda one=one: wrong.plant(one, work), one.loses, one.may_lose) for one in all_wrong]
    for name, prepare, loses, may_lose in answers:
        started = time.monotonic()
        for file, text in kept.items():
            if (work / file).read_text(encoding="utf-8") != text:
                (work / file).write_text(text, encoding="utf-8")
        (work / start.NOTE).write_text("", encoding="utf-8")
        if "answers" in lab.kinds() and name != "the starter":
            written_answers.fill_in(lab, work, "A. Student")  # the truth depends on the build, so no solution can be kept
        prepare()
        problem = mark_problem(lab, work, loses, may_lose)
        add(results, f"{lab.name}: {name}", problem, started)
    shutil.rmtree(work)


def check_one_mark(results: Results) -> None:
    """One wrong answer of one lab, to see that the machinery runs."""
    lab = description.read("mutex")
    check_marks(results, lab, wrong.read_all(lab)[:1], ends=False)


def mark_problem(lab: Lab, work: pathlib.Path, loses: list[int], may_lose: list[int]) -> str:
    """What is wrong with the mark of the answer in `work`, if anything is."""
    command = [sys.executable, "tools/lab/lab", "grade", lab.name, "--quiet"]
    done = subprocess.run(command, cwd=work, text=True, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    mark = grading.read(work / "build/labs" / lab.name / "grade.json")
    if mark is None:
        return f"the marker itself failed:\n{done.stdout[-3000:]}"
    lost = [part["part"] for part in mark["parts"] if not part["passed"]]
    unbuilt = [part for part in mark["parts"] if part.get("seen", "").startswith("does not build")]
    if unbuilt:
        return f"each of these answers compiles, but part {unbuilt[0]['part']} {unbuilt[0]['seen']}"
    if set(loses) <= set(lost) <= {*loses, *may_lose}:
        return ""
    maybe = f" (maybe {may_lose})" if may_lose else ""
    return f"it should lose the parts {loses}{maybe}, but lost {lost}:\n{done.stdout[-4000:]}"


def add(results: Results, name: str, problem: str, started: float) -> None:
    seconds = time.monotonic() - started
    results.add(name, not problem, problem, seconds)
    print(f"{'ok' if not problem else 'FAIL':5} {name} ({seconds:.1f} s)" + (f"\n{problem}" if problem else ""), flush=True)
