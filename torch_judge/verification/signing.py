"""What a package knows about its gotchas: write their signatures, and prove that each is diagnosed as itself."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch_judge.execution.forkserver.channel import Child, HungUp, OutOfTime
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.execution.forkserver.requests import Confinement
from torch_judge.execution.protocol.frames import Header
from torch_judge.judging.judge import Check, checker_job
from torch_judge.judging.signatures import (
    FILE,
    Gotcha,
    Signature,
    Signatures,
    digest,
    read_signatures,
    stale,
    suite_digest,
    write_signatures,
)
from torch_judge.model.errors import JudgeError
from torch_judge.model.problem import Problem
from torch_judge.model.report import Report, Verdict
from torch_judge.model.submission import Submission

SEEDS = 12
SEEDS_ALONE = 2
"""Under so many seeds a gotcha also runs each case alone, to see whether it remembers the cases before."""
SECONDS = 120.0
"""What one gotcha may take under one seed."""
PATIENCE = 10.0
"""What a diagnosis may take while a package is verified, on a machine that is busy with it."""
MOST_UNSIGNED = 10
"""A package with more gotchas needs signatures, or a failed check takes too long."""
_REMEDY = "tell them apart by a case, or name one of them as the other's equivalent in problem.toml"

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a gotcha did under one seed."""

    fails: frozenset[str]
    remembers: bool


def sign(problem: Problem, *, seeds: int = SEEDS, progress: Progress | None = None) -> int:
    """Run every gotcha under so many seeds and write the signatures; return how many there are."""
    suite, known = suite_digest(problem), [Gotcha(path) for path in problem.samples(Verdict.WRONG_ANSWER)]
    digests = {each.name: digest(each.path) for each in known}
    seen: list[Mapping[str, _Seen]] = []
    cases: list[str] = []
    source = random.Random(problem.slug)  # noqa: S311 - the same seeds each time
    with ForkServer(problem.framework) as server:
        for n in range(seeds):
            if progress:
                progress(f"{problem.slug}: gotchas under seed {n + 1} of {seeds}")
            cases, found = _examined(problem, known, server, source.randrange(2**32), alone=n < SEEDS_ALONE)
            seen.append(found)
    if progress:
        progress("")
    signatures = {name: _signature(digests[name], cases, [each[name] for each in seen]) for name in digests}
    write_signatures(problem, seeds=seeds, signatures=Signatures(suite, tuple(cases), signatures))
    return len(signatures)


def _examined(
    problem: Problem, known: Sequence[Gotcha], server: ForkServer, seed: int, *, alone: bool
) -> tuple[list[str], dict[str, _Seen]]:
    """Run every gotcha under a seed, in an order of cases drawn from it; return the cases as the file has them, and what was seen."""
    confinement = Confinement(
        bank=str(problem.bank), memory_mib=problem.limits.memory_mib, seconds=SECONDS * len(known)
    )
    with server.child("checker", confinement) as checker:
        cases = [
            each["name"]
            for each in _asked(
                checker, checker_job(Check(problem, Submission(""), seed)), "cases", "cases.py"
            )
        ]
        order = random.Random(seed).sample(cases, len(cases))  # noqa: S311 - an order, not a secret
        found = {}
        for each in known:
            request = {"examine": each.name, "code": each.code, "order": order, "alone": alone, "seed": seed}
            answer = _asked(checker, request, "examined", each.path.name)
            found[each.name] = _Seen(frozenset(answer["fails"]), answer["remembers"])
    return cases, found


def _asked(checker: Child, request: Header, key: str, subject: str) -> Any:
    """Ask the checker about a file of the bank and return its answer."""
    deadline = time.monotonic() + SECONDS
    try:
        checker.send(request, deadline=deadline)
        answer, _ = checker.receive(deadline=deadline)
    except (HungUp, OutOfTime) as error:
        raise JudgeError(
            f"{subject}: the checker {'ended' if isinstance(error, HungUp) else 'gave no answer'} {checker.printed()}"
        ) from None
    if key not in answer:
        raise JudgeError(f"{subject}: {answer.get('broken', 'cannot be examined')}")
    return answer[key]


def _signature(made_from: str, cases: Sequence[str], seen: Sequence[_Seen]) -> Signature:
    fails = frozenset(cases).intersection(*(each.fails for each in seen))
    passes = frozenset(cases).difference(*(each.fails for each in seen))
    return Signature(made_from, fails, passes, remembers=any(each.remembers for each in seen))


def misdiagnosed(problem: Problem, reports: Mapping[Path, Sequence[Report]]) -> Iterator[str]:
    """Make check 10: every gotcha is diagnosed as itself or as its equivalent, under every seed, and nothing accepted is.

    `reports` holds the reports on each sample, by its path.
    """
    known = set(problem.samples(Verdict.WRONG_ANSWER))
    names = {path.stem for path in known}
    for name in [*problem.equivalents, *problem.equivalents.values()]:
        if name not in names:
            yield f"{problem.folder / 'problem.toml'}: equivalents names {name}, which is no gotcha"
    if (problem.folder / FILE).exists() or len(names) > MOST_UNSIGNED:
        yield from (
            f"{problem.folder / FILE}: {each}; run torch-judge verify --write-signatures {problem.slug}"
            for each in stale(problem)
        )
    for path, several in reports.items():
        yield from (
            f"{path}: is accepted and yet diagnosed (seed {each.seed})"
            for each in several
            if each.passed and _is_named(each)
        )
        if path in known:
            yield from _not_as_itself(problem, path, several)


def _not_as_itself(problem: Problem, path: Path, reports: Sequence[Report]) -> Iterator[str]:
    own = {path.stem, problem.equivalents.get(path.stem, path.stem)}
    wrong = [
        each
        for each in reports
        if each.verdict is Verdict.WRONG_ANSWER and (not each.diagnosis or each.diagnosis.gotcha not in own)
    ]
    for report in wrong[:1]:
        seeds = f"under {len(wrong)} of {len(reports)} seeds, for one {report.seed}"
        if report.diagnosis is None:
            others = ", ".join(sorted(each for each in _like(path.stem, problem)))
            near = f"; the same cases reject {others}: {_REMEDY}" if others else ""
            yield f"{path}: is not diagnosed {seeds}{near}"
        else:
            yield f"{path}: is diagnosed as {report.diagnosis.gotcha} {seeds}: {_REMEDY}"


def _like(name: str, problem: Problem) -> Iterator[str]:
    """Return the other gotchas whose signatures allow the same failed cases."""
    known = read_signatures(problem).known
    if name in known:
        own = known[name]
        yield from (
            other
            for other, each in known.items()
            if other != name and each.may_be_alike(own.fails, own.passes)
        )


def _is_named(report: Report) -> bool:
    return report.diagnosis is not None or bool(report.explanations)
