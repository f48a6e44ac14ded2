"""What a check says: verdicts, case results and the report, and their JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

MOST_FLAGS = 20


class Verdict(StrEnum):
    """What became of a submission or a case, from harmless to grave; the gravest case decides."""

    ACCEPTED = "accepted"
    WRONG_ANSWER = "wrong answer"
    RUN_TIME_ERROR = "run-time error"
    TIME_LIMIT_EXCEEDED = "time limit exceeded"
    MEMORY_LIMIT_EXCEEDED = "memory limit exceeded"
    COMPILE_ERROR = "compile error"
    RULE_VIOLATION = "rule violation"
    JUDGE_ERROR = "judge error"

    @property
    def gravity(self) -> int:
        """Return the place in the order, 0 for accepted."""
        return list(Verdict).index(self)

    @property
    def folder(self) -> str:
        """Return the name of the samples' folder that claims this verdict."""
        return self.value.replace(" ", "_").replace("-", "_")


def gravest(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict of a whole suite; a suite without a case is a judge error."""
    return max(verdicts, key=lambda each: each.gravity, default=Verdict.JUDGE_ERROR)


@dataclass(frozen=True, slots=True)
class ErrorMap:
    """Where in a tensor the values are wrong: a coarse grid of it, each place a digit from 0, no value, to 9, every value.

    A row of the grid stands for neighbours along all axes but the last, a digit in it for neighbours along the last.
    """

    where: str
    shape: tuple[int, ...]
    wrong: int
    grid: tuple[str, ...]

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> ErrorMap:
        """Return the picture whose fields JSON has made lists."""
        return cls(fields["where"], tuple(fields["shape"]), fields["wrong"], tuple(fields["grid"]))


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What became of one case."""

    name: str
    title: str
    verdict: Verdict
    message: str = ""
    seconds: float = 0.0
    stdout: str = ""
    picture: ErrorMap | None = None

    @property
    def passed(self) -> bool:
        """Tell whether the case accepted the submission."""
        return self.verdict is Verdict.ACCEPTED

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> CaseResult:
        """Return the result whose fields JSON has made plain."""
        picture = fields.get("picture")
        return cls(
            **{
                **fields,
                "verdict": Verdict(fields["verdict"]),
                "picture": None if picture is None else ErrorMap.from_fields(picture),
            }
        )


@dataclass(frozen=True, slots=True)
class Flag:
    """Something in a submission's text that a grader may want to look at; it decides no verdict."""

    sign: str
    says: str
    line: int
    file: str
    text: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The gotcha that behaves exactly as the submission does."""

    gotcha: str
    says: str


Rows = tuple[tuple[str, str], ...]
"""Names and values, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Counterexample:
    """The smallest inputs that were found on which the submission and the jury differ: names and values as texts."""

    inputs: Rows
    yours: Rows
    expected: Rows
    differs: tuple[str, ...]
    """The names of what differs."""

    @classmethod
    def from_fields(cls, fields: Mapping[str, Sequence[Any]]) -> Counterexample:
        """Return the counterexample whose fields JSON has made lists."""
        inputs, yours, expected = (
            tuple((name, text) for name, text in fields[key]) for key in ("inputs", "yours", "expected")
        )
        return cls(inputs, yours, expected, tuple(fields["differs"]))


@dataclass(frozen=True, slots=True)
class Explanation:
    """A gotcha that explains some of the failed cases, where no single one explains them all."""

    gotcha: str
    says: str
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The verdicts of all cases, the overall verdict, the diagnosis and the seed that replays them.

    `message` says what stopped a submission before its first case; it is empty otherwise. `isolation` names the layers
    of the sandbox that were active, `isolation_missing` says why the others were not; both are empty if nothing was run.
    Where there is no diagnosis, `explanations` may name a few gotchas that together explain every failed case.
    """

    problem: str
    submission: str
    verdict: Verdict
    seed: int
    elapsed_seconds: float
    cases: tuple[CaseResult, ...]
    isolation: tuple[str, ...]
    message: str = ""
    diagnosis: Diagnosis | None = None
    isolation_missing: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[Flag, ...] = ()
    counterexample: Counterexample | None = None
    explanations: tuple[Explanation, ...] = ()

    @property
    def passed(self) -> bool:
        """Tell whether the submission is accepted."""
        return self.verdict is Verdict.ACCEPTED

    def to_json(self) -> str:
        """Return the report as one line of JSON, in ASCII: a file's name may hold what no encoding can write."""
        return json.dumps(asdict(self), allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Report:
        """Return the report that `to_json` wrote."""
        fields = json.loads(text)
        fields["verdict"] = Verdict(fields["verdict"])
        fields["isolation"] = tuple(fields["isolation"])
        fields["flags"] = tuple(Flag(**each) for each in fields.get("flags", ()))
        fields["cases"] = tuple(CaseResult.from_fields(each) for each in fields["cases"])
        if fields["diagnosis"] is not None:
            fields["diagnosis"] = Diagnosis(**fields["diagnosis"])
        if fields.get("counterexample") is not None:
            fields["counterexample"] = Counterexample.from_fields(fields["counterexample"])
        fields["explanations"] = tuple(
            Explanation(**{**each, "cases": tuple(each["cases"])}) for each in fields.get("explanations", ())
        )
        return cls(**fields)
