"""Weighing: what is said of a submission, by how much of what it does wrong each mistake does too."""

from __future__ import annotations

import pytest

from torch_judge.judging.weighing import CaseLikeness, Weighed, choose

ALL = CaseLikeness(frozenset({0, 1}), 2, 2)
FIRST, SECOND = CaseLikeness(frozenset({0}), 2, 2), CaseLikeness(frozenset({1}), 2, 2)
OTHER = CaseLikeness(frozenset(), 2, 2)
RIGHT = CaseLikeness(frozenset(), 2, 2)


def weigh(mistake: str, *cases: CaseLikeness, contradicting: int = 0, sample: str = "") -> Weighed:
    return Weighed(mistake, sample or mistake, dict(zip("abcdefgh", cases, strict=False)), contradicting)


def names(*weighed: Weighed, equivalents: dict[str, str] | None = None) -> tuple[list[str], bool]:
    choice = choose(weighed, equivalents or {})
    return [each.mistake for each in choice.mistakes], choice.likely


def test_the_mistake_that_explains_nearly_all_is_most_likely() -> None:
    assert names(weigh("p", ALL, ALL, ALL, ALL, FIRST), weigh("q", *[OTHER] * 5)) == (["p"], True)


def test_a_part_is_said_to_be_one() -> None:
    assert names(weigh("p", ALL, ALL, OTHER, OTHER, OTHER, OTHER)) == (["p"], False)
    assert names(weigh("p", ALL, OTHER, OTHER, OTHER)) == ([], False)
    assert names(weigh("p", *[FIRST] * 4)) == ([], False)


def test_two_that_are_as_like_are_none() -> None:
    same = [ALL, ALL, ALL, OTHER]
    assert names(weigh("p", *same), weigh("q", *same)) == ([], False)
    assert names(weigh("p", *same), weigh("q", *same), equivalents={"q": "p"}) == (["p"], True)
    assert names(weigh("p", *same), weigh("p", *same, sample="p@hand")) == (["p"], True)


def test_two_that_explain_all_together_are_named_together() -> None:
    by_case = weigh("p", ALL, ALL, ALL, OTHER), weigh("q", OTHER, OTHER, OTHER, ALL)
    assert names(*by_case) == (["p", "q"], True)
    assert choose(by_case, {}).predicted == frozenset("abcd")
    by_field = weigh("p", ALL, FIRST, FIRST, FIRST), weigh("q", OTHER, SECOND, SECOND, ALL)
    assert names(*by_field) == (["p", "q"], True)


def test_two_stories_of_two_mistakes_are_none() -> None:
    one, other = weigh("q", OTHER, OTHER, OTHER, ALL), weigh("r", OTHER, OTHER, OTHER, ALL)
    assert names(weigh("p", ALL, ALL, OTHER, OTHER), one, other) == (["p"], False)


@pytest.mark.parametrize(("contradicting", "named"), [(0, ["p"]), (1, [])])
def test_a_mistake_that_would_fail_what_has_passed_is_none(contradicting: int, named: list[str]) -> None:
    assert names(weigh("p", ALL, ALL, ALL, FIRST, contradicting=contradicting))[0] == named


def test_nothing_is_chosen_from_nothing() -> None:
    assert names() == ([], False)
    assert choose([], {}).predicted == frozenset()
