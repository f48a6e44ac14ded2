"""The grid of conditional faults: run the jury under each, and see which a case rejects.

The suite is watched once: which calls of which case meet which condition. A fault is then put on those calls.
What it does there depends on the case, the calls and the effect alone, so that conditions share their runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from .fault_calls import Call, CallStage, Condition, Effect, Stage
from .fault_conditions import list_conditions
from .fault_effects import list_effects
from .fault_surface import Surface
from .sample_runner import SampleRunner

SECONDS_PER_RUN: Final = 5.0
"""What a fault may take for one case: as much as a learner's submission."""


class Mark(StrEnum):
    """What became of a fault, as a table shows it."""

    REJECTED = "#"
    SURVIVES = "o"
    IDLE = "-"
    IMPOSSIBLE = "."
    NO_PAIR = " "


@dataclass(slots=True)
class _Seen:
    """What watching a case told: of each call, by number, its stage and the conditions that it meets."""

    calls: dict[int, tuple[Stage, frozenset[str]]] = field(default_factory=dict)


@dataclass(slots=True)
class Round:
    """The faults under one seed."""

    runner: SampleRunner
    stage: CallStage
    seen: dict[str, _Seen] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    """Cases that do not accept the jury itself on this stage."""
    runs: int = 0
    _outcomes: dict[tuple[str, frozenset[int], str], Mark] = field(default_factory=dict)
    _telling: dict[str, Counter[str]] = field(default_factory=dict)

    def explore(self, surface: Surface) -> None:
        """Learn what the entry point deals with."""
        for name in self.runner.cases:
            self.stage.watch(surface.see, after=surface.settle)
            self.runner.run(self.stage.entry_point, name, seconds=SECONDS_PER_RUN)
        surface.trim()

    def watch(self, conditions: Sequence[Condition]) -> None:
        """Find out which calls of which case meet which condition."""
        for name in self.runner.cases:
            seen = _Seen()

            def note(call: Call, seen: _Seen = seen) -> None:
                met = frozenset(condition.name for condition in conditions if condition.holds(call))
                seen.calls[call.index] = call.stage, met

            self.stage.watch(note)
            self.runner.run(self.stage.entry_point, name, seconds=SECONDS_PER_RUN)
            self.stage.clear()
            outcome = self.runner.run(self.stage.entry_point, name, seconds=SECONDS_PER_RUN)
            if self.runner.passes(name, outcome):
                self.seen[name] = seen
            else:
                self.skipped.append(name)

    def count_cases(self, condition: Condition) -> int:
        """Count the cases in which a call meets a condition."""
        return sum(
            any(condition.name in met for _, met in seen.calls.values()) for seen in self.seen.values()
        )

    def try_fault(self, condition: Condition, effect: Effect) -> Mark:
        """Run the cases that meet the condition until one rejects the fault."""
        telling = self._telling.setdefault(effect.name, Counter())
        places = [(name, calls) for name in self.seen if (calls := self._find_calls(name, condition, effect))]
        if not places:
            return Mark.NO_PAIR
        # runs that are known cost nothing, then come the cases that have rejected this effect before; of
        # others those of few calls, and not the quickest: what is tried must not depend on the clock
        places.sort(
            key=lambda place: (
                (*place, effect.name) not in self._outcomes,
                -telling[place[0]],
                len(self.seen[place[0]].calls),
            )
        )
        mark = Mark.IDLE
        for name, calls in places:
            outcome = self._run(name, calls, effect)
            if outcome is Mark.REJECTED:
                telling[name] += 1
                return outcome
            if outcome is Mark.SURVIVES:
                mark = outcome
        return mark

    def _find_calls(self, name: str, condition: Condition, effect: Effect) -> frozenset[int]:
        calls = self.seen[name].calls.items()
        return frozenset(i for i, (stage, met) in calls if stage is effect.stage and condition.name in met)

    def _run(self, name: str, calls: frozenset[int], effect: Effect) -> Mark:
        key = name, calls, effect.name
        if key not in self._outcomes:
            self.runs += 1
            self.stage.put(effect, calls)
            outcome = self.runner.run(self.stage.entry_point, name, seconds=SECONDS_PER_RUN)
            failed, bites = self.stage.failed, self.stage.bites
            self.stage.clear()
            if failed:  # nothing can be written into an expanded array: the other calls count
                self._outcomes[key] = self._run(name, calls - failed, effect)
            elif not bites:
                self._outcomes[key] = Mark.IDLE
            else:
                passes = self.runner.passes(name, outcome)
                self._outcomes[key] = Mark.SURVIVES if passes else Mark.REJECTED
        return self._outcomes[key]

    def find_spoilt(self) -> list[str]:
        """Find the cases that do not accept the jury any more: a fault changed what a case keeps."""
        return [
            name
            for name in self.seen
            if not self.runner.passes(
                name, self.runner.run(self.stage.entry_point, name, seconds=SECONDS_PER_RUN)
            )
        ]


@dataclass(frozen=True, slots=True)
class FaultGrid:
    """Conditions, effects, how many cases meet each condition, and a mark for each cell."""

    conditions: tuple[Condition, ...]
    effects: tuple[Effect, ...]
    met: tuple[int, ...]
    rows: tuple[str, ...]
    skipped: tuple[str, ...]
    spoilt: tuple[str, ...]
    runs: int


def try_grid(stage: CallStage, make_runner: Callable[[int], SampleRunner], seeds: Sequence[int]) -> FaultGrid:
    """Try all conditional faults under the first seed, and those that survive under the others."""
    rounds = [Round(make_runner(seed), stage) for seed in seeds]
    surface = Surface()
    first = rounds[0]
    with first.runner.clock:
        first.explore(surface)
        conditions, effects = list_conditions(surface), list_effects(surface)
        marks = _try_all(first, conditions, effects)
        for later in rounds[1:]:
            marks |= _try_all(later, conditions, effects, only=marks)
        spoilt = [name for each in rounds for name in each.find_spoilt()]
    return FaultGrid(
        conditions,
        effects,
        tuple(max(each.count_cases(condition) for each in rounds) for condition in conditions),
        tuple("".join(marks[c.name, e.name] for e in effects) for c in conditions),
        tuple(dict.fromkeys(name for each in rounds for name in each.skipped)),
        tuple(dict.fromkeys(spoilt)),
        sum(each.runs for each in rounds),
    )


Marks = dict[tuple[str, str], Mark]


def _try_all(
    tried: Round,
    conditions: Sequence[Condition],
    effects: Sequence[Effect],
    *,
    only: Mapping[tuple[str, str], Mark] | None = None,
) -> Marks:
    """Try each cell; of those that were tried before, only what was not rejected."""
    tried.watch(conditions)
    marks: Marks = {}
    for condition in conditions:
        for effect in effects:
            cell = condition.name, effect.name
            before = None if only is None else only[cell]
            if before in {Mark.REJECTED, Mark.IMPOSSIBLE}:
                continue
            if condition.excludes & effect.needs:
                marks[cell] = Mark.IMPOSSIBLE
                continue
            marks[cell] = _join(before, tried.try_fault(condition, effect))
    return marks


def _join(before: Mark | None, mark: Mark) -> Mark:
    """Join what became of a cell under two seeds: what tells more counts."""
    order = (Mark.REJECTED, Mark.SURVIVES, Mark.IDLE, Mark.NO_PAIR)
    return min(mark, before or Mark.NO_PAIR, key=order.index)
