"""Verdicts and reports: their order and their JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torch_judge.model.report import CaseResult, Counterexample, Diagnosis, ErrorMap, Report, Verdict, gravest

TEXTS = st.text(st.characters(exclude_categories=()), max_size=30)
SECONDS = st.floats(0, 1e6)
SHAPES = st.lists(st.integers(0, 2**40), max_size=4).map(tuple)
PICTURES = st.builds(
    ErrorMap,
    TEXTS,
    SHAPES,
    st.integers(0),
    st.lists(st.text("0123456789", max_size=40), max_size=20).map(tuple),
)
CASES = st.builds(
    CaseResult, TEXTS, TEXTS, st.sampled_from(Verdict), TEXTS, SECONDS, TEXTS, st.none() | PICTURES
)
ROWS = st.lists(st.tuples(TEXTS, TEXTS), max_size=3).map(tuple)
REPORTS = st.builds(
    Report,
    problem=TEXTS,
    submission=TEXTS,
    verdict=st.sampled_from(Verdict),
    seed=st.integers(0, 2**64),
    elapsed_seconds=SECONDS,
    cases=st.lists(CASES, max_size=3).map(tuple),
    isolation=st.lists(TEXTS, max_size=3).map(tuple),
    message=TEXTS,
    diagnosis=st.none() | st.builds(Diagnosis, TEXTS, TEXTS),
    counterexample=st.none()
    | st.builds(Counterexample, ROWS, ROWS, ROWS, st.lists(TEXTS, max_size=3).map(tuple)),
)
KEYS = {
    "problem",
    "submission",
    "verdict",
    "seed",
    "elapsed_seconds",
    "cases",
    "diagnosis",
    "isolation",
    "message",
    "isolation_missing",
    "flags",
    "counterexample",
    "explanations",
}
CASE_KEYS = {"name", "title", "verdict", "message", "seconds", "stdout", "picture"}


def a_report(**changes: object) -> Report:
    facts = {
        "problem": "double",
        "submission": "a.py",
        "verdict": Verdict.ACCEPTED,
        "seed": 1,
        "elapsed_seconds": 0.5,
    }
    return Report(**{**facts, "cases": (), "isolation": (), **changes})


@given(REPORTS)
def test_every_report_comes_back_from_its_json(report: Report) -> None:
    assert Report.from_json(report.to_json()) == report


@given(REPORTS)
def test_the_json_of_a_report_is_one_line_that_any_stream_can_write(report: Report) -> None:
    text = report.to_json()
    assert len(text.splitlines()) == 1
    assert text.isascii()


def test_the_json_has_exactly_the_keys_that_are_promised() -> None:
    case = CaseResult("a_case", "a case", Verdict.WRONG_ANSWER, "off", 0.25, "printed")
    report = a_report(
        cases=(case,), diagnosis=Diagnosis("returns_x", "You return x."), isolation=("process",)
    )
    found = json.loads(report.to_json())
    assert set(found) == KEYS
    assert set(found["cases"][0]) == CASE_KEYS
    assert found["cases"][0]["verdict"] == "wrong answer"
    assert found["diagnosis"] == {"gotcha": "returns_x", "says": "You return x."}
    assert json.loads(a_report().to_json())["diagnosis"] is None


def test_a_time_that_is_no_number_is_not_written() -> None:
    with pytest.raises(ValueError, match="JSON"):
        a_report(elapsed_seconds=float("nan")).to_json()


def test_a_report_with_an_unknown_verdict_is_refused() -> None:
    with pytest.raises(ValueError, match="splendid"):
        Report.from_json(a_report().to_json().replace("accepted", "splendid"))


def test_the_gravest_verdict_decides() -> None:
    assert gravest([Verdict.ACCEPTED, Verdict.RUN_TIME_ERROR, Verdict.WRONG_ANSWER]) is Verdict.RUN_TIME_ERROR
    assert gravest([Verdict.RULE_VIOLATION, Verdict.TIME_LIMIT_EXCEEDED]) is Verdict.RULE_VIOLATION
    assert gravest(Verdict) is Verdict.JUDGE_ERROR
    assert gravest([Verdict.ACCEPTED] * 3) is Verdict.ACCEPTED


def test_a_suite_that_ran_no_case_is_a_judge_error() -> None:
    assert gravest([]) is Verdict.JUDGE_ERROR


@pytest.mark.parametrize("verdict", Verdict)
def test_only_an_accepted_report_and_case_pass(verdict: Verdict) -> None:
    assert a_report(verdict=verdict).passed == (verdict is Verdict.ACCEPTED)
    assert CaseResult("a", "a", verdict).passed == (verdict is Verdict.ACCEPTED)


def test_the_folders_of_samples_are_named_like_the_verdicts() -> None:
    assert [each.folder for each in Verdict][:4] == [
        "accepted",
        "wrong_answer",
        "run_time_error",
        "time_limit_exceeded",
    ]
    assert all(each.folder.isidentifier() for each in Verdict)
