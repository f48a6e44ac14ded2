"""A pool: jobs are done side by side, answered in their order, and nothing is left running."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from tests.support.packages import SAMPLES, write_package
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.judging.batch import BatchJudge
from torch_judge.judging.pool import Job, JudgePool, Pool
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import Verdict
from torch_judge.model.submission import from_source

NAMES = ["accepted/adds_twice", "wrong_answer/adds", "accepted/adds_twice", "wrong_answer/returns_x"]


@pytest.fixture
def problem(tmp_path: Path) -> Problem:
    write_package(tmp_path, framework="numpy", problem=NUMPY)
    return find_bank(tmp_path).load("double")


NUMPY = (
    'title = "Double"\nnumber = 1\ndifficulty = "easy"\nentry_point = "double"\nframework = "numpy"\n'
    'tags = ["arithmetic"]\n'
)


def judging(name: str) -> Job[Verdict]:
    def job(judge: BatchJudge) -> Verdict:
        (report,) = judge.reports(from_source(SAMPLES[f"{name}.py"]), [7])
        return report.verdict

    return job


def test_what_comes_of_jobs_is_in_their_order_and_each_is_counted(problem: Problem) -> None:
    done: list[int] = []
    with JudgePool() as pool:
        verdicts = pool.map(problem, [judging(name) for name in NAMES], done.append)
    assert [verdict is Verdict.ACCEPTED for verdict in verdicts] == [True, False, True, False]
    assert done == [1, 2, 3, 4]


def test_a_judge_does_one_job_at_a_time_and_knows_its_problem(problem: Problem) -> None:
    busy: set[int] = set()

    def job(judge: BatchJudge) -> bool:
        alone = id(judge) not in busy
        busy.add(id(judge))
        judge.reports(from_source(SAMPLES["accepted/adds_twice.py"]), [7])
        busy.discard(id(judge))
        return alone and judge.problem is problem

    with JudgePool(2) as pool:
        assert pool.map(problem, [job] * 6) == [True] * 6


def test_what_one_job_raises_ends_the_others(problem: Problem) -> None:
    begun: list[int] = []

    def fail(_judge: BatchJudge) -> None:
        begun.append(1)
        raise LookupError("this one")

    with JudgePool(1) as pool, pytest.raises(LookupError, match="this one"):
        pool.map(problem, [fail] * 50)
    assert len(begun) < 50


def test_no_jobs_are_done_at_once(problem: Problem) -> None:
    with JudgePool() as pool:
        assert pool.map(problem, []) == []


def test_a_pool_that_is_closed_leaves_nothing_running() -> None:
    me = psutil.Process()
    before = {child.pid for child in me.children(recursive=True)}
    pool: Pool = JudgePool(2)
    pool.open(Framework.NUMPY)
    pool.open(Framework.NUMPY)
    assert len({child.pid for child in me.children()} - before) == 2
    pool.close()
    assert {child.pid for child in me.children(recursive=True)} == before


def test_judges_share_a_server_that_is_given_and_it_ends_with_them(problem: Problem) -> None:
    me = psutil.Process()
    before = {child.pid for child in me.children(recursive=True)}
    with ForkServer(Framework.NUMPY) as server, JudgePool(2, server=server) as pool:
        verdicts = pool.map(problem, [judging(name) for name in NAMES])
        assert len({child.pid for child in me.children()} - before) == 1
        pool.close()
        assert {child.pid for child in me.children(recursive=True)} == before
    assert [verdict is Verdict.ACCEPTED for verdict in verdicts] == [True, False, True, False]
