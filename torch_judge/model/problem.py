"""A problem package: its facts, and its files, read when they are asked for; none of its code is run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from .errors import BankError
from .files import read_text, refuse_way_out
from .hints import FILE as HINTS
from .hints import WrittenHint, parse_hints
from .naming import enumerate_names
from .report import Verdict
from .reveals import Reveals
from .sample import Sample
from .topic import Topic


class Difficulty(StrEnum):
    """How hard a problem is."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


class Framework(StrEnum):
    """What a problem is written in; a NumPy problem is judged by processes that never import torch."""

    NUMPY = "numpy"
    TORCH = "torch"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a submission may use."""

    seconds_per_case: float = 5.0
    seconds_in_all: float = 20.0
    memory_mib: int = 2048


@dataclass(frozen=True, slots=True)
class Problem:
    """What is known of a problem, and where its files lie.

    Each `read_` method reads its file anew and remembers nothing, so that an author may edit it while a
    server or a watch runs. Whoever needs a text twice keeps it. Each raises BankError.
    """

    slug: str
    folder: Path = field(repr=False)
    bank: Path = field(repr=False)
    topic: Topic | None
    """None in a flat bank."""
    title: str
    number: int
    difficulty: Difficulty
    entry_point: str
    framework: Framework
    tags: tuple[str, ...]
    forbidden: tuple[str, ...] = field(repr=False)
    forbidden_rule: str = field(repr=False)
    limits: Limits = field(repr=False)
    equivalents: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Gotchas that behave exactly as another one does, and that other one, which is the diagnosis of both."""
    allowed: tuple[str, ...] = ()
    """What a learner may use, as one writes it; the statement says so, and the message of a broken rule."""
    reveals: Reveals = Reveals.EVERYTHING
    """What a judge that others reach says of a failed check; one's own judge says everything."""

    @property
    def rule(self) -> str:
        """Return what is said to a submission that broke the rule, with what is allowed instead."""
        if not self.allowed:
            return self.forbidden_rule
        rule = self.forbidden_rule or "this is forbidden here"
        stop = "" if rule.endswith((".", "!")) else "."
        return f"{rule}{stop} Allowed: {enumerate_names(self.allowed)}."

    def read_statement(self) -> str:
        """Read what the learner is asked to write, in Markdown."""
        return self.read("statement.md")

    def read_starter(self) -> str:
        """Read the text that a learner starts from."""
        return self.read("starter.py")

    def read_cases(self) -> str:
        """Read the text of the hidden suite."""
        return self.read("cases.py")

    def read_solution(self) -> str:
        """Read the text of the jury solution."""
        return self.read("solution.py")

    def read_debug(self) -> str:
        """Read what the template's debug cell does with the learner's function."""
        return self.read("debug.py")

    def read_hints(self) -> tuple[WrittenHint, ...]:
        """Read the hints, from gentle to plain, each with what it fits."""
        return parse_hints(self.read(HINTS), self.folder / HINTS)

    def read(self, name: str) -> str:
        """Read the text of one file of the package."""
        return read_text(self.folder / name, within=self.folder)

    def samples(self, verdict: Verdict) -> tuple[Sample, ...]:
        """List the sample submissions that claim a verdict, by name: files, and mistakes that are edits."""
        paths = (self.folder / "submissions" / verdict.folder).glob("*.py")
        samples = [Sample(path, verdict) for path in paths]
        for sample in samples:
            refuse_way_out(sample.path, self.folder)
        if verdict is Verdict.WRONG_ANSWER:
            samples += self._read_mistakes({sample.name for sample in samples})
        return tuple(sorted(samples, key=lambda sample: sample.name))

    def _read_mistakes(self, files: Collection[str]) -> tuple[Sample, ...]:
        # Late, because it brings in msgspec; it is there already, for this problem was read with it.
        from .mistakes import read_mistakes

        mistakes = read_mistakes(self.folder)
        for sample in mistakes:
            if sample.mistake in files:
                raise BankError(f"{sample.where}: there is a file wrong_answer/{sample.mistake}.py too")
        return mistakes
