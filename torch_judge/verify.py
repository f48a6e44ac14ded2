"""Prove a problem package against its own samples."""

from __future__ import annotations

import ast
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from .errors import BankError
from .gotchas import PATIENCE, misdiagnosed
from .judge import judge
from .problem import Problem
from .server import Server
from .submission import from_path
from .verdict import Report, Verdict

Progress = Callable[[str], None]
SEEDS_OF_WRONG_SAMPLES = 3
CLAIMS = tuple(each for each in Verdict if each is not Verdict.JUDGE_ERROR)
_FILES = ("statement.md", "starter.py", "cases.py", "solution.py", "hints.md", "debug.py")


@dataclass(frozen=True, slots=True)
class Sample:
    """A submission of the package, and the verdict that its folder claims."""

    path: Path
    claim: Verdict | None
    """None for the starter: any verdict but accepted."""

    @property
    def name(self) -> str:
        """Return the sample's name, which is the gotcha's where it is one."""
        return self.path.stem


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one sample under several seeds: its reports."""

    sample: Sample
    reports: tuple[Report, ...]

    def verdicts(self, case: str) -> set[Verdict]:
        """Return the verdicts that a case gave."""
        return {each.verdict for report in self.reports for each in report.cases if each.name == case}

    def always_rejected_by(self, case: str) -> bool:
        """Tell whether the case rejected the sample under every seed."""
        verdicts = self.verdicts(case)
        return bool(verdicts) and Verdict.ACCEPTED not in verdicts


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found out about a package: the matrix of samples and cases, and the complaints."""

    problem: str
    cases: tuple[str, ...]
    rows: tuple[Row, ...]
    complaints: tuple[str, ...] = field(default=())

    def to_json(self) -> str:
        """Return the matrix and the complaints as one line of JSON."""
        matrix = {
            f"{row.sample.path.parent.name}/{row.sample.name}": {
                "verdicts": sorted({report.verdict for report in row.reports}),
                "seeds": len(row.reports),
                "cases": {case: sorted(row.verdicts(case)) for case in self.cases},
            }
            for row in self.rows
        }
        facts = {"problem": self.problem, "sound": not self.complaints, "complaints": self.complaints, "samples": matrix}
        return json.dumps(facts, ensure_ascii=False)


def verify_package(problem: Problem, *, seeds: int = 20, progress: Progress | None = None) -> Verification:
    """Judge every sample of a package, accepted ones under so many seeds, and say what does not hold."""
    complaints = list(_incomplete(problem))
    if complaints:
        return Verification(problem.slug, (), (), tuple(complaints))
    samples = list(_samples(problem))
    with Server(problem.framework) as server:
        rows = []
        for n, sample in enumerate(samples, 1):
            if progress:
                progress(f"{problem.slug}: {n} of {len(samples)}, {sample.name}")
            rows.append(_judge_sample(problem, sample, server, seeds))
    if progress:
        progress("")
    return _conclude(problem, rows)


def _conclude(problem: Problem, rows: Sequence[Row]) -> Verification:
    cases = next((tuple(case.name for case in report.cases) for row in rows for report in row.reports if report.cases), ())
    rejects = _declared_rejects(problem)
    complaints = [
        *_false_verdicts(rows),
        *_broken_claims(rows, rejects),
        *_idle_cases(rows, cases),
        *misdiagnosed(problem, {row.sample.path: row.reports for row in rows}),
    ]
    return Verification(problem.slug, cases, tuple(rows), tuple(complaints))


def _incomplete(problem: Problem) -> Iterator[str]:
    """Make check 1: the folder is whole, and every sample says what it is."""
    for name in _FILES:
        try:
            problem.read(name)
        except BankError as error:
            yield str(error)
    for claim in (Verdict.ACCEPTED, Verdict.WRONG_ANSWER):
        if not problem.samples(claim):
            yield f"{problem.folder / 'submissions' / claim.folder}: holds no sample"
    folders = {each.folder for each in CLAIMS}
    for folder in sorted((problem.folder / "submissions").glob("*/")):
        if folder.is_dir() and folder.name not in folders and folder.name != "__pycache__":
            yield f"{folder}: {folder.name} is no verdict"
    for path in problem.samples(Verdict.WRONG_ANSWER):
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))):
            yield f"{path}: has no docstring; it is the diagnosis that a learner reads"


def _samples(problem: Problem) -> Iterator[Sample]:
    yield Sample(problem.folder / "solution.py", Verdict.ACCEPTED)
    for claim in CLAIMS:
        yield from (Sample(path, claim) for path in problem.samples(claim))
    yield Sample(problem.folder / "starter.py", None)


def _judge_sample(problem: Problem, sample: Sample, server: Server, seeds: int) -> Row:
    """Judge a sample under several seeds, each in another order of cases."""
    times = {Verdict.ACCEPTED: seeds, Verdict.WRONG_ANSWER: SEEDS_OF_WRONG_SAMPLES}.get(sample.claim or Verdict.JUDGE_ERROR, 1)
    source = random.Random(f"{problem.slug}/{sample.name}")  # noqa: S311 - the same seeds each time
    submission = from_path(sample.path)
    draws = [source.randrange(2**32) for _ in range(times)]
    judged = partial(judge, problem, submission, server=server, shuffled=True, counterexample=False, seconds_to_diagnose=PATIENCE)
    return Row(sample, tuple(judged(seed=seed) for seed in draws))


def _false_verdicts(rows: Sequence[Row]) -> Iterator[str]:
    """Make checks 2, 3 and 7: every sample gets the verdict that its folder claims; the starter is rejected."""
    for row in rows:
        for report in row.reports:
            if report.verdict is row.sample.claim or (
                row.sample.claim is None and not report.passed and report.verdict is not Verdict.JUDGE_ERROR
            ):
                continue
            claim = row.sample.claim.value if row.sample.claim else "any verdict but accepted"
            yield f"{row.sample.path}: expected {claim}, found {report.verdict.value} (seed {report.seed}){_reason(report)}"
            break


def _reason(report: Report) -> str:
    case = next((each for each in report.cases if each.verdict is report.verdict and not each.passed), None)
    said = f"{case.name}: {case.message.splitlines()[-1] if case.message else ''}" if case else report.message
    return f": {said}" if said else ""


def _broken_claims(rows: Sequence[Row], rejects: dict[str, tuple[str, ...]]) -> Iterator[str]:
    """Make check 4: every name in `rejects` is a sample which that case rejects; every gotcha is named."""
    wrong = {row.sample.name: row for row in rows if row.sample.claim is not Verdict.ACCEPTED}
    for case, names in rejects.items():
        for name in names:
            if name not in wrong:
                yield f"case {case}: rejects {name!r}, which is no sample"
            elif not wrong[name].always_rejected_by(case):
                yield f"case {case}: declares that it rejects {name}, and does not under every seed"
    named = {name for names in rejects.values() for name in names}
    for name, row in wrong.items():
        if row.sample.claim is Verdict.WRONG_ANSWER and name not in named:
            yield f"{row.sample.path}: no case declares that it rejects this gotcha"


def _idle_cases(rows: Sequence[Row], cases: Sequence[str]) -> Iterator[str]:
    """Make check 5: a case that rejects no sample has never been seen to fail."""
    for case in cases:
        if not any(row.always_rejected_by(case) for row in rows if row.sample.claim is Verdict.WRONG_ANSWER):
            yield f"case {case}: rejects no wrong sample, it has never been seen to fail"


def _declared_rejects(problem: Problem) -> dict[str, tuple[str, ...]]:
    """Read which gotchas each case names, without running the suite here."""
    found: dict[str, tuple[str, ...]] = {}
    for node in ast.parse(problem.cases).body:
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name) and decorator.func.id == "case":
                    keywords: dict[str | None, Any] = {each.arg: each.value for each in decorator.keywords}
                    names = ast.literal_eval(keywords["rejects"]) if "rejects" in keywords else ()
                    found[node.name] = tuple(names)
    return found
