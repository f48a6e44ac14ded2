"""Name the mistake: which gotcha behaves exactly as a submission does, or which few together explain it.

An extra: whatever goes wrong here, there is no diagnosis, and the report is what it would be without.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from torch_judge.execution.forkserver.channel import HungUp, OutOfTime
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
from torch_judge.model.errors import BankError, WireError
from torch_judge.model.problem import Problem
from torch_judge.model.report import CaseResult, Certainty, Diagnosis, Explanation, Verdict

from .checker_session import CheckerSession
from .signatures import Gotcha, read_signatures
from .weighing import CaseLikeness, Weighed, choose

SECONDS = 0.7
"""What a diagnosis may take in all."""
MOST_TELLING = 4
"""By how many failed cases it is seen which gotchas are worth a closer look."""
MOST_WEIGHED = 6
"""How many are."""
SECONDS_TO_ANSWER = 0.2
"""How long the checker may be late."""
LONGEST_RAISED = 1000
A = TypeVar("A", bound=FromChecker)


@dataclass(frozen=True, slots=True)
class Symptoms:
    """How a submission failed, under which seed.

    The cases are in the order in which they ran; of those that returned nothing there is what they said.
    """

    results: Mapping[str, CaseResult]
    said: Mapping[str, str]
    seed: int

    @property
    def raised(self) -> dict[str, str]:
        """Return the sentences with which cases rejected."""
        return self._list_said(Verdict.WRONG_ANSWER)

    @property
    def stopped(self) -> dict[str, str]:
        """Return what the submission raised in cases."""
        return self._list_said(Verdict.RUN_TIME_ERROR)

    def _list_said(self, verdict: Verdict) -> dict[str, str]:
        return {case: text for case, text in self.said.items() if self.results[case].verdict is verdict}

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
        """Tell whether gotchas can do the same: they give wrong answers and stop with errors."""
        given = {result.verdict for result in self.results.values()}
        named = {Verdict.ACCEPTED, Verdict.WRONG_ANSWER, Verdict.RUN_TIME_ERROR}
        return given <= named and bool(self.failed)


@dataclass(frozen=True, slots=True)
class Finding:
    """What there is to say about a submission that was not accepted."""

    diagnosis: Diagnosis | None = None
    explanations: tuple[Explanation, ...] = ()
    predicted: frozenset[str] = frozenset()
    """The failed cases in which all that is wrong is what these mistakes do."""


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
        """Name the gotcha that does the same in every case, else what explains the most."""
        failed, passed = self._symptoms.failed, self._symptoms.passed
        candidates = self._signatures.find_gotchas(
            self._problem, lambda known: known.may_be_alike(failed, passed), self._verdicts
        )
        answer = self._ask(FindAlike, candidates, self._plan, Matches)
        alike = answer.cases if answer else {}
        if alike:
            mistakes = {gotcha.mistake: gotcha for gotcha in candidates if gotcha.name in alike}
            names = _drop_equivalents(mistakes, self._problem.equivalents)
            # two that tell different stories tell none
            if len(names) > 1:
                return Finding()
            cases = tuple(case for case in self._symptoms.results if case in failed)
            return Finding(Diagnosis(names[0], mistakes[names[0]].says, cases=cases), predicted=failed)
        # one failed case is explained by whatever fails it, which says nothing
        return Finding() if len(failed) == 1 else self._weigh()

    @property
    def _verdicts(self) -> tuple[Verdict, ...]:
        """What samples may be like the submission: one that stops with an error only where this one does."""
        stops = Verdict.RUN_TIME_ERROR
        return (Verdict.WRONG_ANSWER, stops) if self._symptoms.stopped else (Verdict.WRONG_ANSWER,)

    def _weigh(self) -> Finding:
        """Find the mistake, or the two, that explain the most of what is wrong."""
        failed, passed = self._symptoms.failed, self._symptoms.passed
        candidates = self._signatures.find_gotchas(
            self._problem, lambda known: known.may_be_mixed_in(failed, passed), self._verdicts
        )
        quick = self._measure(candidates, self._choose_telling)
        nearest = sorted(quick, key=lambda each: -self._expect(each))[:MOST_WEIGHED]
        names = {each.sample for each in nearest}
        weighed = self._measure([each for each in candidates if each.name in names], self._plan_all)
        chosen = choose(weighed, self._problem.equivalents)
        says = {gotcha.mistake: gotcha.says for gotcha in candidates}
        if len(chosen.mistakes) == 1:
            (one,) = chosen.mistakes
            certainty = Certainty.LIKELY if chosen.likely else Certainty.PARTLY
            diagnosis = Diagnosis(one.mistake, says[one.mistake], certainty, one.alike)
            return Finding(diagnosis, predicted=chosen.predicted)
        several = (Explanation(each.mistake, says[each.mistake], each.alike) for each in chosen.mistakes)
        return Finding(explanations=tuple(several), predicted=chosen.predicted)

    def _measure(self, gotchas: Sequence[Gotcha], plan: Callable[[Gotcha], tuple[str, ...]]) -> list[Weighed]:
        """Have gotchas weighed in the cases of a plan; those that the time is not enough for are left out."""
        symptoms = self._symptoms
        answer = self._ask(Weigh, gotchas, plan, Weights)
        likeness = answer.likeness if answer else {}
        weighed = []
        for gotcha in gotchas:
            if gotcha.name not in likeness:
                continue
            found = {
                case: CaseLikeness(frozenset(same), shared, wrong, either)
                for case, (same, shared, wrong, either) in likeness[gotcha.name].items()
            }
            contradicting = {case for case in found.keys() & symptoms.passed if found[case].either}
            contradicting |= gotcha.signature.fails & symptoms.passed
            cases = {case: likeness for case, likeness in found.items() if case in symptoms.failed}
            weighed.append(Weighed(gotcha.mistake, gotcha.name, cases, len(contradicting)))
        return weighed

    def _choose_telling(self, gotcha: Gotcha) -> tuple[str, ...]:
        """Choose a few failed cases that tell whether a gotcha is worth a closer look."""
        expected = [case for case in self._failed if case in gotcha.signature.fails]
        doubtful = [case for case in self._failed if case not in gotcha.signature.passes]
        return tuple(dict.fromkeys(expected + doubtful))[:MOST_TELLING]

    def _plan_all(self, gotcha: Gotcha) -> tuple[str, ...]:
        """List the failed cases, and those that passed in which it is not known what the gotcha does."""
        symptoms, known = self._symptoms, gotcha.signature
        doubtful = (case for case in symptoms.results if case in symptoms.passed - known.passes - known.fails)
        return (*(case for case in symptoms.results if case in symptoms.failed), *doubtful)

    def _expect(self, quick: Weighed) -> float:
        """Expect how much a gotcha explains in all, by a few cases and its signature."""
        known = self._signatures.known.get(quick.sample)
        failed = self._symptoms.failed
        share = 1.0 if known is None else len(known.fails & failed) / len(known.fails | failed)
        return quick.likeness * share

    def _plan(self, gotcha: Gotcha) -> tuple[str, ...]:
        """List the cases that a gotcha has to be run through, those that tell the most first."""
        known, symptoms = gotcha.signature, self._symptoms
        if known.remembers:  # what it does in a case depends on those before
            return tuple(symptoms.results)
        doubtful = symptoms.passed - known.passes  # in the others it passes as the submission did
        return self._failed + tuple(case for case in symptoms.results if case in doubtful)

    def _ask(
        self,
        question: type[Question],
        gotchas: Sequence[Gotcha],
        plan: Callable[[Gotcha], tuple[str, ...]],
        answer: type[A],
    ) -> A | None:
        """Have the checker run gotchas; None if it cannot say."""
        milliseconds = int((self._until - time.monotonic()) * 1000)
        candidates = tuple(
            Candidate(gotcha.name, gotcha.code, plan(gotcha)) for gotcha in gotchas if _compiles(gotcha)
        )
        if not candidates or milliseconds <= 0:
            return None
        symptoms = self._symptoms
        raised, stopped = (
            {name: message[:LONGEST_RAISED] for name, message in messages.items()}
            for messages in (symptoms.raised, symptoms.stopped)
        )
        request = question(candidates, self._failed, raised, stopped, symptoms.seed, milliseconds)
        self._checker.send(request, deadline=self._until)
        found = self._checker.receive(answer, NothingToSay, deadline=self._until + SECONDS_TO_ANSWER)
        return found if isinstance(found, answer) else None


def _drop_equivalents(names: Iterable[str], equivalents: Mapping[str, str]) -> list[str]:
    """Drop the names whose equivalent is among them too, and sort the others."""
    known = set(names)
    return sorted(name for name in known if equivalents.get(name) not in known)


def _compiles(gotcha: Gotcha) -> bool:
    try:
        return bool(gotcha.code)
    except (BankError, SyntaxError, ValueError):  # verify complains about it
        return False
