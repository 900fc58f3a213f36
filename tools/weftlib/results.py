"""Results of one part of the tests, written as JSON (for tools/testrun) and JUnit XML (for CI)."""

import json
import os
import re
from dataclasses import asdict, dataclass, field
from xml.etree import ElementTree

FOLDER = "build/reports"
NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd]")


@dataclass
class Case:
    name: str
    passed: bool
    message: str = ""
    seconds: float = 0.0


@dataclass
class Results:
    """The cases of one part. `repeat` is the command that runs this part again."""

    name: str
    repeat: str = ""
    cases: list[Case] = field(default_factory=list)

    def add(self, name: str, passed: bool, message: str = "", seconds: float = 0.0) -> None:
        self.cases.append(Case(name, passed, message, seconds))

    @property
    def failures(self) -> list[Case]:
        return [case for case in self.cases if not case.passed]

    def summary(self) -> str:
        failed = len(self.failures)
        return f"{self.name}: {len(self.cases) - failed} passed, {failed} failed"

    def write(self, folder: str = FOLDER) -> None:
        """Both files, each complete or not there at all."""
        os.makedirs(folder, exist_ok=True)
        _write(f"{folder}/{self.name}.json", json.dumps(asdict(self), indent=1) + "\n")
        _write(f"{folder}/{self.name}.xml", self._junit())

    def _junit(self) -> str:
        suite = ElementTree.Element(
            "testsuite", name=self.name, tests=str(len(self.cases)), failures=str(len(self.failures)))
        for case in self.cases:
            element = ElementTree.SubElement(
                suite, "testcase", classname=self.name, name=_clean(case.name),
                time=f"{case.seconds:.3f}")
            if not case.passed:
                failure = ElementTree.SubElement(
                    element, "failure", message=_clean(case.message).split("\n")[0])
                failure.text = _clean(case.message)
        return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def read(name: str, folder: str = FOLDER) -> Results | None:
    """What a part has written; None when there is no such report, or no whole one."""
    try:
        with open(f"{folder}/{name}.json", encoding="utf-8") as file:
            raw = json.load(file)
        return Results(raw["name"], raw["repeat"], [Case(**case) for case in raw["cases"]])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _clean(text: str) -> str:
    return NOT_IN_XML.sub("?", text)


def _write(path: str, text: str) -> None:
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".new", path)
