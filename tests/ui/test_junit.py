"""Reports as JUnit: counted, and well-formed for whatever a submission says."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import example, given, settings

from tests.model.test_report import REPORTS, a_report
from torch_judge.model.report import CaseResult, Diagnosis, Explanation, Flag, Report, Verdict
from torch_judge.ui.junit import as_junit

RIGHT = CaseResult(
    "doubles_by_default", "doubles by default", Verdict.ACCEPTED, "", 0.25, "seen only in JUnit"
)
WRONG = CaseResult(
    "uses_the_scale",
    "uses the scale",
    Verdict.WRONG_ANSWER,
    "The result is scale times x.\noutput[0]: expected 1, found 2",
    0.5,
    "one\ntwo",
)
BROKEN = CaseResult("is_broken", "is broken", Verdict.JUDGE_ERROR, "cases.py:3: ZeroDivisionError")
HOSTILE = "\x1b[31m\x00]]>&<\"' \ud800\ufffe\u202e\r\n"


def report(*cases: CaseResult, verdict: Verdict = Verdict.WRONG_ANSWER) -> Report:
    return a_report(verdict=verdict, cases=cases, isolation=("process", "seccomp"))


def hostile() -> Report:
    case = CaseResult(HOSTILE, HOSTILE, Verdict.RUN_TIME_ERROR, HOSTILE, 0.0, HOSTILE)
    return a_report(problem=HOSTILE, submission=HOSTILE, message=HOSTILE, cases=(case,), isolation=(HOSTILE,))


def test_junit_counts_failures_and_errors_and_carries_messages() -> None:
    root = ET.fromstring(as_junit([report(RIGHT, WRONG, BROKEN), report(RIGHT, verdict=Verdict.ACCEPTED)]))
    first, second = root.findall("testsuite")
    assert first.attrib | {"time": ""} == {
        "name": "double a.py",
        "tests": "3",
        "failures": "1",
        "errors": "1",
        "time": "",
    }
    assert (second.get("tests"), second.get("failures"), second.get("errors")) == ("1", "0", "0")
    failure = first.find("testcase[2]/failure")
    assert failure is not None
    assert (failure.get("type"), failure.text) == ("wrong answer", WRONG.message)
    assert first.findtext("testcase[1]/system-out") == "seen only in JUnit"
    assert first.find("testcase[1]/failure") is None
    assert first.find("testcase[3]/error") is not None


def test_junit_of_a_submission_that_reached_no_case_is_a_failure() -> None:
    (suite,) = ET.fromstring(as_junit([a_report(verdict=Verdict.COMPILE_ERROR, message="no code")]))
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("1", "1", "0")
    (suite,) = ET.fromstring(as_junit([a_report(verdict=Verdict.JUDGE_ERROR, message="broken")]))
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("1", "0", "1")


@settings(deadline=None)
@given(REPORTS)
@example(hostile())
def test_junit_is_well_formed_for_any_text(any_report: Report) -> None:
    root = ET.fromstring(as_junit([any_report, any_report]).encode())
    assert [len(suite.findall("testcase")) for suite in root] == [max(1, len(any_report.cases))] * 2


def properties(report: Report) -> list[tuple[str | None, str | None]]:
    """Read a report's properties back out of its document."""
    root = ET.fromstring(as_junit([report]))
    return [(element.get("name"), element.get("value")) for element in root.iter("property")]


def test_the_mistake_and_what_a_grader_may_want_to_see_are_properties() -> None:
    flags = (Flag("gc", "It can find every object.", 7, "a.py", "import gc"),)
    named = a_report(diagnosis=Diagnosis("adds", "Adds."), flags=flags)
    assert properties(named) == [
        ("diagnosis", "adds: Adds."),
        ("flagged: gc", "a.py line 7: It can find every object. import gc"),
    ]
    together = (Explanation("adds", "Adds.", ("a",)), Explanation("halves", "Halves.", ("b",)))
    assert properties(a_report(explanations=together)) == [
        ("explanation", "adds: Adds."),
        ("explanation", "halves: Halves."),
    ]
    assert properties(a_report()) == []
