"""Judge answers side by side: identical ones once, and again where the judge failed."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from torch_judge.judging.batch import BatchJudge, Plan
from torch_judge.judging.diagnosis import SECONDS_FOR_ONE_OF_MANY
from torch_judge.judging.judge import SEEDS
from torch_judge.judging.pool import Pool
from torch_judge.judging.signatures import digest_suite
from torch_judge.model.problem import Problem
from torch_judge.model.report import Report, Verdict
from torch_judge.model.submission import Submission, from_source
from torch_judge.model.version import __version__

from .answers import Asked
from .codes import Code
from .extraction import How
from .records import Record


def draw_run_seed() -> int:
    """Draw the seed of a run for which none is given."""
    return secrets.randbelow(SEEDS)


@dataclass(frozen=True, slots=True)
class Run:
    """What all answers of a run are judged under."""

    seed: int
    diagnose: bool = True

    def draw_seed(self, task: str, code: str) -> int:
        """Draw the seed of an answer: it is the same wherever and whenever it is judged in this run."""
        raw = f"{self.seed}\0{task}\0{code}".encode("utf-8", "surrogatepass")
        return int.from_bytes(hashlib.sha256(raw).digest()[:8]) % SEEDS


def make_bank_version(problem: Problem) -> str:
    """Say in a few letters which version of a problem's suite, solution and rules judges."""
    rules = f"{problem.entry_point}{problem.forbidden}{problem.limits}"
    return hashlib.sha256(f"{digest_suite(problem)}{rules}".encode()).hexdigest()[:16]


def judge_codes(problem: Problem, codes: Sequence[Code], *, run: Run, pool: Pool) -> Generator[Record]:
    """Judge what answers a problem, and yield a record for each as soon as it is there, in any order."""
    version = make_bank_version(problem)
    waiting: dict[str, list[Code]] = {}
    for code in codes:
        waiting.setdefault(code.text, []).append(code)
    texts = list(waiting)
    asked = [(from_source(text), run.draw_seed(problem.slug, text)) for text in texts]
    for number, report in judge_submissions(problem, asked, pool=pool, diagnose=run.diagnose):
        for code in waiting[texts[number]]:
            yield make_record(code, code.how, report, run=run, version=version)


def judge_submissions(
    problem: Problem,
    asked: Sequence[tuple[Submission, int]],
    *,
    pool: Pool,
    diagnose: bool,
    counterexample: bool = False,
) -> Generator[tuple[int, Report]]:
    """Judge submissions, each under a seed, and yield numbers and reports in any order.

    What the judge failed at is tried once more, elsewhere if there is another place.
    """
    jobs = [partial(judge_submission, *each, diagnose, counterexample) for each in asked]
    with closing(pool.stream(problem, jobs, fails=has_failed)) as reports:
        yield from reports


def has_failed(report: Report) -> bool:
    """Tell whether the judge failed, which says nothing of a submission."""
    return report.verdict is Verdict.JUDGE_ERROR


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
