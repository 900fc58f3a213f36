"""tools/weft pytest: runs the *_test.py of a folder with Python's unittest, and writes a report."""

import argparse
import importlib.util
import pathlib
import shlex
import sys
import time
import unittest

from weftlib.errors import SetupError
from weftlib.results import Results


class Collector(unittest.TestResult):
    """Turns what unittest says into cases. A test with a failed subtest fails once for each."""

    def __init__(self, results: Results):
        super().__init__()
        self._results = results
        self._start = 0.0
        self._failed = False

    def startTest(self, test):
        super().startTest(test)
        self._start = time.monotonic()
        self._failed = False

    def stopTest(self, test):
        if not self._failed:
            self._results.add(_name(test), True, "", time.monotonic() - self._start)
        super().stopTest(test)

    def _fail(self, test, error):
        self._failed = True
        text = self._exc_info_to_string(error, test)
        self._results.add(_name(test), False, text, time.monotonic() - self._start)
        print(f"  failed: {_name(test)}\n{text}", file=sys.stderr)

    def addError(self, test, err):
        super().addError(test, err)
        self._fail(test, err)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._fail(test, err)

    def addSkip(self, test, reason):
        """Whoever counts on a test must hear that it did not run."""
        super().addSkip(test, reason)
        self._failed = True
        self._results.add(_name(test), False, f"skipped: {reason}", time.monotonic() - self._start)
        print(f"  failed: {_name(test)}\nskipped: {reason}", file=sys.stderr)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._fail(subtest, err)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tools/weft pytest", description=__doc__)
    parser.add_argument("--name", default="pytest", help="the name of the report")
    parser.add_argument("--filter", default="", metavar="TEXT", help="only tests with this in the name")
    parser.add_argument("folder")
    options = parser.parse_args(arguments)

    suite = unittest.TestSuite()
    files = sorted(pathlib.Path(options.folder).rglob("*_test.py"))
    if not files:
        raise SetupError(f"there is no *_test.py below {options.folder}")
    for path in files:
        suite.addTests(unittest.defaultTestLoader.loadTestsFromModule(_load(path)))
    results = Results(options.name, shlex.join(["tools/weft", "pytest", *arguments]))
    chosen = unittest.TestSuite(test for test in _flatten(suite) if options.filter in test.id())
    chosen.run(Collector(results))
    results.write()
    print(results.summary())
    return 1 if results.failures else 0


def _load(path: pathlib.Path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def _flatten(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from _flatten(test)
        else:
            yield test


def _name(test) -> str:
    return ".".join(test.id().split(".")[-2:]) if "(" not in test.id() else test.id()
