"""What a check says: verdicts, case results and the report, and their JSON."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Final

MOST_FLAGS: Final = 20
SCHEMA: Final = 1
"""The version of a report's JSON: a new one when a key goes or changes its meaning, not when one is added."""


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
        """The place in the order, 0 for accepted."""
        return list(Verdict).index(self)

    @property
    def folder(self) -> str:
        """The name of the samples' folder that claims this verdict."""
        return self.value.replace(" ", "_").replace("-", "_")


def gravest(verdicts: Iterable[Verdict]) -> Verdict:
    """Decide the verdict of a whole suite; a suite without a case is a judge error."""
    return max(verdicts, key=lambda verdict: verdict.gravity, default=Verdict.JUDGE_ERROR)


@dataclass(frozen=True, slots=True)
class ErrorMap:
    """Where in a tensor the values are wrong: a coarse grid of it.

    Each place of the grid is a digit, from 0, no value is wrong, to 9, every value is. A row stands for
    neighbours along all axes but the last, a digit in it for neighbours along the last.
    """

    where: str
    shape: tuple[int, ...]
    wrong: int
    grid: tuple[str, ...]


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
    predicted: bool = False
    """It failed, and all that is wrong in it is what the mistakes do that the report names."""

    @property
    def passed(self) -> bool:
        """Tell whether the case accepted the submission."""
        return self.verdict is Verdict.ACCEPTED


@dataclass(frozen=True, slots=True)
class Flag:
    """Something in a submission's text that a grader may want to look at; it decides no verdict."""

    sign: str
    says: str
    line: int
    file: str
    text: str


class Certainty(StrEnum):
    """How sure a diagnosis is."""

    EXACTLY = "exactly"
    """It does the same in every case."""
    LIKELY = "most likely"
    """It explains nearly all that is wrong, and some side behaviour differs."""
    PARTLY = "partly"
    """It explains a part of the failed cases; something else is wrong besides."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The gotcha that behaves as the submission does, how sure that is, and in which failed cases exactly."""

    gotcha: str
    says: str
    certainty: Certainty = Certainty.EXACTLY
    cases: tuple[str, ...] = ()


Rows = tuple[tuple[str, str], ...]
"""Names and values, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Counterexample:
    """The smallest inputs that were found on which the submission and the jury differ.

    Names and values are texts.
    """

    inputs: Rows
    yours: Rows
    expected: Rows
    differs: tuple[str, ...]
    """The names of what differs."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One of two gotchas that the submission most likely has; `cases` failed exactly as it fails them."""

    gotcha: str
    says: str
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The verdicts of all cases, the overall verdict, the diagnosis and the seed that replays them.

    `message` says what stopped a submission before its first case; it is empty otherwise. `isolation` names
    the layers of the sandbox that were active, `isolation_missing` says why the others were not; both are
    empty if nothing was run. Where there is no diagnosis, `explanations` may name two gotchas that together
    explain nearly all that is wrong. `notes` say what was judged, where that is not plain: a session's source
    in the place of a live object, or a module's file that the session has not read again.
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
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Tell whether the submission is accepted."""
        return self.verdict is Verdict.ACCEPTED

    @property
    def n_passed(self) -> int:
        """How many cases passed, of `len(report.cases)`."""
        return sum(case.passed for case in self.cases)

    @property
    def failed(self) -> tuple[CaseResult, ...]:
        """The cases that did not pass, in the suite's order."""
        return tuple(case for case in self.cases if not case.passed)

    def to_json(self) -> str:
        """Write the report as one line of JSON.

        It is ASCII: a file's name may hold what no encoding can write.
        """
        return json.dumps({"schema": SCHEMA, **asdict(self)}, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Report:
        """Read the report that `to_json` wrote; one without a schema is older than schemas are.

        Raises ValueError, which names the key, what was expected and what was found.
        """
        import msgspec  # late: neither worker nor checker reads a report

        fields = _read_object(text)
        schema = fields.pop("schema", SCHEMA)
        if type(schema) is not int or schema != SCHEMA:
            raise ValueError(
                f"schema: expected {SCHEMA}, found {schema!r}: another release wrote this report"
            )
        report = msgspec.convert(fields, cls, strict=True)
        for key in _find_unknown_keys(fields, asdict(report)):
            raise ValueError(f"{key}: is no key of a report")
        return report


def json_schema() -> dict[str, Any]:
    """Make the JSON Schema of what `to_json` writes; it ships as `report.schema.json`."""
    import msgspec

    _, definitions = msgspec.json.schema_components([Report], ref_template="#/$defs/{name}")
    for definition in definitions.values():
        definition["description"] = inspect.cleandoc(definition["description"])
        if "properties" in definition:  # every key is written, those with a default too
            definition["required"] = list(definition["properties"])
    report = definitions.pop("Report")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **report,
        "properties": {"schema": {"const": SCHEMA}, **report["properties"]},
        "required": ["schema", *report["required"]],
        "$defs": definitions,
    }


def _read_object(text: str) -> dict[str, Any]:
    # Not by msgspec, which refuses half of a surrogate pair: a file's name may hold one.
    try:
        fields = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("a report is not as deep as this") from None
    if not isinstance(fields, dict):
        raise ValueError(f"expected a report, found {type(fields).__name__}")  # noqa: TRY004 - it is the text
    return fields


def _refuse_constant(word: str) -> None:
    raise ValueError(f"expected a number, found {word}")


def _find_unknown_keys(given: Any, known: Any) -> Iterator[str]:
    """Find the keys of what was given that are not in what was made of it."""
    # By hand, because msgspec passes over what a dataclass does not know.
    if isinstance(given, dict):
        for key, value in given.items():
            if key in known:
                yield from (f"{key}.{inner}" for inner in _find_unknown_keys(value, known[key]))
            else:
                yield key
    elif isinstance(given, list):
        for value, counterpart in zip(given, known, strict=True):
            yield from _find_unknown_keys(value, counterpart)
