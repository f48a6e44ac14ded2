"""Reports as JUnit, which servers for continuous integration read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree as ET

from torch_judge.model.report import CaseResult, Report, Verdict

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(reports: Iterable[Report]) -> str:
    """Return reports as one JUnit document, a suite for each submission."""
    root = ET.Element("testsuites", name="torch-judge")
    for report in reports:
        _add_suite(root, report)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=False)


def _add_suite(root: ET.Element, report: Report) -> None:
    # A suite without a test would count as passed: what stopped a submission before its first case is one.
    cases = report.cases or (CaseResult("submission", "submission", report.verdict, report.message),)
    errors = sum(case.verdict is Verdict.JUDGE_ERROR for case in cases)
    suite = ET.SubElement(
        root,
        "testsuite",
        name=_clean(f"{report.problem} {report.submission}"),
        tests=str(len(cases)),
        failures=str(sum(not case.passed for case in cases) - errors),
        errors=str(errors),
        time=f"{report.elapsed_seconds:.6f}",
    )
    properties = list(_list_properties(report))
    if properties:
        parent = ET.SubElement(suite, "properties")
        for name, value in properties:
            ET.SubElement(parent, "property", name=_clean(name), value=_clean(value))
    for case in cases:
        _add_case(suite, case, classname=f"{report.problem}.{report.submission}")


def _list_properties(report: Report) -> Iterator[tuple[str, str]]:
    """List by name which mistake it was, and what a grader may want to look at."""
    if report.diagnosis:
        yield "diagnosis", f"{report.diagnosis.gotcha}: {report.diagnosis.says}"
    else:
        for explanation in report.explanations:
            yield "explanation", f"{explanation.gotcha}: {explanation.says}"
    for flag in report.flags:
        yield f"flagged: {flag.sign}", f"{flag.file} line {flag.line}: {flag.says} {flag.text}"


def _add_case(suite: ET.Element, case: CaseResult, *, classname: str) -> None:
    element = ET.SubElement(
        suite,
        "testcase",
        classname=_clean(classname),
        name=_clean(case.name),
        time=f"{case.seconds:.6f}",
    )
    if not case.passed:
        kind = "error" if case.verdict is Verdict.JUDGE_ERROR else "failure"
        failure = ET.SubElement(element, kind, type=case.verdict.value, message=_clean(case.message))
        failure.text = _clean(case.message)
    if case.stdout:
        ET.SubElement(element, "system-out").text = _clean(case.stdout)


def _clean(text: str) -> str:
    """Replace what XML cannot hold: ElementTree would write it, and no reader take it."""
    return _NOT_XML.sub("\ufffd", text)
