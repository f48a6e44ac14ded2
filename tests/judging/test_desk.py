"""A desk: a checker stays for each problem in use, a file that changed is noticed, isolation is required."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.packages import SAMPLES, SOLUTION, write_package
from torch_judge.judging.batch import BatchJudge
from torch_judge.judging.desk import MOST_PROBLEMS, Desk
from torch_judge.judging.pool import JudgePool
from torch_judge.model.bank import find_bank
from torch_judge.model.errors import JudgeError
from torch_judge.model.isolation import REQUIRE_VARIABLE, Layer
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import Report, Verdict
from torch_judge.model.submission import from_source

RIGHT = from_source(SOLUTION)


@pytest.fixture
def problem(tmp_path: Path) -> Problem:
    return make_problem(tmp_path / "bank")


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk() as desk:
        yield desk


def make_problem(bank: Path) -> Problem:
    write_package(bank, framework="numpy")
    return find_bank(bank).load("double")


def judge(desk: Desk, problem: Problem) -> Report:
    (report,) = desk.find_judge(problem).reports(RIGHT, [7])
    return report


def count_children() -> int:
    return len(psutil.Process().children(recursive=True))


def test_a_checker_stays_for_each_problem_and_no_more_of_them_than_is_said(
    tmp_path: Path, desk: Desk
) -> None:
    problems = [make_problem(tmp_path / str(n)) for n in range(MOST_PROBLEMS + 2)]
    first = desk.find_judge(problems[0])
    assert judge(desk, problems[0]).passed and desk.find_judge(problems[0]) is first
    alone = count_children()
    for problem in problems[1:MOST_PROBLEMS]:
        assert judge(desk, problem).passed
    full = count_children()
    assert full == alone + MOST_PROBLEMS - 1
    assert desk.find_judge(problems[0]) is first  # asked for again, so that the second is the oldest
    second = desk.find_judge(problems[1])
    desk.find_judge(problems[0])
    for problem in problems[MOST_PROBLEMS:]:
        assert judge(desk, problem).passed
    assert count_children() == full
    assert desk.find_judge(problems[0]) is first and desk.find_judge(problems[1]) is second


def test_a_file_that_changed_gets_a_new_judge(problem: Problem, desk: Desk) -> None:
    assert judge(desk, problem).passed
    path = problem.folder / "solution.py"
    path.write_text(path.read_text().replace("x * scale", "x * scale + 1"))
    assert judge(desk, problem).verdict is Verdict.WRONG_ANSWER


def test_a_desk_that_was_closed_starts_anew(problem: Problem, desk: Desk) -> None:
    before = count_children()
    assert judge(desk, problem).passed
    desk.close()
    assert count_children() == before
    assert judge(desk, problem).passed


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="the marker is looked for on Linux")
@pytest.mark.parametrize("by_variable", [True, False])
def test_nothing_is_run_where_less_holds_than_is_required(
    problem: Problem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, by_variable: bool
) -> None:
    required = frozenset({Layer.IDENTITY})
    monkeypatch.setenv("TORCH_JUDGE_START", "spawn")  # where nothing is forked, no user can be changed to
    if by_variable:
        monkeypatch.setenv(REQUIRE_VARIABLE, "identity")
    with Desk(None if by_variable else required) as desk:
        if Layer.IDENTITY not in desk.open(Framework.NUMPY).describe().missing:
            pytest.skip("the layer holds here")
        with pytest.raises(JudgeError, match=r"required does not hold here.*identity"):
            desk.check_isolation(Framework.NUMPY)
        report = judge(desk, problem)
    assert (report.verdict, report.cases) == (Verdict.JUDGE_ERROR, ())
    assert "identity" in report.message


def test_a_pool_asks_no_judge_where_less_holds(problem: Problem) -> None:
    asked: list[BatchJudge] = []
    with JudgePool(1, required=frozenset(Layer)) as pool:
        missing = pool._desks[0].open(Framework.NUMPY).describe().missing
        if not missing:
            pytest.skip("every layer holds here")
        with pytest.raises(JudgeError, match="so nothing was run"):
            pool.map(problem, [asked.append])
    assert asked == []


def test_samples_are_judged_as_ever(problem: Problem, desk: Desk) -> None:
    wrong = from_source(SAMPLES["wrong_answer/returns_x.py"])
    reports = [desk.find_judge(problem).reports(each, [3])[0] for each in (RIGHT, wrong, RIGHT)]
    assert [report.passed for report in reports] == [True, False, True]


def test_a_job_that_is_cancelled_ends_and_the_server_stays_warm(problem: Problem, desk: Desk) -> None:
    assert judge(desk, problem).passed
    (server,) = psutil.Process().children()
    endless = from_source("while True: pass\n")
    caught: list[BaseException] = []

    def work() -> None:
        try:
            desk.find_judge(problem).reports(endless, [7])
            # whatever became of the first, nothing is started now
            desk.find_judge(problem).reports(endless, [7])
        except Exception as error:
            caught.append(error)

    thread = threading.Thread(target=work)
    desk.begin()
    before = set(server.children())
    thread.start()
    while not set(server.children()) - before:
        time.sleep(0.02)
    desk.cancel()
    thread.join(60)
    assert not thread.is_alive() and len(caught) == 1
    desk.begin()
    assert judge(desk, problem).passed
    assert psutil.Process().children() == [server]
