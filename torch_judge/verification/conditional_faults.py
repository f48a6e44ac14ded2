"""Conditional faults of the jury solution: when a condition holds, an effect. A case should reject each.

They are made and tried in a checker. A package says in `faults.toml` what its statement allows, by condition
and effect, and from then on is held to the share of them that may stay open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Final

from torch_judge.execution.protocol.messages import FaultsTried
from torch_judge.model.errors import BankError
from torch_judge.model.files import find_tables, parse_toml
from torch_judge.model.problem import Problem
from torch_judge.model.suggestion import suggest

from .findings import FaultMark, FaultTable, NamedFault

FAULTS: Final = "faults.toml"
BELOW: Final = 0.02
"""The share of the faults that may be neither rejected nor allowed."""
_KEYS: Final = {"when", "effect", "reason"}
_OPEN: Final = {FaultMark.SURVIVES, FaultMark.IDLE}


@dataclass(frozen=True, slots=True)
class Allowance:
    """Conditions and effects that the statement leaves open together, by name or pattern, and why."""

    when: tuple[str, ...]
    effect: tuple[str, ...]
    reason: str
    where: str = field(default=FAULTS, compare=False)
    """File and line, for complaints."""

    def allows(self, condition: str, effect: str) -> bool:
        """Tell whether it covers a fault."""
        return _matches(condition, self.when) and _matches(effect, self.effect)

    def allows_all(self, condition: str) -> bool:
        """Tell whether it covers a condition whatever happens, so that no case need ever meet it."""
        return "*" in self.effect and _matches(condition, self.when)


@dataclass(frozen=True, slots=True)
class Allowances:
    """What a package's `faults.toml` says: what is allowed, and how much may stay open."""

    entries: tuple[Allowance, ...] = ()
    below: float | None = None
    """None where the package has no such file: nothing is complained of then."""


def read_allowances(problem: Problem) -> Allowances:
    """Read what the package allows; nothing where it has no list. Raises BankError."""
    path = problem.folder / FAULTS
    if not path.exists():
        return Allowances()
    text = problem.read(FAULTS)
    table = parse_toml(text, path)
    below, entries = table.pop("below", BELOW), table.pop("allowed", [])
    if table or not isinstance(entries, list):
        found = ", ".join(table) or "allowed, which is no list"
        raise BankError(f"{path}: expected the number below and a list of [[allowed]], found {found}")
    if type(below) not in {int, float} or not 0 < below <= 1:
        raise BankError(f"{path}: below: expected a share between 0 and 1, such as {BELOW}, found {below!r}")
    lines = find_tables(text, "allowed", len(entries))
    places = [f"{path}:{line}" for line in lines] or [f"{path}: entry {n + 1}" for n in range(len(entries))]
    return Allowances(tuple(map(_read_entry, entries, places)), below)


def _read_entry(entry: Any, where: str) -> Allowance:
    match entry:
        case {"when": [*when], "effect": [*effect], "reason": str(reason)} if set(entry) == _KEYS:
            if not reason.strip():
                raise BankError(f"{where}: reason is empty; say where the statement leaves this open")
            if when and effect and all(isinstance(name, str) for name in (*when, *effect)):
                return Allowance(tuple(when), tuple(effect), reason, where)
    if isinstance(entry, dict) and (strange := [key for key in entry if key not in _KEYS]):
        raise BankError(f"{where}: {strange[0]} is no key of it{suggest(strange[0], sorted(_KEYS))}")
    raise BankError(f"{where}: expected when and effect, lists of names, and reason, a text")


def make_table(tried: FaultsTried, allowances: Allowances) -> FaultTable:
    """Put together what became of the faults; those that survive and are allowed are marked so."""
    conditions = tuple(NamedFault(*condition) for condition in tried.conditions)
    effects = tuple(NamedFault(*effect) for effect in tried.effects)
    rows = []
    for condition, row in zip(conditions, tried.rows, strict=True):
        marks = map(FaultMark, row)
        rows.append(
            tuple(
                FaultMark.ALLOWED if mark in _OPEN and _is_allowed(allowances, condition, effect) else mark
                for effect, mark in zip(effects, marks, strict=True)
            )
        )
    waived = frozenset(
        condition.name
        for condition in conditions
        if any(entry.allows_all(condition.name) for entry in allowances.entries)
    )
    return FaultTable(conditions, effects, tried.met, tuple(rows), waived)


def _is_allowed(allowances: Allowances, condition: NamedFault, effect: NamedFault) -> bool:
    return any(entry.allows(condition.name, effect.name) for entry in allowances.entries)


def check_conditional_faults(
    problem: Problem, tried: FaultsTried, table: FaultTable, allowances: Allowances
) -> Iterator[str]:
    """Make check 11: conditional faults are rejected or allowed, and no condition is unmet."""
    if allowances.below is None:
        return
    cases = problem.folder / "cases.py"
    for name in tried.skipped:
        yield f"case {name}: does not accept the jury solution where its calls are watched"
    for name in tried.spoilt:
        yield f"case {name}: keeps what one call has changed for the next check; draw its inputs in the case"
    for condition in table.find_unmet():
        yield (
            f"{cases}: no case has a call in which {condition.says}; add one, or allow {condition.name} "
            f'with effect = ["*"] in {FAULTS} with the reason'
        )
    if table.share_open >= allowances.below:
        yield (
            f"{cases}: {table.share_open:.1%} of {table.cells} conditional faults are neither rejected nor "
            f"allowed; below {allowances.below:.1%} is asked for"
        )
        yield from describe_survivors(table)
    yield from _find_stale(tried, allowances)


def describe_survivors(table: FaultTable) -> Iterator[str]:
    """Say for each condition which effects no case rejects."""
    for condition, met, row in zip(table.conditions, table.met, table.rows, strict=True):
        tried = [mark for mark in row if mark.counts]
        names = [
            effect.name if mark is FaultMark.SURVIVES else f"{effect.name} (never shows)"
            for effect, mark in zip(table.effects, row, strict=True)
            if mark in _OPEN
        ]
        if names:
            yield (
                f"when {condition.says} ({condition.name}, {met} cases): {len(names)} of {len(tried)} "
                f"effects are accepted: {', '.join(names)}"
            )


def describe_faults(table: FaultTable, allowances: Allowances) -> Iterator[str]:
    """Say, of a package that is not held to it, how the suite does."""
    if allowances.below is None:
        yield (
            f"conditional faults: {table.count(FaultMark.REJECTED)} of {table.cells} are rejected, "
            f"{table.share_open:.1%} are open, no case meets {len(table.find_unmet())} of "
            f"{len(table.conditions)} conditions; --faults shows them, and a {FAULTS} holds the package to it"
        )


def _find_stale(tried: FaultsTried, allowances: Allowances) -> Iterator[str]:
    """Find what an entry names that is not there, and entries that allow nothing that needs it."""
    conditions = [name for name, _ in tried.conditions]
    effects = [name for name, _ in tried.effects]
    for entry in allowances.entries:
        strange = [
            *_find_strange(entry.when, conditions, "condition"),
            *_find_strange(entry.effect, effects, "effect"),
        ]
        yield from (f"{entry.where}: {says}" for says in strange)
        if not strange and not _is_needed(entry, tried, conditions, effects):
            yield f"{entry.where}: all that it allows is rejected or cannot be; remove the entry"


def _find_strange(patterns: Sequence[str], names: Sequence[str], kind: str) -> Iterator[str]:
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            yield f"{pattern!r} is no {kind} of this problem{suggest(pattern, sorted(names))}"


def _is_needed(
    entry: Allowance, tried: FaultsTried, conditions: Sequence[str], effects: Sequence[str]
) -> bool:
    for condition, met, row in zip(conditions, tried.met, tried.rows, strict=True):
        if not met and entry.allows_all(condition):
            return True
        for effect, mark in zip(effects, row, strict=True):
            if FaultMark(mark) in _OPEN and entry.allows(condition, effect):
                return True
    return False


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
