"""tools/weft unit: runs a host test binary (GoogleTest), and writes a report of its tests."""

import argparse
import functools
import os
import platform
import shlex
import subprocess
import tempfile
from xml.etree import ElementTree

from weftlib.errors import SetupError
from weftlib.results import Results

TAIL_LINES = 24
MAP_FAILURES = ("unexpected memory mapping", "Shadow memory range interleaves")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tools/weft unit", description=__doc__)
    parser.add_argument("--name", default="unit", help="the name of the report")
    parser.add_argument("--filter", default="*", metavar="PATTERN", help="as in --gtest_filter")
    parser.add_argument("binary")
    options = parser.parse_args(arguments)
    if not os.path.isfile(options.binary):
        raise SetupError(f"there is no {options.binary}; `make unit` builds it")

    results = Results(options.name, shlex.join(["tools/weft", "unit", *arguments]))
    with tempfile.TemporaryDirectory(prefix="weft-unit-") as folder:
        xml = f"{folder}/results.xml"
        command = [*launch_prefix(options.binary), os.path.abspath(options.binary),
                   f"--gtest_filter={options.filter}", f"--gtest_output=xml:{xml}"]
        status, lines = _run(command)
        if os.path.isfile(xml):
            _read_cases(xml, results)
    if status != 0 and not results.failures:
        tests = [line.split("]")[1].strip() for line in lines if line.startswith("[ RUN ")]
        results.add(tests[-1] if tests else "the binary", False,
                    "\n".join([f"the binary ended with status {status}", *lines[-TAIL_LINES:]]))
    if not results.cases:
        results.add("the binary", False, "ran no tests")
    results.write()
    print(results.summary())
    return 1 if results.failures else 0


@functools.cache
def launch_prefix(binary: str) -> list[str]:
    """Sanitizers can't lay out their shadow memory on kernels that place programs too randomly: then
    the binary is started without that randomness."""
    probe = subprocess.run([os.path.abspath(binary), "--gtest_list_tests"], text=True, check=False,
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if probe.returncode != 0 and any(text in probe.stderr for text in MAP_FAILURES):
        return ["setarch", platform.machine(), "-R"]
    return []


def _run(command: list[str]) -> tuple[int, list[str]]:
    """Runs it and shows what it prints; its status, and the lines."""
    lines = []
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace") as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line.rstrip("\n"))
    return process.returncode, lines


def _read_cases(xml: str, results: Results) -> None:
    for case in ElementTree.parse(xml).getroot().iter("testcase"):
        if case.get("status") != "run":
            continue
        failures = [failure.get("message", "") for failure in case.iter("failure")]
        failures += [f"skipped: {skip.get('message', '')}" for skip in case.iter("skipped")]
        name = f"{case.get('classname')}.{case.get('name')}"
        results.add(name, not failures, "\n".join(failures), float(case.get("time", 0)))
