"""Two mistakes in one text: pairs of gotchas whose edits of the same right sample do not touch each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .jobs import compile_text
from .signatures import Gotcha


@dataclass(frozen=True, slots=True)
class Pair:
    """Two gotchas in one text."""

    first: Gotcha
    second: Gotcha
    text: str

    @property
    def name(self) -> str:
        """What the checker calls it."""
        return f"{self.first.name} + {self.second.name}"

    @property
    def mistakes(self) -> tuple[str, ...]:
        """The names of both mistakes."""
        return self.first.mistake, self.second.mistake

    @property
    def known(self) -> tuple[frozenset[str], ...]:
        """Of each mistake the cases that it is known to fail."""
        return self.first.fails, self.second.fails

    def may_fail(self, case: str) -> bool:
        """Tell whether one of them is not known to pass a case."""
        return self.first.may_fail(case) or self.second.may_fail(case)

    @property
    def code(self) -> str:
        """The compiled text. Raises SyntaxError for edits that make no sense together."""
        return compile_text(self.text, "two_mistakes.py")


def list_pairs(
    leaders: Sequence[str], others: Sequence[str], hands: Mapping[str, Sequence[Gotcha]], most: int
) -> Iterator[Pair]:
    """List pairs: the leaders with one another, then the first leader with each of the others.

    `hands` are the gotchas of each mistake, those that are the nearest to the submission first.
    """
    couples = [(one, two) for place, two in enumerate(leaders) for one in leaders[:place]]
    couples += [(leaders[0], other) for other in others if other not in leaders] if leaders else []
    for one, two in couples[:most]:
        if pair := _compose(hands[one], hands[two]):
            yield pair


def _compose(first: Iterable[Gotcha], second: Sequence[Gotcha]) -> Pair | None:
    """Compose two mistakes, in the first hand in which that can be done."""
    couples = ((one, two) for one in first for two in second)
    texts = ((one, two, one.sample.compose_with(two.sample)) for one, two in couples)
    return next((Pair(one, two, text) for one, two, text in texts if text is not None), None)
