"""Wording: how sure a diagnosis is decides what is said of it."""

from __future__ import annotations

import pytest

from torch_judge.model.report import CaseResult, Certainty, Diagnosis, Explanation, Report, Verdict
from torch_judge.ui.wording import introduce_mistake, introduce_mistakes


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


def test_two_mistakes_are_introduced_as_two() -> None:
    assert "two mistakes" in introduce_mistakes(make_report(*[Explanation("adds", "It adds.", ("a",))] * 2))
