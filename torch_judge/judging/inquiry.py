"""Ask the checker about gotchas: which do as the submission did, and how much, until a point in time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol, TypeVar

from torch_judge.execution.protocol.messages import (
    Candidate,
    FindAlike,
    FromChecker,
    Matches,
    NothingToSay,
    Question,
    Weigh,
    Weights,
)
from torch_judge.model.errors import BankError
from torch_judge.model.problem import Problem
from torch_judge.model.report import Verdict

from .checker_session import CheckerSession
from .signatures import Gotcha, Signature, Signatures
from .symptoms import Symptoms
from .weighing import CaseLikeness, Weighed

SECONDS_TO_ANSWER: Final = 0.2
"""How long the checker may be late."""
LONGEST_RAISED: Final = 1000
Plan = tuple[str, ...]
A = TypeVar("A", bound=FromChecker)


class Suspect(Protocol):
    """What may be what the submission is: a gotcha, or two in one text."""

    @property
    def name(self) -> str:
        """What the checker calls it."""

    @property
    def mistakes(self) -> tuple[str, ...]:
        """The mistakes that are in it."""

    @property
    def code(self) -> str:
        """The compiled text."""

    @property
    def known(self) -> tuple[frozenset[str], ...]:
        """Of each mistake the cases that it is known to fail."""


S = TypeVar("S", bound=Suspect)


@dataclass(frozen=True)
class Inquiry:
    """Questions to the checker about one submission."""

    problem: Problem
    checker: CheckerSession
    symptoms: Symptoms
    signatures: Signatures
    until: float

    @cached_property
    def telling(self) -> Plan:
        """The failed cases: first those that few gotchas fail, which tell the most of them apart."""
        rarity = self.signatures.rarity
        return tuple(sorted(self.symptoms.failed, key=lambda case: (rarity.get(case, 0), case)))

    def find_gotchas(self, fits: Callable[[Signature], bool]) -> list[Gotcha]:
        """Find the gotchas whose signatures fit; if the submission stops with an error, also such as do."""
        stops = (Verdict.RUN_TIME_ERROR,) if self.symptoms.stopped else ()
        return self.signatures.find_gotchas(self.problem, fits, (Verdict.WRONG_ANSWER, *stops))

    def find_alike(self, gotchas: Sequence[Gotcha], plan: Callable[[Gotcha], Plan]) -> list[Gotcha]:
        """Find the gotchas that do the same in every case of their plans."""
        answer = self._ask(FindAlike, [(gotcha, plan(gotcha)) for gotcha in gotchas], Matches)
        return [gotcha for gotcha in gotchas if answer and gotcha.name in answer.names]

    def weigh(self, suspects: Sequence[S], plan: Callable[[S], Plan]) -> list[Weighed]:
        """Weigh suspects in the cases of a plan; those that the time is not enough for are left out."""
        answer = self._ask(Weigh, [(suspect, plan(suspect)) for suspect in suspects], Weights)
        found = answer.likeness if answer else {}
        return [self._read(suspect, found[suspect.name]) for suspect in suspects if suspect.name in found]

    def _read(self, suspect: Suspect, found: dict[str, tuple[tuple[int, ...], int, int, int]]) -> Weighed:
        failed, passed = self.symptoms.failed, self.symptoms.passed
        likeness = {case: CaseLikeness(frozenset(same), *counts) for case, (same, *counts) in found.items()}
        contradicting = {case for case in likeness.keys() & passed if likeness[case].either}
        # what is known of one mistake another beside it may hide
        known = suspect.known[0] & passed if len(suspect.known) == 1 else frozenset()
        return Weighed(
            suspect.mistakes,
            suspect.name,
            {case: likeness[case] for case in self.symptoms.results if case in likeness.keys() & failed},
            len(contradicting | known),
            suspect.known,
        )

    def _ask(
        self, question: type[Question], suspects: Iterable[tuple[Suspect, Plan]], answer: type[A]
    ) -> A | None:
        """Have the checker run suspects through their plans; None if it cannot say."""
        milliseconds = int((self.until - time.monotonic()) * 1000)
        codes = ((suspect, plan, _read_code(suspect)) for suspect, plan in suspects)
        candidates = tuple(
            Candidate(suspect.name, suspect.mistakes, code, plan) for suspect, plan, code in codes if code
        )
        if not candidates or milliseconds <= 0:
            return None
        symptoms = self.symptoms
        raised, stopped = (
            {name: message[:LONGEST_RAISED] for name, message in messages.items()}
            for messages in (symptoms.raised, symptoms.stopped)
        )
        request = question(candidates, self.telling, raised, stopped, symptoms.seed, milliseconds)
        self.checker.send(request, deadline=self.until)
        found = self.checker.receive(answer, NothingToSay, deadline=self.until + SECONDS_TO_ANSWER)
        return found if isinstance(found, answer) else None


def _read_code(suspect: Suspect) -> str:
    try:
        return suspect.code
    except (BankError, SyntaxError, ValueError):  # verify complains about it
        return ""
