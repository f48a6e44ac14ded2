"""Judge a class: every work under the seed of the class, what is identical once, each record kept at once."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from torch_judge.grading.answers import Key
from torch_judge.grading.engine import Run, judge_submissions, make_bank_version, make_record
from torch_judge.grading.extraction import How
from torch_judge.grading.records import Record, ResultsFile
from torch_judge.judging.pool import Pool
from torch_judge.model.problem import Problem
from torch_judge.model.submission import Submission

from .classwork import Work


@dataclass(frozen=True, slots=True)
class ClassRun:
    """What a class is judged under, and with; `counterexample` looks for the smallest failing input."""

    run: Run
    pool: Pool
    file: ResultsFile
    done: Mapping[Key, Record]
    counterexample: bool = True

    def judge(self, works: Sequence[Work], problems: Sequence[Problem]) -> Generator[Record]:
        """Judge what is there and not done; each record is in the file before it is yielded."""
        for problem in problems:
            left = [work for work in works if work.task_id == problem.slug and work.key not in self.done]
            records = judge_works(
                left, problem, run=self.run, pool=self.pool, counterexample=self.counterexample
            )
            with closing(records):
                for record in records:
                    self.file.append(record)
                    yield record


def judge_works(
    works: Sequence[Work], problem: Problem, *, run: Run, pool: Pool, counterexample: bool
) -> Generator[Record]:
    """Judge works on one problem, where there is anything to judge, and yield a record for each."""
    alike: dict[str, tuple[Submission, list[Work]]] = {}
    for work in works:
        if work.submission is not None:
            alike.setdefault(work.digest, (work.submission, []))[1].append(work)
    groups = list(alike.values())
    version = make_bank_version(problem)
    reports = judge_submissions(
        problem,
        [(submission, run.seed) for submission, _ in groups],
        pool=pool,
        diagnose=run.diagnose,
        counterexample=counterexample,
    )
    with closing(reports):
        for number, report in reports:
            for work in groups[number][1]:
                yield make_record(work, How.WHOLE, report, run=run, version=version, whole=True)
