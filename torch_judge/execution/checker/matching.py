"""The checker's side of a diagnosis: find the gotchas that do as the submission did."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field
from typing import Any, Final

from torch_judge.authoring.suite import Tolerance
from torch_judge.execution.protocol import codec
from torch_judge.execution.protocol.messages import (
    Candidate,
    Examine,
    Examined,
    FindAlike,
    Matches,
    NothingToSay,
    Weigh,
    Weights,
)
from torch_judge.execution.runtime import load_code, remember_text

from .fields import Fields, Likeness, compare_wrong_fields, find_wrong_fields, list_fields
from .sample_runner import (
    SECONDS_PER_RUN,
    Observed,
    Outcome,
    Raised,
    SampleRunner,
    has_same_words,
    read_crash,
)

LARGEST_KEPT: Final = 16 << 20
"""Of a submission whose rejected observations have more bytes there is no diagnosis."""
PARTS_OF_A_WHOLE: Final = 5
"""As how many fields a sentence or an error counts."""
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
    wrong: Mapping[str, Outcome]
    """What the submission did in the cases that it failed."""
    until: float
    fields: dict[str, tuple[Fields, Fields, frozenset[str]]] = field(default_factory=dict)
    """Of each failed case what is expected, what was found, and what of it is wrong."""

    def find_alike(self, candidates: Sequence[Candidate]) -> list[str] | None:
        """Find the gotchas that agree in every case of their plans; None if the time was not enough.

        A mistake that was found in one hand is not looked for in others.
        """
        alike: dict[tuple[str, ...], str] = {}
        for candidate in candidates:
            if candidate.mistakes in alike:
                continue
            entry_point = self.runner.load(load_code(candidate.code))
            if all(self._agrees(entry_point, case) for case in candidate.plan):
                alike[candidate.mistakes] = candidate.name
            if time.monotonic() > self.until:
                return None
        return list(alike.values())

    def weigh(self, candidates: Sequence[Candidate]) -> dict[str, dict[str, Likeness]]:
        """Say of each gotcha how much it does as the submission did, until there is no more time."""
        weights = {}
        for candidate in candidates:
            entry_point = self.runner.load(load_code(candidate.code))
            likeness = {case: self._compare(entry_point, case) for case in candidate.plan}
            if time.monotonic() > self.until:
                break
            weights[candidate.name] = likeness
        return weights

    def _compare(self, entry_point: Any, case: str) -> Likeness:
        outcome, wrong = self._run(entry_point, case), self.wrong.get(case)
        if wrong is None:
            return Likeness((), 0, 0, 0 if self.runner.passes(case, outcome) else 1)
        if isinstance(wrong, Observed):
            return self._compare_fields(case, wrong, outcome)
        return _compare_whole(same=outcome == wrong, near=has_same_words(outcome, wrong), outcome=outcome)

    def _compare_fields(self, case: str, wrong: Observed, outcome: Outcome | None) -> Likeness:
        if case not in self.fields:
            self.fields[case] = self._find_wrong_fields(case, wrong)
        expected, found, names = self.fields[case]
        if not names:
            return _compare_whole(same=self.runner.agrees(case, outcome, wrong), near=False, outcome=outcome)
        if not isinstance(outcome, Observed):
            return Likeness((), 0, len(names), len(names) + 1)
        if outcome == wrong:
            return Likeness(tuple(range(len(names))), len(names), len(names), len(names))
        does = list_fields(outcome.value)
        return compare_wrong_fields(expected, found, does, names, self._tolerance(case))

    def _find_wrong_fields(self, case: str, wrong: Observed) -> tuple[Fields, Fields, frozenset[str]]:
        """Find what is expected, what was found, and what of it is wrong: nothing where only the whole is."""
        expected = self.runner.expect(case)
        if expected is None:  # a checker of an author's looks at the whole
            return {}, {}, frozenset()
        found = list_fields(wrong.value)
        return expected, found, find_wrong_fields(expected, found, self._tolerance(case))

    def _tolerance(self, case: str) -> Tolerance | None:
        return self.runner.cases[case].tolerance

    def _agrees(self, entry_point: Any, case: str) -> bool:
        return self.runner.agrees(case, self._run(entry_point, case), self.wrong.get(case))

    def _run(self, entry_point: Any, case: str) -> Outcome | None:
        left = self.until - time.monotonic()
        if left <= 0:
            return None
        return self.runner.run(entry_point, case, seconds=min(left, SECONDS_PER_RUN))


def _compare_whole(*, same: bool, near: bool, outcome: Outcome | None) -> Likeness:
    """Compare what cannot be taken apart; what is only near is half the same."""
    parts = PARTS_OF_A_WHOLE if same else PARTS_OF_A_WHOLE // 2 if near else 0
    beside = int(not parts and isinstance(outcome, Observed))
    return Likeness(
        tuple(range(parts)), PARTS_OF_A_WHOLE * bool(parts), PARTS_OF_A_WHOLE, PARTS_OF_A_WHOLE + beside
    )


def answer_question(
    runner: SampleRunner, rejected: Rejected, question: FindAlike | Weigh
) -> Matches | Weights | NothingToSay:
    """Answer the conductor's question about gotchas."""
    observations = rejected.observations
    raised = {name: Raised(message) for name, message in question.raised.items()}
    stopped = {name: read_crash(message) for name, message in question.stopped.items()}
    if observations is None or set(question.failed) != observations.keys() | raised.keys() | stopped.keys():
        return NothingToSay()
    wrong: dict[str, Outcome] = {**observations, **raised, **stopped}
    matcher = Matcher(runner, wrong, time.monotonic() + question.milliseconds / 1000)
    with runner.clock:
        if isinstance(question, Weigh):
            weights = matcher.weigh(question.candidates)
            return Weights(
                {
                    name: {case: astuple(each) for case, each in likeness.items()}
                    for name, likeness in weights.items()
                }
            )
        matches = matcher.find_alike(question.candidates)
    if matches is None:
        return NothingToSay()
    return Matches(tuple(matches))


def examine_sample(runner: SampleRunner, question: Examine) -> Examined:
    """Say which cases a gotcha fails in an order of cases.

    If asked, say too whether it does the same in each case alone, in a module that is loaded afresh.
    """
    code = load_code(question.code)
    names = question.order if question.alone else ()
    if question.text:
        remember_text(code.co_filename, question.text)
    with runner.clock:
        together = runner.load(code, seconds=SECONDS_TO_EXAMINE)
        outcomes = {name: runner.run(together, name, seconds=SECONDS_TO_EXAMINE) for name in question.order}
        alone = {
            name: runner.run(runner.load(code, seconds=SECONDS_TO_EXAMINE), name, seconds=SECONDS_TO_EXAMINE)
            for name in names
        }
    fails = tuple(name for name, outcome in outcomes.items() if not runner.passes(name, outcome))
    return Examined(fails, any(outcomes[name] != alone[name] for name in alone))
