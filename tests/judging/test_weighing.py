"""Weighing: what is said of a submission, by how much of what it does wrong each mistake does too."""

from __future__ import annotations

import pytest

from torch_judge.judging.weighing import CaseLikeness, Weighed, choose

ALL = CaseLikeness(frozenset({0, 1}), 2, 2, 2)
FIRST, SECOND = CaseLikeness(frozenset({0}), 1, 2, 2), CaseLikeness(frozenset({1}), 1, 2, 2)
OTHER = CaseLikeness(frozenset(), 0, 2, 2)


def weigh(
    mistakes: str, *cases: CaseLikeness, contradicting: int = 0, sample: str = "", fails: tuple[str, ...] = ()
) -> Weighed:
    """Weigh a mistake, or two with a plus between them; `fails` are the cases that each is known to fail."""
    names, known = tuple(mistakes.split("+")), tuple(map(frozenset, fails))
    by_case = dict(zip("abcdefgh", cases, strict=False))
    return Weighed(names, sample or mistakes, by_case, contradicting, known)


def names(*weighed: Weighed, equivalents: dict[str, str] | None = None) -> tuple[list[str], bool]:
    pairs = [each for each in weighed if len(each.mistakes) > 1]
    choice = choose([each for each in weighed if each not in pairs], pairs, equivalents or {})
    return [each.mistakes[0] for each in choice.parts], choice.likely


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
    assert choose(by_case, [], {}).predicted == frozenset("abcd")
    by_field = weigh("p", ALL, FIRST, FIRST, FIRST), weigh("q", OTHER, SECOND, SECOND, ALL)
    assert names(*by_field) == (["p", "q"], True)


def test_two_stories_of_two_mistakes_are_none() -> None:
    one, other = weigh("q", OTHER, OTHER, OTHER, ALL), weigh("r", OTHER, OTHER, OTHER, ALL)
    assert names(weigh("p", ALL, ALL, OTHER, OTHER), one, other) == (["p"], False)


@pytest.mark.parametrize(("contradicting", "named"), [(0, ["p"]), (1, [])])
def test_a_mistake_that_would_fail_what_has_passed_is_none(contradicting: int, named: list[str]) -> None:
    assert names(weigh("p", ALL, ALL, ALL, FIRST, contradicting=contradicting))[0] == named


def test_two_in_one_text_are_named_where_they_do_all_that_neither_does_alone() -> None:
    alone = weigh("p", ALL, OTHER, OTHER, OTHER), weigh("q", OTHER, OTHER, OTHER, OTHER)
    both = weigh("p+q", ALL, ALL, ALL, FIRST)
    assert names(*alone) == ([], False)
    assert names(*alone, both)[0] == []  # not nearly all
    both = weigh("p+q", ALL, ALL, ALL, ALL)
    assert names(*alone, both) == (["p", "q"], True)
    assert choose(alone, [both], {}).predicted == frozenset("abcd")


def test_two_pairs_that_do_the_same_name_none() -> None:
    alone = weigh("p", ALL, ALL, OTHER, OTHER)
    pairs = weigh("p+q", ALL, ALL, ALL, ALL), weigh("p+r", ALL, ALL, ALL, ALL)
    assert names(alone, *pairs) == (["p"], False)
    assert names(alone, *pairs, equivalents={"r": "q"}) == (["p", "q"], True)


def test_a_second_mistake_is_named_only_where_what_it_fails_looks_as_both_do() -> None:
    alone = weigh("p", *[ALL] * 6, FIRST, OTHER)
    fits = weigh("p+q", *[ALL] * 7, FIRST, fails=("abcdefgh", "g"))
    doubtful = weigh("p+q", *[ALL] * 7, FIRST, fails=("abcdefgh", "gh"))
    assert names(alone, fits) == (["p", "q"], True)
    assert names(alone, doubtful) == (["p"], True)


def test_what_a_mistake_is_known_to_fail_weighs_against_one_contradiction() -> None:
    cases = [ALL, ALL, ALL, FIRST]
    assert names(weigh("p", *cases, contradicting=1, fails=("abcdefghijklmnopqrstuvwxyz",)))[0] == ["p"]
    assert names(weigh("p", *cases, contradicting=1, fails=("abcd",)))[0] == []


def test_nothing_is_chosen_from_nothing() -> None:
    assert names() == ([], False)
    assert choose([], [], {}).predicted == frozenset()
