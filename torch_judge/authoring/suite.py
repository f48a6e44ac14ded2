"""The hidden suite: what an author writes in `cases.py`, and how it is loaded.

Imported in the worker and in the checker, never in the conductor.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any, Final

import numpy as np

from torch_judge.model.naming import spell

from .checkers import JuryChecker, OneOf
from .shield import copy_builtins, shield

CompareFunction = Callable[[Any, Any], str | None]
"""Compares the jury's observation with the submission's: None if it will do, else a sentence."""
Checker = CompareFunction | JuryChecker | OneOf


class WrongAnswer(Exception):  # noqa: N818 - it is a verdict, not an error
    """What a case raises to reject with a sentence of its own."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a number may be from the jury's: `relative * |expected| + of_scale * max |expected|`."""

    relative: float
    of_scale: float


ROUNDED_AT_THE_OFFSET: Final = Tolerance(relative=1e-2, of_scale=1e-2)
"""For values about 4096, where float32 numbers are 0.0005 apart.

What it lets pass is that rounding, once per operation, in a result of the size of 1.
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One hidden test."""

    name: str
    sentence: str
    function: Callable[[Any, np.random.Generator], Any]
    rejects: tuple[str, ...] = ()
    tolerance: Tolerance | None = None
    checker: Checker | None = None
    standard: bool = False
    """Made by the judge from a description, not written by hand."""
    own_title: str = ""
    """Where the words of the name would lose a mark, such as the underscore of `d_ff`."""

    @property
    def title(self) -> str:
        """What a person reads: the title of its own, else the words of the name."""
        return self.own_title or spell(self.name)

    def observe(self, entry_point: Any, *, seed: int) -> Any:
        """Run the case on an entry point, with inputs drawn from the seed of the check."""
        return self.function(entry_point, np.random.default_rng(self.seed(seed)))

    def seed(self, seed: int) -> int:
        """Return this case's own seed, the same whatever the order of cases."""
        digest = hashlib.sha256(f"{seed}/{self.name}".encode()).digest()
        return int.from_bytes(digest[:8], "big") >> 1


def case(
    *,
    title: str | None = None,
    rejects: Sequence[str] = (),
    tolerance: Tolerance | None = None,
    checker: Checker | None = None,
) -> Callable[[Callable[[Any, np.random.Generator], Any]], Case]:
    """Make a function of `(entry_point, rng)` a case; its docstring is what a learner reads when it fails.

    Its title is made of the function's name, unless one is given. Raises ValueError for a title that is none.
    """

    def declare(function: Callable[[Any, np.random.Generator], Any]) -> Case:
        if title is not None:
            _check_title(title, function)
        if isinstance(function.__globals__.get(function.__name__), Case):
            raise ValueError(  # noqa: TRY004 - the name is taken, whatever by
                f"cases.py declares two cases of the name {function.__name__}"
            )
        sentence = " ".join((function.__doc__ or "").split())
        return Case(
            function.__name__, sentence, function, tuple(rejects), tolerance, checker, own_title=title or ""
        )

    return declare


def _check_title(title: object, function: Callable[..., Any]) -> None:
    """See that a title is one line of text that says more than the function's name."""
    code = function.__code__
    where = f"{code.co_filename}:{code.co_firstlineno}: case {function.__name__}"
    if not isinstance(title, str) or title != " ".join(title.split()) or not title:
        raise ValueError(f"{where}: title is one line of text, found {title!r}")
    if title == spell(function.__name__):
        raise ValueError(f"{where}: title {title!r} says what the name says; leave it out")


@dataclass(frozen=True, slots=True)
class StandardSuite:
    """What the judge makes of a description: the standard cases and the space of small inputs."""

    cases: tuple[Case, ...]
    space: Any = None


def load_suite(code: CodeType) -> tuple[Case, ...]:
    """Run the compiled text of a `cases.py`, and list its cases: in the order of the file, the standard last.

    Raises whatever the text raises, and ValueError where a case is declared badly.
    """
    filename = code.co_filename
    namespace: dict[str, Any] = {
        "__name__": "cases",
        "__file__": filename,
        "__builtins__": copy_builtins(),
    }
    exec(code, namespace)  # noqa: S102 - the bank is trusted
    shield(namespace)
    written = tuple(value for value in namespace.values() if isinstance(value, Case))
    suites = [value for value in namespace.values() if isinstance(value, StandardSuite)]
    if len(suites) > 1:
        raise ValueError(f"{filename} describes two calls; one description is enough")
    cases = written + tuple(case for suite in suites for case in suite.cases)
    if taken := {case.name for case in written} & {case.name for suite in suites for case in suite.cases}:
        raise ValueError(
            f"{filename}: {', '.join(sorted(taken))} is the name of a standard case; choose another"
        )
    if not cases:
        raise ValueError(f"{filename} declares no case")
    if unsaid := [case.name for case in cases if not case.sentence]:
        raise ValueError(f"{filename}: these cases have no docstring: {', '.join(unsaid)}")
    if shared := [title for title, count in Counter(case.title for case in cases).items() if count > 1]:
        raise ValueError(
            f"{filename}: two cases have the title {shared[0]!r}; a learner cannot tell them apart"
        )
    return cases
