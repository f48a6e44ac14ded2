"""Results: each case with its verdict and texts, cut to what there is room for, and the report of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.packages import write_package
from torch_judge.execution.protocol.messages import (
    CaseFacts,
    Decision,
    ErrorMapFields,
    Observation,
    Suite,
)
from torch_judge.judging.diagnosis import Finding
from torch_judge.judging.jobs import Check
from torch_judge.judging.results import Results, list_cases, report_of
from torch_judge.judging.worker_session import Facts, Fault, Run
from torch_judge.model.bank import find_bank
from torch_judge.model.report import CaseResult, Diagnosis, ErrorMap, Flag, Verdict
from torch_judge.model.submission import Submission

SUITE = Suite(
    (
        CaseFacts("a", "the a", "A is so.", (), standard=False),
        CaseFacts("b", "the b", "B is so.", (), standard=True),
    )
)
A, B = list_cases(SUITE)
OBSERVATION = Observation("a", ["none"], b"")


@pytest.fixture
def check(tmp_path: Path) -> Check:
    write_package(tmp_path)
    return Check(find_bank(tmp_path).load("double"), Submission("mine\n.py"), 7)


def test_a_case_that_has_not_run_is_a_judge_error() -> None:
    """A report from which a case is missing must never be a pass."""
    assert CaseResult("a", "the a", Verdict.JUDGE_ERROR, "not run") == A


def test_results_are_told_as_they_are_decided_and_kept_in_the_order_of_the_file() -> None:
    told: list[str] = []
    results = Results(SUITE, lambda result: told.append(result.name))
    for case in (B, A):
        noted = results.note(case, Run(OBSERVATION, 0.25, "said\x1b[2J"))
        assert (noted.seconds, noted.stdout) == (0.25, "said\\x1b[2J")
        results.decide(noted, Decision(case.name, Verdict.ACCEPTED, "", None))
    assert told == ["b", "a"]
    assert [result.name for result in results.list_in_order_of((A, B))] == ["a", "b"]
    assert results.all_passed


def test_a_wrong_answer_begins_with_the_sentence_of_its_case_whoever_found_it() -> None:
    results = Results(SUITE)
    results.fail(A, Fault(Verdict.WRONG_ANSWER, "no tensor\x1b"))
    results.fail(B, Fault(Verdict.RUN_TIME_ERROR, "ValueError"))
    assert results.by_name["a"].message == "A is so.\nno tensor\\x1b"
    assert results.by_name["b"].message == "ValueError"
    assert not results.all_passed
    symptoms = results.describe_symptoms((B, A), 7)
    assert (list(symptoms.results), symptoms.seed) == (["b", "a"], 7)
    assert symptoms.raised == {"a": "no tensor\x1b"}
    assert symptoms.stopped == {"b": "ValueError"}


def test_an_error_map_is_cleaned() -> None:
    results = Results(SUITE)
    decision = Decision(
        "a", Verdict.WRONG_ANSWER, "why", ErrorMapFields("out\nput", (2, 3), 1, ("010", "000"))
    )
    results.decide(A, decision)
    assert results.by_name["a"].picture == ErrorMap("out\\nput", (2, 3), 1, ("010", "000"))


def test_all_texts_together_are_bounded() -> None:
    many = Suite(tuple(CaseFacts(f"n{n}", "title", "Sentence.", (), standard=False) for n in range(200)))
    results = Results(many)
    for case in list_cases(many):
        noted = results.note(case, Run(OBSERVATION, 0.0, "\u6279" * 4000))
        results.fail(noted, Fault(Verdict.RUN_TIME_ERROR, "\u91cf" * 600))
    texts = [result.message + result.stdout for result in results.by_name.values()]
    assert sum(len(text) for text in texts) < 60_000
    assert texts[0].count("\u6279") == 4000
    assert "more characters]" in texts[-1]


def test_a_report_says_what_is_known_wherever_it_stops(check: Check) -> None:
    flag = Flag("gc", "says", 1, "mine.py", "import gc")
    facts = Facts(("process",), {"network": "why"}, (flag,))
    report = report_of(check, Verdict.COMPILE_ERROR, "no code\x1b", facts=facts)
    assert (report.problem, report.submission, report.seed) == ("double", "mine\\n.py", 7)
    assert (report.verdict, report.message, report.cases) == (Verdict.COMPILE_ERROR, "no code\\x1b", ())
    assert (report.isolation, report.isolation_missing) == (("process",), {"network": "why"})
    assert report.flags == (flag,)
    assert report_of(check, Verdict.JUDGE_ERROR, "why").isolation == ()


def test_a_report_says_in_lines_of_its_own_what_was_judged(check: Check) -> None:
    noted = replace(check.submission, notes=("The source:\n\x1b[31mx", "The file."))
    first, second = report_of(replace(check, submission=noted), Verdict.ACCEPTED).notes
    assert first.startswith("The source:") and "\n" not in first and "\x1b" not in first
    assert second == "The file."


def test_a_report_carries_what_was_found(check: Check) -> None:
    finding = Finding(Diagnosis("adds", "Adds."))
    report = report_of(check, Verdict.WRONG_ANSWER, cases=(A, B), finding=finding)
    assert (report.cases, report.diagnosis, report.explanations) == ((A, B), finding.diagnosis, ())
