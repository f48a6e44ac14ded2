"""Name the mistake: which gotcha behaves exactly as a submission does, or which few together explain it.

An extra: whatever goes wrong here, there is no diagnosis, and the report is what it would be without.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from torch_judge.execution.forkserver.channel import Child, HungUp, OutOfTime
from torch_judge.model.errors import BankError, WireError
from torch_judge.model.problem import Problem
from torch_judge.model.report import CaseResult, Diagnosis, Explanation, Verdict

from .signatures import Gotcha, read_signatures

SECONDS = 0.6
"""What a diagnosis may take in all."""
MOST_TOGETHER = 3
MOST_EXPLAINING = 40
SECONDS_TO_ANSWER = 0.2
"""How long the checker may be late."""


@dataclass(frozen=True, slots=True)
class Symptoms:
    """How a submission failed: the cases in the order in which they ran, what those said that returned nothing, and the seed."""

    results: Mapping[str, CaseResult]
    raised: Mapping[str, str]
    seed: int

    @property
    def failed(self) -> frozenset[str]:
        """Return the cases that rejected the submission."""
        return frozenset(name for name, each in self.results.items() if not each.passed)

    @property
    def passed(self) -> frozenset[str]:
        """Return the cases that accepted it."""
        return frozenset(name for name, each in self.results.items() if each.passed)

    @property
    def can_be_named(self) -> bool:
        """Tell whether gotchas can do the same: they give wrong answers and nothing graver."""
        return {each.verdict for each in self.results.values()} <= {
            Verdict.ACCEPTED,
            Verdict.WRONG_ANSWER,
        } and bool(self.failed)


@dataclass(frozen=True, slots=True)
class Finding:
    """What there is to say about a submission that was not accepted."""

    diagnosis: Diagnosis | None = None
    explanations: tuple[Explanation, ...] = ()


def diagnose(problem: Problem, checker: Child, symptoms: Symptoms, *, seconds: float = SECONDS) -> Finding:
    """Have the checker run the gotchas that may be what the submission is, and name the one that is."""
    if seconds > 0 and symptoms.can_be_named:
        try:
            return _Search(problem, checker, symptoms, time.monotonic() + seconds).finding()
        except (HungUp, OutOfTime, WireError):
            checker.kill()  # whoever asks it next must not get a late answer to this
        except (BankError, OSError):
            return Finding()
    return Finding()


class _Search:
    def __init__(self, problem: Problem, checker: Child, symptoms: Symptoms, until: float) -> None:
        self._problem, self._checker, self._symptoms, self._until = problem, checker, symptoms, until
        self._signatures = read_signatures(problem)
        rarity = self._signatures.rarity
        self._telling = sorted(
            symptoms.failed, key=lambda case: (rarity.get(case, 0), case)
        )  # what few gotchas fail tells the most

    def finding(self) -> Finding:
        failed, passed = self._symptoms.failed, self._symptoms.passed
        candidates = self._signatures.gotchas(self._problem, lambda each: each.may_be_alike(failed, passed))
        alike = self._ask("alike", candidates)
        if alike:
            names = _without_equivalents(alike, self._problem.equivalents)
            says = {each.name: each.says for each in candidates if each.name in names}
            return Finding(Diagnosis(names[0], says[names[0]])) if len(names) == 1 else Finding()
        return (
            Finding(explanations=self._explanations()) if alike is not None and len(failed) > 1 else Finding()
        )

    def _explanations(self) -> tuple[Explanation, ...]:
        failed, passed = self._symptoms.failed, self._symptoms.passed
        candidates = self._signatures.gotchas(self._problem, lambda each: each.may_explain(failed, passed))
        if len(candidates) > MOST_EXPLAINING:
            return ()
        found = self._ask("explanations", candidates) or {}
        says = {each.name: each.says for each in candidates if each.name in found}
        together = smallest_cover(failed, found, self._problem.equivalents)
        return tuple(Explanation(name, says[name], tuple(found[name])) for name in together)

    def _plan(self, gotcha: Gotcha) -> list[str]:
        """Return the cases that a gotcha has to be run through, those first in which it is the least likely to agree."""
        known = gotcha.signature
        if known.remembers:
            return list(self._symptoms.results)
        return [
            *self._telling,
            *(case for case in self._symptoms.results if case in self._symptoms.passed - known.passes),
        ]

    def _ask(self, question: str, candidates: Sequence[Gotcha]) -> Mapping[str, list[str]] | None:
        """Have the checker run candidates; None if it cannot say."""
        if not candidates:
            return {}
        left = self._until - time.monotonic()
        raised = {name: message[:1000] for name, message in self._symptoms.raised.items()}
        gotchas = [
            {"name": each.name, "code": each.code, "plan": self._plan(each)}
            for each in candidates
            if _compiles(each)
        ]
        request = {
            "ask": question,
            "gotchas": gotchas,
            "failed": self._telling,
            "raised": raised,
            "seed": self._symptoms.seed,
        }
        request["milliseconds"] = int(left * 1000)
        self._checker.send(request, deadline=self._until)
        header, _ = self._checker.receive(deadline=self._until + SECONDS_TO_ANSWER)
        match header:
            case {"found": dict(found)} if found.keys() <= {each.name for each in candidates}:
                return found
        return None


def smallest_cover(
    failed: frozenset[str],
    explained: Mapping[str, Sequence[str]],
    equivalents: Mapping[str, str] | None = None,
) -> tuple[str, ...]:
    """Return the fewest gotchas that together explain every failed case; none if there is no such set, or more than one."""
    names = _without_equivalents(explained, equivalents or {})
    for size in range(1, MOST_TOGETHER + 1):
        covers = [
            each
            for each in combinations(names, size)
            if failed <= {case for name in each for case in explained[name]}
        ]
        if covers:
            return covers[0] if len(covers) == 1 else ()
    return ()


def _without_equivalents(names: Iterable[str], equivalents: Mapping[str, str]) -> list[str]:
    """Return the names without those whose equivalent is among them too."""
    found = set(names)
    return sorted(name for name in found if equivalents.get(name) not in found)


def _compiles(gotcha: Gotcha) -> bool:
    try:
        return bool(gotcha.code)
    except (BankError, SyntaxError, ValueError):  # verify complains about it
        return False
