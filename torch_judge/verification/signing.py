"""What a package knows about its gotchas: write signatures, and prove that each is diagnosed as itself."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from torch_judge.execution.forkserver.channel import HungUp, OutOfTime
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.execution.protocol.messages import (
    Broken,
    Examine,
    Examined,
    FromChecker,
    NothingToSay,
    Suite,
)
from torch_judge.judging.checker_session import CheckerSession, open_checker
from torch_judge.judging.jobs import make_checker_job, make_confinement
from torch_judge.judging.signatures import (
    FILE,
    Gotcha,
    Signature,
    Signatures,
    digest,
    digest_suite,
    find_stale,
    read_signatures,
    write_signatures,
)
from torch_judge.model.errors import JudgeError
from torch_judge.model.problem import Problem
from torch_judge.model.report import Report, Verdict
from torch_judge.model.sample import Sample

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
M = TypeVar("M", bound=FromChecker)


def sign(problem: Problem, *, seeds: int = SEEDS, progress: Progress | None = None) -> int:
    """Run every gotcha under so many seeds and write the signatures; return how many there are."""
    suite, gotchas = (
        digest_suite(problem),
        [Gotcha(sample) for sample in problem.samples(Verdict.WRONG_ANSWER)],
    )
    digests = {gotcha.name: digest(gotcha.sample) for gotcha in gotchas}
    seen: list[Mapping[str, Examined]] = []
    cases: tuple[str, ...] = ()
    source = random.Random(problem.slug)  # noqa: S311 - the same seeds each time
    with ForkServer(problem.framework) as server:
        for n in range(seeds):
            if progress:
                progress(f"{problem.slug}: gotchas under seed {n + 1} of {seeds}")
            seed, alone = source.randrange(2**32), n < SEEDS_ALONE
            cases, examined = _examine_all(problem, gotchas, server, seed, alone=alone)
            seen.append(examined)
    if progress:
        progress("")
    signatures = {
        name: _make_signature(digests[name], cases, [examined[name] for examined in seen]) for name in digests
    }
    write_signatures(problem, seeds=seeds, signatures=Signatures(suite, cases, signatures))
    return len(signatures)


def _examine_all(
    problem: Problem, gotchas: Sequence[Gotcha], server: ForkServer, seed: int, *, alone: bool
) -> tuple[tuple[str, ...], dict[str, Examined]]:
    """Run every gotcha under a seed, in an order of cases drawn from it.

    Returns the cases in the order of the file, and what was seen.
    """
    confinement = make_confinement(problem, seconds=SECONDS * len(gotchas))
    with open_checker(server, make_checker_job(problem, seed=seed), confinement) as checker:
        cases = tuple(case.name for case in _receive(checker, Suite, "cases.py").cases)
        order = tuple(random.Random(seed).sample(cases, len(cases)))  # noqa: S311 - an order, not a secret
        examined = {}
        for gotcha in gotchas:
            question = Examine(gotcha.name, gotcha.code, order, alone, seed, text="")
            examined[gotcha.name] = _receive(checker, Examined, f"{gotcha.name}.py", question=question)
    return cases, examined


def _receive(checker: CheckerSession, kind: type[M], subject: str, *, question: Examine | None = None) -> M:
    """Receive what the checker has to say about a file of the bank, which it may have to be asked first."""
    deadline = time.monotonic() + SECONDS
    try:
        if question is not None:
            checker.send(question, deadline=deadline)
        answer = checker.receive(kind, Broken, NothingToSay, deadline=deadline)
    except (HungUp, OutOfTime) as error:
        ended = "ended" if isinstance(error, HungUp) else "gave no answer"
        raise JudgeError(f"{subject}: the checker {ended} {checker.read_printed()}") from None
    if isinstance(answer, kind):
        return answer
    raise JudgeError(f"{subject}: {answer.why if isinstance(answer, Broken) else 'cannot be examined'}")


def _make_signature(made_from: str, cases: Sequence[str], seen: Sequence[Examined]) -> Signature:
    """Say what a gotcha does under every seed; where the seeds disagree it may fail or pass."""
    fails = frozenset(cases).intersection(*(examined.fails for examined in seen))
    passes = frozenset(cases).difference(*(examined.fails for examined in seen))
    return Signature(made_from, fails, passes, remembers=any(examined.remembers for examined in seen))


def find_misdiagnosed(problem: Problem, reports: Mapping[Sample, Sequence[Report]]) -> Iterator[str]:
    """Make check 10: every gotcha is diagnosed as itself or its equivalent, and nothing accepted is at all.

    A variant is diagnosed as its mistake. `reports` holds the reports on each sample.
    """
    names = {sample.mistake for sample in problem.samples(Verdict.WRONG_ANSWER)}
    for name in [*problem.equivalents, *problem.equivalents.values()]:
        if name not in names:
            yield f"{problem.folder / 'problem.toml'}: equivalents names {name}, which is no gotcha"
    if (problem.folder / FILE).exists() or len(names) > MOST_UNSIGNED:
        remedy = f"run torch-judge verify --write-signatures {problem.slug}"
        yield from (f"{problem.folder / FILE}: {fault}; {remedy}" for fault in find_stale(problem))
    for sample, several in reports.items():
        yield from (
            f"{sample.where}: is accepted and yet diagnosed (seed {report.seed})"
            for report in several
            if report.passed and _is_named(report)
        )
        if sample.claim is Verdict.WRONG_ANSWER:
            yield from _not_as_itself(problem, sample, several)


def _not_as_itself(problem: Problem, sample: Sample, reports: Sequence[Report]) -> Iterator[str]:
    own = {sample.mistake, problem.equivalents.get(sample.mistake, sample.mistake)}
    wrong = [
        report
        for report in reports
        if report.verdict is Verdict.WRONG_ANSWER
        and (report.diagnosis is None or report.diagnosis.gotcha not in own)
    ]
    for report in wrong[:1]:
        seeds = f"under {len(wrong)} of {len(reports)} seeds, for one {report.seed}"
        if report.diagnosis is None:
            others = ", ".join(sorted(_find_alike(sample, problem)))
            near = f"; the same cases reject {others}: {_REMEDY}" if others else ""
            yield f"{sample.where}: is not diagnosed {seeds}{near}"
        else:
            yield f"{sample.where}: is diagnosed as {report.diagnosis.gotcha} {seeds}: {_REMEDY}"


def _find_alike(sample: Sample, problem: Problem) -> set[str]:
    """Find the other mistakes whose signatures allow the same failed cases."""
    known = read_signatures(problem).known
    own = known.get(sample.name)
    if own is None:
        return set()
    others = (other for other in problem.samples(Verdict.WRONG_ANSWER) if other.mistake != sample.mistake)
    return {
        other.mistake
        for other in others
        if other.name in known and known[other.name].may_be_alike(own.fails, own.passes)
    }


def _is_named(report: Report) -> bool:
    return report.diagnosis is not None or bool(report.explanations)
