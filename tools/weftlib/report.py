"""What the kernel says on its report channel, a device that printed text does not reach.

Each line is `NONCE WORD REST`. The launcher makes the nonce up for one run and hands it to the
kernel on its command line; a line with another nonce is a forgery, and fails the run. The words:

    start                       the kernel has come to its first thread
    prompt                      the first prompt was shown
    plan N                      N tests will run
    test NAME pass|fail [TEXT]  one of them has
    bench NAME VALUE UNIT       something was measured
    panic REASON                the kernel gives up
    end STATUS                  the kernel powers off; always the last line
"""

from dataclasses import dataclass, field


@dataclass
class TestLine:
    name: str
    passed: bool
    text: str


@dataclass
class BenchLine:
    name: str
    value: float
    unit: str


@dataclass
class Report:
    """The lines of one run, understood. `faults` says what was wrong with the lines themselves."""

    nonce: str
    started: bool = False
    prompted: bool = False
    plan: int | None = None
    tests: list[TestLine] = field(default_factory=list)
    benches: list[BenchLine] = field(default_factory=list)
    panic: str | None = None
    end: int | None = None
    faults: list[str] = field(default_factory=list)
    _partial: bytes = b""

    def feed(self, data: bytes) -> None:
        """Takes bytes as they come; a line counts when its end is there."""
        *lines, self._partial = (self._partial + data).split(b"\n")
        for line in lines:
            self._take(line.decode("utf-8", "replace").strip("\r"))

    def close(self) -> None:
        """No more will come."""
        if self._partial:
            self.faults.append("the last report line has no end")

    def _take(self, line: str) -> None:
        nonce, _, rest = line.partition(" ")
        if nonce != self.nonce:
            self.faults.append(f"a report line with a wrong nonce: {line!r}")
            return
        if self.end is not None:
            self.faults.append(f"a report line after the end: {rest!r}")
            return
        word, _, rest = rest.partition(" ")
        try:
            self._understand(word, rest)
        except ValueError:
            self.faults.append(f"a report line that makes no sense: {word} {rest}")

    def _understand(self, word: str, rest: str) -> None:
        if word == "start":
            self.started = True
        elif word == "prompt":
            self.prompted = True
        elif word == "plan":
            if self.plan is not None:
                raise ValueError("a second plan")
            self.plan = int(rest)
        elif word == "test":
            name, result, text = (rest + "  ").split(" ", 2)
            if not name or result not in ("pass", "fail"):
                raise ValueError("a test that neither passed nor failed")
            self.tests.append(TestLine(name, result == "pass", text.strip()))
        elif word == "bench":
            name, value, unit = rest.split()
            self.benches.append(BenchLine(name, float(value), unit))
        elif word == "panic":
            self.panic = rest or "without a reason"
        elif word == "end":
            self.end = int(rest)
        else:
            raise ValueError("an unknown word")
