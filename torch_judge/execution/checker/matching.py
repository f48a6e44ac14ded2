"""The checker's side of a diagnosis: find the gotchas that do as the submission did."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from torch_judge.execution.protocol import codec
from torch_judge.execution.protocol.messages import (
    Candidate,
    Examine,
    Examined,
    FindAlike,
    FindExplanations,
    Matches,
    NothingToSay,
)
from torch_judge.execution.runtime import load_code

from .sample_runner import SECONDS_PER_RUN, Observed, Raised, SampleRunner

LARGEST_KEPT: Final = 16 << 20
"""Of a submission whose rejected observations have more bytes there is no diagnosis."""
HAND: Final = "@"
"""What stands between the name of a mistake and that of the hand in which it is written."""
SECONDS_TO_EXAMINE: Final = 5.0
"""What a gotcha may take for one case when it is signed."""


class Rejected:
    """The submission's observations that were rejected, as long as they are not too large to keep."""

    def __init__(self) -> None:
        self._kept: dict[str, Observed] = {}
        self._room = LARGEST_KEPT

    def keep(self, name: str, tree: codec.Tree, body: bytes) -> None:
        """Keep an observation, or none at all once they are too large."""
        self._room -= len(body)
        self._kept[name] = Observed(tree, body)
        if self._room < 0:
            self._kept.clear()

    @property
    def observations(self) -> Mapping[str, Observed] | None:
        """The observations by case; None if they were too large to keep."""
        return self._kept if self._room >= 0 else None


@dataclass(frozen=True, slots=True)
class Matcher:
    """A search for the gotchas that do as the submission did, until a point in time."""

    runner: SampleRunner
    wrong: Mapping[str, Observed | Raised]
    """What the submission did in the cases that it failed."""
    until: float

    def find_alike(self, candidates: Sequence[Candidate]) -> dict[str, list[str]] | None:
        """Find the gotchas that agree in every case of their plans; None if the time was not enough.

        A mistake that was found in one hand is not looked for in others, for there may be many.
        """
        alike: dict[str, list[str]] = {}
        mistakes = set[str]()
        for candidate in candidates:
            mistake = candidate.name.partition(HAND)[0]
            if mistake in mistakes:
                continue
            entry_point = self.runner.load(load_code(candidate.code))
            if all(self._agrees(entry_point, case) for case in candidate.plan):
                alike[candidate.name] = list(self.wrong)
                mistakes.add(mistake)
            if time.monotonic() > self.until:
                return None
        return alike

    def find_explanations(
        self, candidates: Sequence[Candidate], failed: Sequence[str]
    ) -> dict[str, list[str]] | None:
        """Find for each gotcha the failed cases in which it agrees; None if no gotcha explains one of them.

        A gotcha that fails a case of its plan that the submission passed explains nothing.
        """
        entry_points = {
            candidate.name: self.runner.load(load_code(candidate.code)) for candidate in candidates
        }
        explained: dict[str, list[str]] = {}
        for case in failed:
            explaining = []
            for candidate in candidates:
                if time.monotonic() > self.until:
                    return None
                if case in candidate.plan and self._agrees(entry_points[candidate.name], case):
                    explaining.append(candidate.name)
            if not explaining:
                return None
            for name in explaining:
                explained.setdefault(name, []).append(case)
        # the cases that passed come last, and only for those that explain something: they are the most
        passed = {
            candidate.name: [case for case in candidate.plan if case not in self.wrong]
            for candidate in candidates
        }
        return {
            name: cases
            for name, cases in explained.items()
            if all(self._agrees(entry_points[name], case) for case in passed[name])
        }

    def _agrees(self, entry_point: Any, case: str) -> bool:
        left = self.until - time.monotonic()
        if left <= 0:
            return False
        outcome = self.runner.run(entry_point, case, seconds=min(left, SECONDS_PER_RUN))
        return self.runner.agrees(case, outcome, self.wrong.get(case))


def match_samples(
    runner: SampleRunner, rejected: Rejected, question: FindAlike | FindExplanations
) -> Matches | NothingToSay:
    """Answer the conductor's question about gotchas."""
    observations = rejected.observations
    raised = {name: Raised(message) for name, message in question.raised.items()}
    if observations is None or set(question.failed) != observations.keys() | raised.keys():
        return NothingToSay()
    wrong: dict[str, Observed | Raised] = {**observations, **raised}
    matcher = Matcher(runner, wrong, time.monotonic() + question.milliseconds / 1000)
    with runner.clock:
        if isinstance(question, FindAlike):
            matches = matcher.find_alike(question.candidates)
        else:
            matches = matcher.find_explanations(question.candidates, question.failed)
    if matches is None:
        return NothingToSay()
    return Matches({name: tuple(cases) for name, cases in matches.items()})


def examine_sample(runner: SampleRunner, question: Examine) -> Examined:
    """Say which cases a gotcha fails in an order of cases.

    If asked, say too whether it does the same in each case alone, in a module that is loaded afresh.
    """
    code = load_code(question.code)
    names = question.order if question.alone else ()
    with runner.clock:
        together = runner.load(code)
        outcomes = {name: runner.run(together, name, seconds=SECONDS_TO_EXAMINE) for name in question.order}
        alone = {name: runner.run(runner.load(code), name, seconds=SECONDS_TO_EXAMINE) for name in names}
    fails = tuple(name for name, outcome in outcomes.items() if not runner.passes(name, outcome))
    return Examined(fails, any(outcomes[name] != alone[name] for name in alone))
