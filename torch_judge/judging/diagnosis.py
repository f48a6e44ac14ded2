"""Name the mistake: which gotcha behaves exactly as a submission does, or which few together explain it.

An extra: whatever goes wrong here, there is no diagnosis, and the report is what it would be without.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from torch_judge.execution.forkserver.channel import HungUp, OutOfTime
from torch_judge.execution.protocol.messages import (
    Candidate,
    FindAlike,
    FindExplanations,
    Matches,
    NothingToSay,
    Question,
)
from torch_judge.model.errors import BankError, WireError
from torch_judge.model.problem import Problem
from torch_judge.model.report import CaseResult, Diagnosis, Explanation, Verdict

from .checker_session import CheckerSession
from .signatures import Gotcha, read_signatures

SECONDS = 0.6
"""What a diagnosis may take in all."""
MOST_TOGETHER = 3
"""What more mistakes than these explain together is explained by none of them."""
MOST_EXPLAINING = 40
SECONDS_TO_ANSWER = 0.2
"""How long the checker may be late."""
LONGEST_RAISED = 1000


@dataclass(frozen=True, slots=True)
class Symptoms:
    """How a submission failed, under which seed.

    The cases are in the order in which they ran; of those that returned nothing there is what they said.
    """

    results: Mapping[str, CaseResult]
    raised: Mapping[str, str]
    seed: int

    @property
    def failed(self) -> frozenset[str]:
        """Return the cases that rejected the submission."""
        return frozenset(name for name, result in self.results.items() if not result.passed)

    @property
    def passed(self) -> frozenset[str]:
        """Return the cases that accepted it."""
        return frozenset(name for name, result in self.results.items() if result.passed)

    @property
    def can_be_named(self) -> bool:
        """Tell whether gotchas can do the same: they give wrong answers and nothing graver."""
        given = {result.verdict for result in self.results.values()}
        return given <= {Verdict.ACCEPTED, Verdict.WRONG_ANSWER} and bool(self.failed)


@dataclass(frozen=True, slots=True)
class Finding:
    """What there is to say about a submission that was not accepted."""

    diagnosis: Diagnosis | None = None
    explanations: tuple[Explanation, ...] = ()


def diagnose(
    problem: Problem, checker: CheckerSession, symptoms: Symptoms, *, seconds: float = SECONDS
) -> Finding:
    """Have the checker run the gotchas that may be what the submission is, and name the one that is."""
    if seconds > 0 and symptoms.can_be_named:
        try:
            return _Diagnoser(problem, checker, symptoms, time.monotonic() + seconds).find()
        except (HungUp, OutOfTime, WireError):
            checker.kill()  # whoever asks it next must not get a late answer to this
        except (BankError, OSError):
            return Finding()
    return Finding()


class _Diagnoser:
    """Asks the checker about gotchas until a point in time."""

    def __init__(self, problem: Problem, checker: CheckerSession, symptoms: Symptoms, until: float) -> None:
        self._problem, self._checker, self._symptoms, self._until = problem, checker, symptoms, until
        self._signatures = read_signatures(problem)
        # a case that few gotchas fail tells most of them from the submission, so it is run first
        rarity = self._signatures.rarity
        self._failed = tuple(sorted(symptoms.failed, key=lambda case: (rarity.get(case, 0), case)))

    def find(self) -> Finding:
        """Name the gotcha that does the same in every case, else the few that explain the failed ones."""
        failed, passed = self._symptoms.failed, self._symptoms.passed
        candidates = self._signatures.find_gotchas(
            self._problem, lambda known: known.may_be_alike(failed, passed)
        )
        alike = self._ask(FindAlike, candidates)
        if alike:
            mistakes = {gotcha.mistake: gotcha for gotcha in candidates if gotcha.name in alike}
            names = _drop_equivalents(mistakes, self._problem.equivalents)
            # two that tell different stories tell none
            return Finding(Diagnosis(names[0], mistakes[names[0]].says)) if len(names) == 1 else Finding()
        # one failed case is explained by whatever fails it, which says nothing
        if alike is None or len(failed) == 1:
            return Finding()
        return Finding(explanations=self._explain())

    def _explain(self) -> tuple[Explanation, ...]:
        failed, passed = self._symptoms.failed, self._symptoms.passed
        candidates = self._signatures.find_gotchas(
            self._problem, lambda known: known.may_explain(failed, passed)
        )
        if len(candidates) > MOST_EXPLAINING:
            return ()
        answers = self._ask(FindExplanations, candidates) or {}
        mistakes: dict[str, Gotcha] = {}
        # of a mistake in several hands the one that explains the most is the last, which stays
        for gotcha in sorted(candidates, key=lambda gotcha: len(answers.get(gotcha.name, ()))):
            if gotcha.name in answers:
                mistakes[gotcha.mistake] = gotcha
        explained = {name: answers[gotcha.name] for name, gotcha in mistakes.items()}
        together = find_smallest_cover(failed, explained, self._problem.equivalents)
        return tuple(Explanation(name, mistakes[name].says, explained[name]) for name in together)

    def _plan(self, gotcha: Gotcha) -> tuple[str, ...]:
        """List the cases that a gotcha has to be run through, those that tell the most first."""
        known, symptoms = gotcha.signature, self._symptoms
        if known.remembers:  # what it does in a case depends on those before
            return tuple(symptoms.results)
        doubtful = symptoms.passed - known.passes  # in the others it passes as the submission did
        return self._failed + tuple(case for case in symptoms.results if case in doubtful)

    def _ask(
        self, question: type[Question], gotchas: Sequence[Gotcha]
    ) -> Mapping[str, tuple[str, ...]] | None:
        """Have the checker run gotchas; None if it cannot say."""
        if not gotchas:
            return {}
        milliseconds = int((self._until - time.monotonic()) * 1000)
        symptoms = self._symptoms
        raised = {name: message[:LONGEST_RAISED] for name, message in symptoms.raised.items()}
        candidates = tuple(
            Candidate(gotcha.name, gotcha.code, self._plan(gotcha)) for gotcha in gotchas if _compiles(gotcha)
        )
        request = question(candidates, self._failed, raised, symptoms.seed, milliseconds)
        self._checker.send(request, deadline=self._until)
        match self._checker.receive(Matches, NothingToSay, deadline=self._until + SECONDS_TO_ANSWER):
            case Matches(cases) if cases.keys() <= {gotcha.name for gotcha in gotchas}:
                return cases
        return None


def find_smallest_cover(
    failed: frozenset[str],
    explained: Mapping[str, Sequence[str]],
    equivalents: Mapping[str, str] | None = None,
) -> tuple[str, ...]:
    """Find the fewest gotchas that together explain every failed case.

    There are none if there is no such set, or more than one of the same size.
    """
    names = _drop_equivalents(explained, equivalents or {})
    for size in range(1, MOST_TOGETHER + 1):
        covers = [
            gotchas
            for gotchas in combinations(names, size)
            if failed <= {case for name in gotchas for case in explained[name]}
        ]
        if covers:
            return covers[0] if len(covers) == 1 else ()
    return ()


def _drop_equivalents(names: Iterable[str], equivalents: Mapping[str, str]) -> list[str]:
    """Drop the names whose equivalent is among them too, and sort the others."""
    known = set(names)
    return sorted(name for name in known if equivalents.get(name) not in known)


def _compiles(gotcha: Gotcha) -> bool:
    try:
        return bool(gotcha.code)
    except (BankError, SyntaxError, ValueError):  # verify complains about it
        return False
