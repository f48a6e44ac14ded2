"""The failed cases in the order in which one looks at them, and what is said of the others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.model.test_report import a_report
from torch_judge.model.report import CaseResult, Certainty, Counterexample, Diagnosis, Report, Verdict
from torch_judge.ui.failures import arrange_failures, count_the_others, is_told_by_an_example, split_message

PASSED = CaseResult("passes", "passes", Verdict.ACCEPTED)
FIRST = CaseResult("first", "first", Verdict.WRONG_ANSWER, "It checks.\noutput: expected 1, found 2")
OTHER = CaseResult("other", "other", Verdict.WRONG_ANSWER, "It looks.\noutput: expected 1, found 2")
STOPPED = CaseResult("stopped", "stopped", Verdict.RUN_TIME_ERROR, "NameError: no")
DIAGNOSIS = Diagnosis("adds", "It adds.", Certainty.LIKELY, ("first",))


def report(*cases: CaseResult, verdict: Verdict = Verdict.WRONG_ANSWER) -> Report:
    return a_report(verdict=verdict, cases=(PASSED, *cases))


def named(*groups: object) -> list[list[str]]:
    return [[case.name for case in group.cases] for group in groups]  # type: ignore[attr-defined]


def test_the_case_that_decided_the_verdict_stands_first() -> None:
    failures = arrange_failures(report(FIRST, STOPPED, verdict=Verdict.RUN_TIME_ERROR))
    assert failures.leading is not None
    assert named(failures.leading, *failures.others) == [["stopped"], ["first"]]


def test_errors_that_say_the_same_are_one_and_wrong_answers_are_each_their_own() -> None:
    again = replace(STOPPED, name="again")
    failures = arrange_failures(report(FIRST, OTHER, STOPPED, again))
    assert failures.leading is not None
    assert named(failures.leading, *failures.others) == [["first"], ["other"], ["stopped", "again"]]
    assert failures.total == 4


def test_what_is_predicted_is_apart_from_what_is_not() -> None:
    cases = [replace(case, predicted=True) for case in (FIRST, OTHER)]
    failures = arrange_failures(report(*cases, STOPPED))
    assert named(*failures.predicted) == [["other"]] and named(*failures.others) == [["stopped"]]
    assert not failures.is_predicted
    assert arrange_failures(report(*cases)).is_predicted


def test_where_nothing_failed_there_is_nothing_to_arrange() -> None:
    failures = arrange_failures(a_report(cases=(PASSED,)))
    assert failures.leading is None and failures.total == 0 and not failures.is_predicted
    assert count_the_others(failures, a_report()) == []


def test_only_a_wrong_answer_says_what_it_checks() -> None:
    assert split_message(FIRST) == ("It checks.", "output: expected 1, found 2")
    assert split_message(STOPPED) == ("", "NameError: no")


@pytest.mark.parametrize(
    ("cases", "diagnosis", "says"),
    [
        ((FIRST,), None, []),
        ((FIRST, OTHER), None, ["1 more fails; start with this one"]),
        ((FIRST, OTHER, STOPPED), DIAGNOSIS, ["2 more fail in another way"]),
        (
            (replace(FIRST, predicted=True), replace(OTHER, predicted=True), STOPPED),
            DIAGNOSIS,
            ["1 more fails, as this mistake predicts", "1 more fails in another way"],
        ),
        (
            (FIRST, STOPPED, replace(STOPPED, name="again"), replace(STOPPED, name="third")),
            None,
            ["3 more fail: NameError: no"],
        ),
    ],
)
def test_the_others_are_counted_with_how_they_fail(
    cases: tuple[CaseResult, ...], diagnosis: Diagnosis | None, says: list[str]
) -> None:
    whole = replace(report(*cases), diagnosis=diagnosis)
    assert count_the_others(arrange_failures(whole), whole) == says


def test_what_was_not_tried_has_not_failed() -> None:
    slow = CaseResult("slow", "slow", Verdict.TIME_LIMIT_EXCEEDED, "no answer after 5 seconds")
    untried = [replace(slow, name=str(n), message="not tried: 2 cases before had") for n in range(3)]
    whole = report(slow, *untried, verdict=Verdict.TIME_LIMIT_EXCEEDED)
    assert count_the_others(arrange_failures(whole), whole) == ["3 more were not tried: 2 cases before had"]


def test_an_example_tells_nothing_where_every_case_fails_with_its_words() -> None:
    rows = (("raised", "NameError: no"),)
    example = Counterexample((("x", "1."),), rows, (("output", "2."),), ("raised",))
    everything = a_report(verdict=Verdict.RUN_TIME_ERROR, cases=(STOPPED, replace(STOPPED, name="b")))
    for whole, tells in (
        (everything, False),
        (replace(everything, cases=(PASSED, *everything.cases)), True),
        (replace(everything, cases=(*everything.cases, FIRST)), True),
    ):
        told = replace(whole, counterexample=example)
        assert is_told_by_an_example(told, arrange_failures(told)) is tells
    other = replace(everything, counterexample=replace(example, yours=(("raised", "KeyError"),)))
    assert is_told_by_an_example(other, arrange_failures(other))
    assert not is_told_by_an_example(everything, arrange_failures(everything))


def test_those_that_say_what_the_first_says_are_counted() -> None:
    stopped = [replace(STOPPED, name=str(n)) for n in range(35)]
    whole = report(*stopped, verdict=Verdict.RUN_TIME_ERROR)
    assert count_the_others(arrange_failures(whole), whole) == ["34 more fail with the same message"]
