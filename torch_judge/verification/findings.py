"""What verification finds out about a package: values that are added over a bank, shown, written as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final

from torch_judge.model.report import Report, Verdict
from torch_judge.model.sample import Sample

if TYPE_CHECKING:  # tables show findings, and `torch-judge list` shall not load what makes mutants
    from .output_mutants import OutputMutant
    from .source_mutants import Mutant

SEEDS_OF_ACCEPTED_SAMPLES: Final = 50


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is tried: under how many seeds accepted samples are judged, and whether mutants are made."""

    seeds: int = SEEDS_OF_ACCEPTED_SAMPLES
    mutants: bool = True


QUICK: Final = Effort(seeds=3, mutants=False)


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
            "samples": dict(self._describe(row) for row in self.rows),
        }
        return json.dumps(facts, ensure_ascii=False)

    def _describe(self, row: Row) -> tuple[str, dict[str, Any]]:
        return row.sample.label, {
            "verdicts": sorted({report.verdict for report in row.reports}),
            "seeds": len(row.reports) + row.examined,
            "cases": {case: sorted(row.verdicts(case)) for case in self.cases},
        }
