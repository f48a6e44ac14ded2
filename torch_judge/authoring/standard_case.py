"""A standard case before it is a case: its name, its sentence, and what is played."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Final

from .description import suggest
from .playing import Player
from .scene import Scene
from .suite import Tolerance

Play = Callable[[Player], Any]
CONDITION: Final = ": "
"""Parts the name of a standard case from that of one of its conditions."""


@dataclass(frozen=True, slots=True)
class StandardCase:
    """A standard case before it is one: its name, its sentence, and what is played."""

    name: str
    sentence: str
    play: Play
    tolerance: Tolerance | None = None
    scenes: Mapping[str, Scene] = field(default_factory=dict)
    """Its conditions by their labels, where it has any that can be left out."""
    own_title: str = ""
    """Where the words of the name do not say enough, or lose a mark."""


def make_case(
    name: str,
    sentence: str,
    scenes: Mapping[str, Scene],
    tolerance: Tolerance | None = None,
    *,
    title: str = "",
) -> StandardCase:
    """Make a standard case of scenes by their labels."""

    def play(player: Player) -> dict[str, Any]:
        return {label: player.play(scene._replace(label=label)) for label, scene in scenes.items()}

    return StandardCase(name, sentence, play, tolerance, scenes, title)


def leave_out(cases: Collection[StandardCase], without: Mapping[str, str]) -> Iterator[StandardCase]:
    """Leave cases out, or conditions of cases; raises ValueError for what is not there, or has no reason.

    A key is the name of a case, "the_case", or of one condition, "the_case: the condition"; `*` stands for
    anything.
    """
    for pattern, reason in without.items():
        _check(cases, pattern, reason)
    for case in cases:
        if any(_fits(case.name, pattern) for pattern in without):
            continue
        left = {
            label: scene
            for label, scene in case.scenes.items()
            if not any(_fits(f"{case.name}{CONDITION}{label}", pattern) for pattern in without)
        }
        if len(left) == len(case.scenes):
            yield case
        elif left:
            yield make_case(case.name, case.sentence, left, case.tolerance, title=case.own_title)


def _check(cases: Iterable[StandardCase], pattern: str, reason: str) -> None:
    """See that a pattern fits something, and that its reason says something."""
    names = {case.name: case for case in cases}
    name, _, condition = pattern.partition(CONDITION)
    found = [case for case in names.values() if _fits(case.name, name)]
    if not found:
        raise ValueError(
            f"describe: without {pattern!r}, which is no standard case here{suggest(name, names)}"
        )
    labels = [label for case in found for label in case.scenes]
    if condition and not any(_fits(label, condition) for label in labels):
        raise ValueError(
            f"describe: without {pattern!r}, which is no condition of that case{suggest(condition, labels)}"
        )
    if not reason.strip():
        raise ValueError(f"describe: without {pattern!r}: say the reason")


def _fits(name: str, pattern: str) -> bool:
    """Tell whether a name is the pattern's; a label may hold brackets, which mean themselves."""
    return fnmatchcase(name, pattern.replace("[", "[[]"))
