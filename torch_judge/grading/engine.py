"""Judge answers side by side: identical ones once, and again where the judge failed."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from torch_judge.judging.batch import BatchJudge, Plan
from torch_judge.judging.diagnosis import SECONDS_FOR_ONE_OF_MANY
from torch_judge.judging.judge import SEEDS
from torch_judge.judging.pool import Pool
from torch_judge.judging.signatures import digest_suite
from torch_judge.model.problem import Problem
from torch_judge.model.report import Report, Verdict
from torch_judge.model.submission import Submission, from_source
from torch_judge.model.version import __version__

from .answers import Answer, Asked
from .extraction import Extracted, How, complete, extract
from .records import Record

TRIES: Final = 2


def draw_run_seed() -> int:
    """Draw the seed of a run for which none is given."""
    return secrets.randbelow(SEEDS)


@dataclass(frozen=True, slots=True)
class Run:
    """What all answers of a run are judged under."""

    seed: int
    raw: bool = False
    diagnose: bool = True

    def draw_seed(self, task: str, code: str) -> int:
        """Draw the seed of an answer: it is the same wherever and whenever it is judged in this run."""
        raw = f"{self.seed}\0{task}\0{code}".encode("utf-8", "surrogatepass")
        return int.from_bytes(hashlib.sha256(raw).digest()[:8]) % SEEDS

    def read_code(self, problem: Problem, starter: str, answer: Answer) -> Extracted:
        """Find the code of an answer, or take the whole text."""
        if self.raw:
            return Extracted(answer.text, How.WHOLE)
        found = extract(answer.text, problem.entry_point)
        if answer.is_body and found.how is How.WHOLE:
            return complete(starter, found.code, problem.entry_point)
        return found


def make_bank_version(problem: Problem) -> str:
    """Say in a few letters which version of a problem's suite, solution and rules judges."""
    rules = f"{problem.entry_point}{problem.forbidden}{problem.limits}"
    return hashlib.sha256(f"{digest_suite(problem)}{rules}".encode()).hexdigest()[:16]


def judge_answers(problem: Problem, answers: Sequence[Answer], *, run: Run, pool: Pool) -> Generator[Record]:
    """Judge answers to a problem, and yield a record for each as soon as it is there, in any order."""
    starter, version = problem.read_starter(), make_bank_version(problem)
    waiting: dict[str, list[tuple[Answer, Extracted]]] = {}
    for answer in answers:
        found = run.read_code(problem, starter, answer)
        waiting.setdefault(found.code, []).append((answer, found))
    codes = list(waiting)
    asked = [(from_source(code), run.draw_seed(problem.slug, code)) for code in codes]
    for number, report in judge_submissions(problem, asked, pool=pool, diagnose=run.diagnose):
        for answer, found in waiting[codes[number]]:
            yield make_record(answer, found.how, report, run=run, version=version)


def judge_submissions(
    problem: Problem,
    asked: Sequence[tuple[Submission, int]],
    *,
    pool: Pool,
    diagnose: bool,
    counterexample: bool = False,
) -> Generator[tuple[int, Report]]:
    """Judge submissions, each under a seed, and yield numbers and reports in any order.

    What the judge failed at is tried once more when all else is done.
    """
    left: Sequence[int] = range(len(asked))
    for tries in range(1, TRIES + 1):
        jobs = [partial(judge_submission, *asked[number], diagnose, counterexample) for number in left]
        failed = []
        for place, report in pool.stream(problem, jobs):
            if report.verdict is Verdict.JUDGE_ERROR and tries < TRIES:
                failed.append(left[place])
            else:
                yield left[place], report
        if not failed:
            return
        left = failed


def judge_submission(
    submission: Submission,
    seed: int,
    diagnosing: bool,  # noqa: FBT001 - it travels
    with_example: bool,  # noqa: FBT001
    bench: BatchJudge,
) -> Report:
    """Judge one submission under one seed; a job for a pool."""
    seconds = SECONDS_FOR_ONE_OF_MANY if diagnosing else 0.0
    return bench.judge(submission, seed, Plan(seconds_to_diagnose=seconds, counterexample=with_example))


def make_record(
    answer: Asked, how: How, report: Report, *, run: Run, version: str, whole: bool = False
) -> Record:
    """Write down what came of an answer, `whole` with the report that its writer is shown."""
    fails = report.verdict is Verdict.JUDGE_ERROR
    named = (report.diagnosis, *report.explanations)
    return Record(
        task_id=answer.task_id,
        sample_id=answer.sample_id,
        passed=None if fails else report.passed,
        verdict=report.verdict.value,
        score=None if fails else report.n_passed / len(report.cases) if report.cases else 0.0,
        cases={case.name: case.verdict.value for case in report.cases},
        diagnosis=tuple(each.gotcha for each in named if each),
        message=report.message,
        flags=tuple(flag.sign for flag in report.flags),
        seed=report.seed,
        run_seed=run.seed,
        extracted=how.value,
        code_sha256=answer.digest,
        isolation=report.isolation,
        isolation_missing=tuple(report.isolation_missing),
        seconds=report.elapsed_seconds,
        bank_version=version,
        judge_version=__version__,
        report=report if whole else None,
    )
