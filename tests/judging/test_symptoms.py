"""Symptoms: which cases failed and which passed, what they said, and whether a gotcha can do the same."""

from __future__ import annotations

import pytest

from torch_judge.judging.symptoms import Symptoms
from torch_judge.model.report import CaseResult, Verdict

RIGHT, WRONG, STOPPED = Verdict.ACCEPTED, Verdict.WRONG_ANSWER, Verdict.RUN_TIME_ERROR


def describe(*verdicts: Verdict, said: dict[str, str] | None = None) -> Symptoms:
    """Describe a submission whose cases a, b, c, ... came to these verdicts."""
    results = {
        name: CaseResult(name, name, verdict) for name, verdict in zip("abcdef", verdicts, strict=False)
    }
    return Symptoms(results, said or {}, 7)


def test_whatever_was_not_accepted_has_failed() -> None:
    symptoms = describe(RIGHT, WRONG, STOPPED, RIGHT, Verdict.TIME_LIMIT_EXCEEDED)
    assert (symptoms.failed, symptoms.passed) == ({"b", "c", "e"}, {"a", "d"})


def test_the_sentence_of_a_case_and_the_error_of_the_submission_are_told_apart() -> None:
    said = {"b": "expected a tensor", "c": "ZeroDivisionError: division by zero", "d": "took too long"}
    symptoms = describe(WRONG, WRONG, STOPPED, Verdict.TIME_LIMIT_EXCEEDED, said=said)
    assert symptoms.raised == {"b": "expected a tensor"}
    assert symptoms.stopped == {"c": "ZeroDivisionError: division by zero"}


def test_a_case_that_was_compared_said_nothing() -> None:
    symptoms = describe(WRONG, STOPPED, said={"b": "KeyError: 'x'"})
    assert (symptoms.raised, symptoms.stopped) == ({}, {"b": "KeyError: 'x'"})


@pytest.mark.parametrize(
    ("verdicts", "can"),
    [
        ((RIGHT, WRONG), True),
        ((STOPPED, STOPPED), True),
        ((RIGHT, WRONG, STOPPED), True),
        ((RIGHT, RIGHT), False),
        ((), False),
        ((WRONG, Verdict.TIME_LIMIT_EXCEEDED), False),
        ((WRONG, Verdict.MEMORY_LIMIT_EXCEEDED), False),
        ((WRONG, Verdict.RULE_VIOLATION), False),
        ((WRONG, Verdict.JUDGE_ERROR), False),
    ],
    ids=lambda value: "-".join(verdict.value for verdict in value) if isinstance(value, tuple) else None,
)
def test_a_mistake_can_be_named_where_all_that_failed_is_wrong_or_stopped(
    verdicts: tuple[Verdict, ...], *, can: bool
) -> None:
    assert describe(*verdicts).can_be_named is can
