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
            left = [
                work
                for work in works
                if work.task_id == problem.slug and work.submission and work.key not in self.done
            ]
            yield from self._judge_problem(left, problem)

    def _judge_problem(self, works: Sequence[Work], problem: Problem) -> Generator[Record]:
        alike: dict[str, list[Work]] = {}
        for work in works:
            alike.setdefault(work.digest, []).append(work)
        groups = list(alike.values())
        asked = [(group[0].submission, self.run.seed) for group in groups if group[0].submission]
        version = make_bank_version(problem)
        reports = judge_submissions(
            problem,
            asked,
            pool=self.pool,
            diagnose=self.run.diagnose,
            counterexample=self.counterexample,
        )
        with closing(reports):
            for number, report in reports:
                for work in groups[number]:
                    record = make_record(work, How.WHOLE, report, run=self.run, version=version, whole=True)
                    self.file.append(record)
                    yield record
