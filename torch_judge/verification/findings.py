"""What verification finds out about a package: values that are added over a bank, shown, written as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from torch_judge.model.report import Report, Verdict
from torch_judge.model.sample import Sample

if TYPE_CHECKING:  # tables show findings, and `torch-judge list` shall not load what makes mutants
    from .output_mutants import OutputMutant
    from .source_mutants import Mutant

SEEDS_OF_ACCEPTED_SAMPLES: Final = 50


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is tried: under how many seeds accepted samples are judged; mutants and conditional faults."""

    seeds: int = SEEDS_OF_ACCEPTED_SAMPLES
    mutants: bool = True
    faults: bool = True


QUICK: Final = Effort(seeds=3, mutants=False, faults=False)


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a package was tried with: numbers that can be added over a bank."""

    cases: int = 0
    samples: int = 0
    accepted: int = 0
    gotchas: int = 0
    """Mistakes; the same one in other hands counts once."""
    subsuming: int = 0
    """Gotchas whose failed cases hold no other's within them."""
    checks: int = 0
    bent: int = 0
    """Output mutants."""
    mutants: int = 0
    """Source mutants."""
    killed: int = 0
    equivalent: int = 0
    survivors: int = 0
    conditions: int = 0
    met: int = 0
    """Conditions that a call of some case meets."""
    faults: int = 0
    """Conditional faults."""
    rejected: int = 0
    allowed: int = 0
    open: int = 0
    """Conditional faults that are neither rejected nor allowed."""

    def __add__(self, other: Counts) -> Counts:
        """Add number by number."""
        return Counts(*(getattr(self, key.name) + getattr(other, key.name) for key in fields(self)))


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one sample under several seeds: its reports."""

    sample: Sample
    reports: tuple[Report, ...]
    examined: int = 0
    """Under so many seeds more it did as the jury solution does."""

    def verdicts(self, case: str) -> set[Verdict]:
        """Return the verdicts that a case gave."""
        results = (result for report in self.reports for result in report.cases)
        return {result.verdict for result in results if result.name == case}

    def is_always_rejected_by(self, case: str) -> bool:
        """Tell whether the case rejected the sample under every seed it was asked under.

        A case that once accepted the sample is not asked again.
        """
        verdicts = self.verdicts(case)
        return bool(verdicts) and Verdict.ACCEPTED not in verdicts

    def list_failures(self) -> frozenset[str]:
        """List the cases that always rejected the sample."""
        cases = {result.name for report in self.reports for result in report.cases}
        return frozenset(case for case in cases if self.is_always_rejected_by(case))


@dataclass(frozen=True, slots=True)
class Trials:
    """What became of the mutants of the jury solution, the last report on each."""

    outputs: tuple[tuple[OutputMutant, Report], ...] = ()
    sources: tuple[tuple[Mutant, Report], ...] = ()


class FaultMark(StrEnum):
    """What became of a conditional fault, as a table shows it."""

    REJECTED = "#"
    ALLOWED = "a"
    SURVIVES = "o"
    IDLE = "-"
    """No case lets it show."""
    IMPOSSIBLE = "."
    """It contradicts itself."""
    NO_PAIR = " "

    @property
    def counts(self) -> bool:
        """Whether a suite can do anything about it."""
        return self not in {FaultMark.IMPOSSIBLE, FaultMark.NO_PAIR}


@dataclass(frozen=True, slots=True)
class NamedFault:
    """A condition or an effect: its name, and the words that say it."""

    name: str
    says: str


@dataclass(frozen=True, slots=True)
class FaultTable:
    """What became of the conditional faults: a row for each condition, a mark for each effect."""

    conditions: tuple[NamedFault, ...]
    effects: tuple[NamedFault, ...]
    met: tuple[int, ...]
    """In how many cases each condition is met."""
    rows: tuple[tuple[FaultMark, ...], ...]
    waived: frozenset[str] = frozenset()
    """The conditions that the package leaves out, whatever happens."""

    @property
    def cells(self) -> int:
        """How many faults there are."""
        return sum(mark.counts for row in self.rows for mark in row)

    @property
    def share_open(self) -> float:
        """The share of the faults that are neither rejected nor allowed."""
        left = self.count(FaultMark.SURVIVES) + self.count(FaultMark.IDLE)
        return left / self.cells if self.cells else 0.0

    def count(self, mark: FaultMark) -> int:
        """Count the cells of a mark."""
        return sum(row.count(mark) for row in self.rows)

    def find_unmet(self) -> tuple[NamedFault, ...]:
        """Find the conditions that no case meets and that the package does not leave out."""
        met = zip(self.conditions, self.met, strict=True)
        return tuple(condition for condition, cases in met if not cases and condition.name not in self.waived)

    def describe(self) -> dict[str, Any]:
        """Describe it in plain values."""
        rows = zip(self.conditions, self.met, self.rows, strict=True)
        return {
            "effects": {effect.name: effect.says for effect in self.effects},
            "conditions": [
                {"name": condition.name, "says": condition.says, "cases": met, "marks": "".join(row)}
                for condition, met, row in rows
            ],
            "open": round(self.share_open, 4),
        }


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found out about a package: the matrix of samples and cases, numbers, complaints, notes."""

    problem: str
    cases: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    complaints: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What did not apply, which is no complaint."""
    counts: Counts = field(default_factory=Counts)
    seeds: int = 0
    seconds: float = 0.0
    faults: FaultTable | None = None
    """None where none were tried."""

    @property
    def is_sound(self) -> bool:
        """Whether there is no complaint."""
        return not self.complaints

    @property
    def judge_failed(self) -> bool:
        """Whether some check ended in a judge error, which is no finding about the package's samples."""
        return any(report.verdict is Verdict.JUDGE_ERROR for row in self.rows for report in row.reports)

    def to_json(self) -> str:
        """Write the numbers, the complaints and the matrix as one line of JSON."""
        facts = {
            "problem": self.problem,
            "sound": self.is_sound,
            "seeds": self.seeds,
            "seconds": round(self.seconds, 3),
            "counts": asdict(self.counts),
            "complaints": self.complaints,
            "notes": self.notes,
            "faults": None if self.faults is None else self.faults.describe(),
            "samples": dict(self._describe(row) for row in self.rows),
        }
        return json.dumps(facts, ensure_ascii=False)

    def _describe(self, row: Row) -> tuple[str, dict[str, Any]]:
        return row.sample.label, {
            "verdicts": sorted({report.verdict for report in row.reports}),
            "seeds": len(row.reports) + row.examined,
            "cases": {case: sorted(row.verdicts(case)) for case in self.cases},
        }
