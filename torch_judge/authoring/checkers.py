"""Checkers that need more than two observations: the jury solution's other functions, or its other answers.

They are asked in the checker's process alone, the only one that has a jury solution.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class JuryChecker(ABC):
    """Judges some fields of an observation, a dict, with the help of the jury solution's functions.

    All other fields are compared value by value, as ever.
    """

    @property
    @abstractmethod
    def fields(self) -> tuple[str, ...]:
        """The fields that are judged, and not compared."""

    @abstractmethod
    def find_fault(
        self, expected: Mapping[str, Any], found: Mapping[str, Any], solution: Mapping[str, Any]
    ) -> str | None:
        """Say what is wrong with what was found; None if it will do.

        Inputs are read from `expected`, the jury's observation, and never from the submission's. `solution`
        holds the names of `solution.py`.
        """

    @abstractmethod
    def tell_apart(self, first: Mapping[str, Any], second: Mapping[str, Any]) -> str | None:
        """Say how two wrong answers differ; None if a diagnosis may take them for the same mistake."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """Several conventions are right, and an answer keeps to one of them throughout a case."""

    names: tuple[str, ...]
    """Of `solution.py`: entry points that follow the other conventions."""


def one_of(*names: str) -> OneOf:
    """Accept an answer to a case that is the jury's in every field, or that of another entry point.

    The others are functions or classes of `solution.py`, `@case(checker=one_of("gelu_by_tanh"))`. Each runs
    through the case as the jury's own does, so that gradients and all else that is observed follow the same
    convention.
    """
    if not names:
        raise ValueError("one_of names no other entry point; without one, leave the checker out")
    return OneOf(names)
