"""Gotchas and their signatures: which cases each of them fails, as `submissions/signatures.json` keeps it.

A signature says which gotchas need not be run, and which cases they need not be run through: those that the
submission passed and the gotcha always passes. One that was made from other texts than those that are there
counts as none, and a gotcha without a signature is run.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from torch_judge.model.errors import BankError
from torch_judge.model.problem import Problem
from torch_judge.model.report import Verdict
from torch_judge.model.sample import Sample
from torch_judge.model.version import PACKAGE

from .jobs import compile_text
from .weighing import MOST_CONTRADICTED

FILE = "submissions/signatures.json"
DESCRIBES = "describe("
FAILS, PASSES, MAY_FAIL = "#", ".", "?"


@dataclass(frozen=True, slots=True)
class Signature:
    """What a gotcha did in each case under several seeds; in a case that is in neither set it may fail."""

    digest: str = ""
    fails: frozenset[str] = frozenset()
    passes: frozenset[str] = frozenset()
    remembers: bool = False
    """What it does in a case depends on the cases before, so that there is nothing to say about any."""

    def may_be_alike(self, failed: frozenset[str], passed: frozenset[str]) -> bool:
        """Tell whether a submission that fails exactly these cases can be this gotcha."""
        return self.remembers or (failed.isdisjoint(self.passes) and passed.isdisjoint(self.fails))

    def may_be_mixed_in(self, failed: frozenset[str], passed: frozenset[str]) -> bool:
        """Tell whether the gotcha can be one of several mistakes in it: it fails hardly any other case."""
        if self.remembers or failed <= self.passes:
            return False
        return len(self.fails & passed) <= MOST_CONTRADICTED * len(self.fails)


UNKNOWN = Signature()


@dataclass(frozen=True, slots=True)
class Gotcha:
    """A sample of a common mistake."""

    sample: Sample
    signature: Signature = UNKNOWN

    @property
    def name(self) -> str:
        """Return the sample's name; that of a variant is not the mistake's."""
        return self.sample.name

    @property
    def mistake(self) -> str:
        """Return the name by which cases reject it, and under which it is diagnosed."""
        return self.sample.mistake

    @property
    def mistakes(self) -> tuple[str, ...]:
        """Return that name alone: two in one text have two."""
        return (self.mistake,)

    @property
    def fails(self) -> frozenset[str]:
        """Return the cases that it is known to fail."""
        return self.signature.fails

    @property
    def known(self) -> tuple[frozenset[str], ...]:
        """Return them as of one mistake: two in one text have two."""
        return (self.fails,)

    def may_fail(self, case: str) -> bool:
        """Tell whether it is not known to pass a case."""
        return case not in self.signature.passes

    @property
    def says(self) -> str:
        """Return what a learner reads who made this mistake."""
        return self.sample.read_diagnosis()

    @property
    def code(self) -> str:
        """Return the compiled text, as it goes to the checker.

        Raises SyntaxError or ValueError, and BankError for an edit that does not apply.
        """
        return compile_text(self.sample.read_text(), f"{self.name}.py")


@dataclass(frozen=True, slots=True)
class Signatures:
    """What the file holds, where it was made from the suite that is there; nothing where it was not."""

    suite: str = ""
    cases: tuple[str, ...] = ()
    known: Mapping[str, Signature] = field(default_factory=dict)
    rarity: Mapping[str, int] = field(default_factory=dict)
    """How many gotchas may fail each case."""

    def find_gotchas(
        self,
        problem: Problem,
        fits: Callable[[Signature], bool],
        verdicts: Sequence[Verdict] = (Verdict.WRONG_ANSWER,),
    ) -> list[Gotcha]:
        """Return the gotchas with a signature that fits, and those without one; a stale signature is none."""
        gotchas = [
            Gotcha(sample, self.known.get(sample.name, UNKNOWN))
            for verdict in verdicts
            for sample in problem.samples(verdict)
        ]
        # only of those that fit is the text read for its digest
        return [
            gotcha if _is_fresh(gotcha) else Gotcha(gotcha.sample)
            for gotcha in gotchas
            if fits(gotcha.signature)
        ]


def _is_fresh(gotcha: Gotcha) -> bool:
    try:
        return gotcha.signature.digest in {"", digest(gotcha.sample)}
    except BankError:  # an edit that does not apply: whoever asks for its code finds out
        return False


def read_signatures(problem: Problem) -> Signatures:
    """Read the file of a problem; one that is broken or stale holds nothing."""
    try:
        signatures = _parse(problem.read(FILE))
    except (BankError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return Signatures()
    return signatures if signatures.suite == digest_suite(problem) else Signatures()


def write_signatures(problem: Problem, *, seeds: int, signatures: Signatures) -> None:
    """Write the file, a line for each gotcha."""
    lines = ",\n".join(
        f"    {json.dumps(name)}: {json.dumps(_write_line(signature, signatures.cases))}"
        for name, signature in sorted(signatures.known.items())
    )
    cases = ",\n".join(f"    {json.dumps(case)}" for case in signatures.cases)
    head = f'  "suite": "{signatures.suite}",\n  "seeds": {seeds},\n  "cases": [\n{cases}\n  ],'
    (problem.folder / FILE).write_text(f'{{\n{head}\n  "gotchas": {{\n{lines}\n  }}\n}}\n', encoding="utf-8")


def find_stale(problem: Problem) -> list[str]:
    """Find what in the file was not made from the texts that are there."""
    known = read_signatures(problem).known
    if not known:
        return ["is missing, or was made from another cases.py or solution.py"]
    there = {sample.name: digest(sample) for sample in problem.samples(Verdict.WRONG_ANSWER)}
    changed = [
        f"holds no signature of {name} as it is"
        for name in there
        if name not in known or known[name].digest != there[name]
    ]
    return changed + [
        f"holds a signature of {name}, which is no gotcha" for name in known if name not in there
    ]


def digest_suite(problem: Problem) -> str:
    """Digest what decides which cases a gotcha fails, besides its own text.

    Where a call is described, the judge's own code is part of the suite.
    """
    cases = problem.read_cases()
    battery = digest_battery() if DESCRIBES in cases else ""
    return _digest(f"{cases}\0{problem.read_solution()}{battery}".encode())


@cache
def digest_battery() -> str:
    """Digest what makes the standard cases; its files do not change while we run."""
    files = sorted((PACKAGE / "authoring").glob("*.py"))
    return _digest(b"\0".join(file.read_bytes() for file in files))


def digest(sample: Sample) -> str:
    """Digest a gotcha's whole text."""
    return _digest(sample.read_text().encode() if sample.change else sample.path.read_bytes())


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()[:16]


def _write_line(signature: Signature, cases: Sequence[str]) -> dict[str, Any]:
    marks = (
        FAILS if case in signature.fails else PASSES if case in signature.passes else MAY_FAIL
        for case in cases
    )
    return {"digest": signature.digest, "fails": "".join(marks), "remembers": signature.remembers}


@lru_cache(maxsize=16)
def _parse(text: str) -> Signatures:
    table: dict[str, Any] = json.loads(text)
    cases: list[str] = table["cases"]
    known = {}
    for name, line in table["gotchas"].items():
        marks = list(zip(cases, line["fails"], strict=True))
        fails, passes = (
            frozenset(case for case, mark in marks if mark == wanted) for wanted in (FAILS, PASSES)
        )
        known[name] = Signature(line["digest"], fails, passes, line["remembers"] is True)
    rarity = {case: sum(case not in known[name].passes for name in known) for case in cases}
    return Signatures(table["suite"], tuple(cases), known, rarity)
