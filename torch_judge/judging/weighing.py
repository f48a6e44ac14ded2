"""Weigh how much of what a submission does wrong known mistakes explain, and choose what to say of it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

LIKELY: Final = 0.6
"""From this share of likeness on a mistake is most likely."""
PARTLY: Final = 0.2
"""From this share on it explains a part, if nothing explains more."""
AHEAD: Final = 1.1
"""By what factor it must be ahead of all others."""
MOST_CONTRADICTED: Final = 0.05
"""In so many of the cases that it fails the submission may do otherwise, and pass."""
FEWEST_ALIKE: Final = 2
"""A part is no part with fewer failed cases."""
TOGETHER: Final = 0.9
"""What two mistakes have to explain together."""
ADDED: Final = 0.02
"""What the second one has to add."""
SUPPORTED: Final = 0.8
"""Of the cases that one of two mistakes fails so many have to look as both together do."""


@dataclass(frozen=True, slots=True)
class CaseLikeness:
    """What a mistake does in a case beside the submission."""

    same: frozenset[int] = frozenset()
    """Which of the submission's wrong fields are wrong in the same way."""
    shared: int = 0
    """How many of them are wrong in whichever way."""
    wrong: int = 0
    either: int = 0

    @property
    def share(self) -> float:
        """How much of what is wrong in either is the same."""
        return len(self.same) / self.either if self.either else 1.0

    @property
    def is_whole(self) -> bool:
        """Whether all that is wrong in either is the same."""
        return bool(self.wrong) and len(self.same) == self.wrong == self.either


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a mistake explains, or two in one text, in the cases that the submission failed."""

    mistakes: tuple[str, ...]
    sample: str
    cases: Mapping[str, CaseLikeness]
    """Of the submission's failed cases."""
    contradicting: int
    """How many cases it fails that the submission passed."""
    known: tuple[frozenset[str], ...] = ()
    """Of each mistake the cases that it is known to fail."""

    @property
    def likeness(self) -> float:
        """The share of the failed cases of either that are alike."""
        whole = len(self.cases) + self.contradicting
        return sum(case.share for case in self.cases.values()) / whole if whole else 0.0

    @property
    def alike(self) -> tuple[str, ...]:
        """The failed cases that look exactly like it."""
        return tuple(name for name, case in self.cases.items() if case.is_whole)

    @property
    def is_contradicted(self) -> bool:
        """Whether the submission passes too much of what this mistake fails."""
        failing = sum(bool(case.either - case.wrong or case.same) for case in self.cases.values())
        failing = max(failing + self.contradicting, *map(len, self.known), 0)
        return self.contradicting > MOST_CONTRADICTED * failing

    def supports(self, alike: Container[str]) -> bool:
        """Tell whether what each mistake is known to fail is alike, or nearly all of it."""
        run = [fails & self.cases.keys() for fails in self.known]
        return all(sum(case in alike for case in fails) >= SUPPORTED * len(fails) for fails in run)


@dataclass(frozen=True, slots=True)
class Choice:
    """What to say: one mistake or two, and how sure that is."""

    parts: tuple[Weighed, ...] = ()
    """One for each mistake."""
    likely: bool = False
    together: Weighed | None = None
    """Two in one text, where it was run."""

    @property
    def predicted(self) -> frozenset[str]:
        """The failed cases in which all that is wrong is what the mistakes do."""
        if self.together:
            return frozenset(self.together.alike)
        cases = self.parts[0].cases if self.parts else ()
        return frozenset(case for case in cases if _cover_case(self.parts, case) == 1.0)


def choose(singles: Iterable[Weighed], pairs: Iterable[Weighed], equivalents: Mapping[str, str]) -> Choice:
    """Choose the mistake, or the two, that explain the most; nothing where none is ahead."""
    ranked = rank(singles)
    if not ranked:
        return Choice()
    first = ranked[0]
    rivals = [each for each in ranked[1:] if not _tell_the_same(first, each, equivalents)]
    second = rivals[0].likeness if rivals else 0.0
    ahead = first.likeness >= AHEAD * second
    if first.likeness < TOGETHER:
        if both := _choose_pair(ranked, pairs, equivalents):
            return both
        if two := _find_two(ranked, equivalents):
            return Choice(two, likely=True)
    return _choose_one(first) if ahead else Choice()


def _choose_one(first: Weighed) -> Choice:
    if first.likeness >= LIKELY:
        return Choice((first,), likely=True)
    if first.likeness >= PARTLY and len(first.alike) >= FEWEST_ALIKE:
        return Choice((first,))
    return Choice()


def rank(weighed: Iterable[Weighed]) -> list[Weighed]:
    """Sort by likeness, and keep of each mistake the hand that is nearest."""
    best: dict[tuple[str, ...], Weighed] = {}
    for each in sorted(weighed, key=lambda each: -each.likeness):
        if not each.is_contradicted:
            best.setdefault(each.mistakes, each)
    return list(best.values())


def _choose_pair(
    singles: Sequence[Weighed], pairs: Iterable[Weighed], equivalents: Mapping[str, str]
) -> Choice | None:
    """Choose the two that were run in one text and explain nearly all; None where others do as well."""
    ranked = rank(pair for pair in pairs if pair.supports(pair.alike))
    if not ranked or ranked[0].likeness < max(TOGETHER, singles[0].likeness + ADDED):
        return None
    best = ranked[0]
    if any(
        other.likeness * AHEAD > best.likeness and not _tell_the_same(best, other, equivalents)
        for other in ranked[1:]
    ):
        return None
    by_mistake = {each.mistakes[0]: each for each in singles}
    parts = tuple(by_mistake.get(name, Weighed((name,), name, {}, 0)) for name in best.mistakes)
    return Choice(parts, likely=True, together=best)


def _tell_the_same(first: Weighed, second: Weighed, equivalents: Mapping[str, str]) -> bool:
    """Tell whether what one names is what the other names, or is equivalent to it."""
    mine, theirs = ({equivalents.get(name, name) for name in each.mistakes} for each in (first, second))
    return mine == theirs


def _find_two(ranked: Sequence[Weighed], equivalents: Mapping[str, str]) -> tuple[Weighed, ...]:
    """Find the two that explain nearly everything together, where no other two explain as much."""
    found = sorted(
        (
            (_cover(pair), pair)
            for pair in combinations(ranked, 2)
            if not _tell_the_same(*pair, equivalents)
            and all(each.alike for each in pair)
            and _cover(pair) - max(_cover((each,)) for each in pair) >= ADDED
            and _is_supported(pair)
        ),
        key=lambda found: -found[0],
    )
    if not found or found[0][0] < TOGETHER:
        return ()
    if len(found) > 1 and found[1][0] >= found[0][0]:
        return ()
    return found[0][1]


def _is_supported(mistakes: Sequence[Weighed]) -> bool:
    alike = {case for case in mistakes[0].cases if _cover_case(mistakes, case) == 1.0}
    return all(each.supports(alike) for each in mistakes)


def _cover(mistakes: Sequence[Weighed]) -> float:
    """Measure how much of what is wrong in the cases that all were run in one of them at least does too."""
    run = set(mistakes[0].cases).intersection(*(each.cases for each in mistakes))
    shares = [_cover_case(mistakes, case) for case in run]
    return sum(shares) / len(shares) if shares else 0.0


def _cover_case(mistakes: Sequence[Weighed], case: str) -> float:
    several = [each.cases[case] for each in mistakes if case in each.cases]
    wrong = max((each.wrong for each in several), default=0)
    return len(frozenset().union(*(each.same for each in several))) / wrong if wrong else 0.0
