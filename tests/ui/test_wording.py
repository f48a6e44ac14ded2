"""Wording: how sure a diagnosis is decides what is said of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from torch_judge.model.report import CaseResult, Certainty, Diagnosis, Explanation, Report, Verdict
from torch_judge.ui.wording import (
    blame_prediction,
    introduce_mistake,
    introduce_mistakes,
    name_missing_isolation,
    word_ahead,
)


def make_report(*explanations: Explanation) -> Report:
    cases = tuple(CaseResult(name, name, Verdict.WRONG_ANSWER) for name in "abc")
    cases += (CaseResult("d", "d", Verdict.ACCEPTED),)
    return Report("double", "mine.py", Verdict.WRONG_ANSWER, 7, 0.0, cases, (), explanations=explanations)


@pytest.mark.parametrize(
    ("certainty", "words"),
    [
        (Certainty.EXACTLY, "behaves exactly like"),
        (Certainty.LIKELY, "Most likely"),
        (Certainty.PARTLY, "2 of your 3 failed cases look exactly like this mistake, mend it first"),
    ],
)
def test_a_mistake_is_introduced_as_sure_as_it_is(certainty: Certainty, words: str) -> None:
    diagnosis = Diagnosis("adds", "It adds.", certainty, ("a", "c"))
    assert words in introduce_mistake(make_report(), diagnosis)


def test_what_is_predicted_is_so_by_one_mistake_or_by_several() -> None:
    assert blame_prediction(make_report()) == "as this mistake predicts"
    assert blame_prediction(make_report(Explanation("adds", "It adds.", ()))) == "as these mistakes predict"


def test_a_user_of_its_own_is_not_what_every_check_asks_for() -> None:
    report = replace(make_report(), isolation_missing={"calls": "no seccomp", "identity": "not root"})
    assert name_missing_isolation(report) == ("calls",)


def test_two_mistakes_are_introduced_as_two() -> None:
    assert "two mistakes" in introduce_mistakes(make_report(*[Explanation("adds", "It adds.", ("a",))] * 2))


@pytest.mark.parametrize(
    ("count", "says"),
    [(0, "yours is next"), (1, "1 check is before yours"), (3, "3 checks are before yours")],
)
def test_who_waits_is_told_how_many_are_before(count: int, says: str) -> None:
    assert word_ahead(count) == says
