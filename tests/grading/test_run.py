"""A run: what `judge` says, written once for each answer, whatever stops it in between."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from tests.support.packages import SAMPLES, SOLUTION, write_package
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.grading.codes import Code
from torch_judge.grading.engine import Run
from torch_judge.grading.records import Record, open_results
from torch_judge.grading.run import Shard, find_run_seed, judge_all, list_done, parse_shard
from torch_judge.judging.batch import BatchJudge
from torch_judge.judging.judge import judge
from torch_judge.judging.pool import Fails, Job, JudgePool
from torch_judge.model.bank import find_bank
from torch_judge.model.errors import UsageError
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import Report, Verdict
from torch_judge.model.submission import from_source

RUN = Run(seed=11)


@pytest.fixture
def problem(tmp_path: Path) -> Problem:
    write_package(tmp_path / "bank")
    return find_bank(tmp_path / "bank").load("double")


def codes(**texts: str) -> list[Code]:
    return [Code("double", sample, text) for sample, text in texts.items()]


ALL = codes(
    right=SOLUTION,
    again=SOLUTION,
    once_more=SOLUTION,
    wrong=SAMPLES["wrong_answer/ignores_scale.py"],
    ruled_out=SAMPLES["rule_violation/uses_batch_norm.py"],
    broken="def double(x:\n",
)


def work(
    problem: Problem, given: list[Code], path: Path, pool: JudgePool, *, resume: bool = False
) -> dict[str, Record]:
    with open_results(path, resume=resume) as file:
        there = list(file.read())
        done = list_done(file, {"double": problem}, RUN, there)
        found = judge_all(given, {"double": problem}, run=RUN, pool=pool, file=file, done=done)
        return {record.sample_id: record for record in [*there, *found]}


def test_a_record_says_what_judge_says_under_the_same_seed(problem: Problem, tmp_path: Path) -> None:
    with JudgePool(2) as pool:
        records = work(problem, ALL, tmp_path / "r.jsonl", pool)
    assert {name: record.verdict for name, record in records.items()} == {
        "right": "accepted",
        "again": "accepted",
        "once_more": "accepted",
        "wrong": "wrong answer",
        "ruled_out": "rule violation",
        "broken": "compile error",
    }
    assert records["right"].seed == records["again"].seed != records["wrong"].seed
    assert records["wrong"].diagnosis == ("ignores_scale",)
    assert records["right"].extracted == "whole"
    with ForkServer(Framework.TORCH) as server:
        for name in ("right", "wrong", "ruled_out"):
            record, answer = records[name], next(each for each in ALL if each.sample_id == name)
            report = judge(problem, from_source(answer.text), server=server, seed=record.seed)
            assert record.cases == {case.name: case.verdict.value for case in report.cases}
            assert record.isolation == report.isolation != ()
            assert record.isolation_missing == tuple(report.isolation_missing)


class Counting(JudgePool):
    """Counts what is judged; the judge fails so often at what has a verdict."""

    def __init__(self, failing: str = "", *, times: int = 1) -> None:
        super().__init__(1)
        self.judged: list[int] = []
        self._failing, self._times = failing, times

    def stream(  # type: ignore[override]
        self, problem: Problem, jobs: Iterable[Job[Report]], *, fails: Fails[Report] | None = None
    ) -> Generator[tuple[int, Report]]:
        """Do the jobs, and count them."""

        def count(job: Job[Report], judge: BatchJudge) -> Report:
            report = job(judge)
            self.judged.append(report.seed)
            if str(report.verdict) == self._failing and self._times > 0:
                self._times -= 1
                return replace(report, verdict=Verdict.JUDGE_ERROR, cases=())
            return report

        yield from super().stream(problem, [partial(count, job) for job in jobs], fails=fails)


def test_identical_answers_are_judged_once(problem: Problem, tmp_path: Path) -> None:
    with Counting() as pool:
        records = work(problem, ALL, tmp_path / "r.jsonl", pool)
    assert len(records) == 6 and len(pool.judged) == 4


def test_a_judge_error_is_tried_once_more(problem: Problem, tmp_path: Path) -> None:
    with Counting("wrong answer") as pool:
        records = work(problem, ALL, tmp_path / "r.jsonl", pool)
    assert len(pool.judged) == 5
    assert records["wrong"].verdict == "wrong answer"
    with Counting("wrong answer", times=9) as pool:
        records = work(problem, ALL, tmp_path / "s.jsonl", pool)
    assert len(pool.judged) == 5
    assert (records["wrong"].verdict, records["wrong"].passed, records["wrong"].score) == (
        "judge error",
        None,
        None,
    )


def test_a_run_that_was_stopped_goes_on_and_judges_nothing_twice(problem: Problem, tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    with open_results(path, resume=False) as file, JudgePool(2) as pool:
        found = judge_all(ALL, {"double": problem}, run=RUN, pool=pool, file=file, done={})
        first = [next(found) for _ in range(3)]
        found.close()
    path.write_bytes(path.read_bytes()[:-7])
    with Counting() as pool:
        records = work(problem, ALL, path, pool, resume=True)
    assert sorted(records) == sorted(answer.sample_id for answer in ALL)
    assert path.read_bytes().count(b"\n") == len(ALL)
    kept = {record.code_sha256 for record in first[:2]}
    assert len(pool.judged) <= 4 - (len(kept) - 1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"run_seed": 12}, "another seed: 12; this run has 11"),
        ({"judge_version": "1.0"}, "another judge: 1.0"),
        ({"bank_version": "old"}, "another version of double: old"),
    ],
)
def test_results_of_another_run_are_refused(
    problem: Problem, tmp_path: Path, change: dict[str, object], said: str
) -> None:
    path = tmp_path / "r.jsonl"
    with JudgePool(1) as pool:
        record = work(problem, ALL[:1], path, pool)["right"]
    path.write_text(f"{replace(record, **change).to_json()}\n")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=said), JudgePool(1) as pool:
        work(problem, ALL, path, pool, resume=True)


def test_the_seed_of_a_run_is_that_of_its_records() -> None:
    there = [Record("double", "0", passed=True, verdict="accepted", score=1.0, run_seed=5)]
    assert (find_run_seed(there, None), find_run_seed([], None), find_run_seed(there, 9)) == (5, None, 9)


def test_shards_hold_every_answer_once_and_identical_ones_together() -> None:
    many = [Code("double", str(n), f"x = {n % 50}") for n in range(100)]
    shards = [parse_shard(f"{number}/4") for number in range(1, 5)]
    held = [[code for code in many if shard.holds(code)] for shard in shards]
    assert sorted(code.sample_id for part in held for code in part) == sorted(code.sample_id for code in many)
    assert all(len({code.text for code in part}) == len(part) / 2 for part in held)
    assert all(held)


@pytest.mark.parametrize("text", ["0/4", "5/4", "1", "a/b", "1/0", "-1/4", "1/4/2"])
def test_a_shard_that_is_none_is_said(text: str) -> None:
    with pytest.raises(UsageError, match="expected I/N"):
        parse_shard(text)
    assert parse_shard("2/4") == Shard(2, 4)
