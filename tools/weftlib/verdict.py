"""How a run ended, told apart by kind. A run passes only when everything that can agree agrees."""

import enum
from dataclasses import dataclass, field

from weftlib.report import Report

# The kernel powers off by writing STATUS_BASE + status (0 to 63) to the debug-exit device, a panic
# by writing PANIC_VALUE; QEMU's own exit status is then that value times two, plus one.
STATUS_BASE = 0x20
PANIC_VALUE = 0x7F


class Kind(enum.Enum):
    """The kinds of ending, and the launcher's exit status for each (1 to 63 are a guest's own)."""

    PASSED = ("passed", 0)
    WRONG_ANSWER = ("wrong answer", 64)
    CRASH = ("crash", 65)
    HANG = ("hang", 66)
    BROKEN_SETUP = ("broken set-up", 67)
    BUILD_ERROR = ("build error", 68)

    def __init__(self, text: str, exit_status: int):
        self.text = text
        self.exit_status = exit_status


@dataclass
class Ending:
    """What the launcher saw of QEMU's end."""

    exit_code: int  # negative: a signal's number, as in subprocess
    silent_for: float | None = None  # seconds, when silence made the launcher end the run
    shutdown_reason: str | None = None  # from QEMU's SHUTDOWN event
    triple_fault: bool = False
    guest_ran: bool = True  # False: QEMU did not come to starting the guest
    quit_by_user: bool = False
    qemu_said: str = ""
    places: list[str] = field(default_factory=list)  # where the CPUs were when it hung

    def failed(self) -> bool:
        """QEMU itself failed: neither did the guest power off nor did a debugger end the machine."""
        return self.exit_code != 0 and self.exit_code >> 1 < STATUS_BASE


@dataclass
class Verdict:
    kind: Kind
    reason: str

    def __str__(self) -> str:
        return f"{self.kind.text}: {self.reason}" if self.reason else self.kind.text

    @property
    def passed(self) -> bool:
        return self.kind is Kind.PASSED


def judge(ending: Ending, report: Report, wants_tests: bool, wanted_status: int = 0) -> Verdict:
    """The verdict. With wants_tests, a run without a plan and its tests is a wrong answer, too."""
    crash = _crash(ending, report)
    if crash is not None:
        return Verdict(Kind.CRASH, crash)
    if ending.silent_for is not None:
        where = "".join(f"; {place}" for place in ending.places)
        return Verdict(Kind.HANG, f"nothing on serial or report for {ending.silent_for:g} s{where}")
    if ending.quit_by_user:
        return Verdict(Kind.PASSED, "")
    if not ending.guest_ran or ending.exit_code < 0:
        said = ending.qemu_said.strip() or f"QEMU ended with status {ending.exit_code}"
        return Verdict(Kind.BROKEN_SETUP, said)
    wrong = _wrong_answer(ending, report, wants_tests, wanted_status)
    if wrong is not None:
        return Verdict(Kind.WRONG_ANSWER, wrong)
    return Verdict(Kind.PASSED, "")


def refusal(ending: Ending) -> int | None:
    """The status, not 0, of a kernel that ended before it could report: it did not like the machine or
    its options. It can't be taken for a kernel that passed."""
    status = (ending.exit_code >> 1) - STATUS_BASE
    return status if ending.exit_code & 1 and 0 < status < PANIC_VALUE - STATUS_BASE else None


def _crash(ending: Ending, report: Report) -> str | None:
    if report.panic is not None:
        return f"panic: {report.panic}"
    if ending.exit_code == (PANIC_VALUE << 1 | 1):
        return "panic, without a word on the report channel"
    if ending.triple_fault:
        return "triple fault"
    if ending.shutdown_reason == "guest-reset":
        return "the guest rebooted the machine"
    return None


def _wrong_answer(ending: Ending, report: Report, wants_tests: bool,
                  wanted_status: int) -> str | None:
    if report.faults:
        return report.faults[0]
    if report.end is None and not report.started and refusal(ending) is not None:
        status = refusal(ending)
        return None if status == wanted_status else f"the kernel refused to start, with status {status}"
    if report.end is None:
        how = "powered off" if ending.shutdown_reason == "guest-shutdown" else "ended"
        return f"{how} without a verdict (QEMU's exit status {ending.exit_code})"
    if ending.exit_code != ((STATUS_BASE + report.end) << 1 | 1):
        return (f"the report says status {report.end}, "
                f"but QEMU's exit status {ending.exit_code} does not agree")
    failed = [test for test in report.tests if not test.passed]
    if failed:
        return f"{len(failed)} of {len(report.tests)} tests failed"
    if wants_tests and not report.plan:
        return "no tests were planned"
    if report.plan is not None and report.plan != len(report.tests):
        return f"{report.plan} tests were planned, {len(report.tests)} ran"
    if report.end != wanted_status:
        return f"ended with status {report.end}, not {wanted_status}"
    return None
