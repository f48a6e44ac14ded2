"""A standing judge: what it keeps ready for the next check, when that is dropped, and who may ask at once."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.packages import SAMPLES, SOLUTION, write_package
from torch_judge.execution.forkserver.client import START_VARIABLE, ForkServer
from torch_judge.judging import batch
from torch_judge.judging.batch import BatchJudge
from torch_judge.judging.jobs import make_confinement, prepare_for_cases
from torch_judge.judging.judge import judge
from torch_judge.judging.spare import Spare
from torch_judge.judging.standing import StandingJudge
from torch_judge.model.bank import find_bank
from torch_judge.model.errors import JudgeError
from torch_judge.model.isolation import Layer
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import CaseResult, Report, Verdict
from torch_judge.model.submission import Submission, from_source

RIGHT, WRONG = from_source(SOLUTION), from_source(SAMPLES["wrong_answer/returns_x.py"])
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="a spare is kept where processes are forked")


@pytest.fixture
def problem(tmp_path: Path) -> Problem:
    write_package(tmp_path, framework="numpy")
    return find_bank(tmp_path).load("double")


@pytest.fixture
def server() -> Iterator[ForkServer]:
    with ForkServer(Framework.NUMPY) as server:
        yield server


@pytest.fixture
def standing() -> Iterator[StandingJudge]:
    standing = StandingJudge()
    yield standing
    standing.close()


def list_waiting(server: ForkServer) -> list[int]:
    """List the processes that the warm server has forked and that are still there."""
    program = server._programs[0]
    return sorted(child.pid for child in psutil.Process(program._process.pid).children())


def settle(report: Report) -> tuple[object, ...]:
    """Take of a report what no clock decides."""
    cases = [(case.name, case.verdict, case.message) for case in report.cases]
    return report.verdict, cases, report.diagnosis, report.counterexample, report.message, report.seed


@pytest.mark.parametrize("submission", [RIGHT, WRONG, from_source("1 / 0"), from_source("def (")])
def test_it_decides_what_judge_decides(
    problem: Problem, server: ForkServer, standing: StandingJudge, submission: Submission
) -> None:
    expected = settle(judge(problem, submission, server=server, seed=7))
    for _ in range(2):
        assert settle(standing.judge(problem, submission, server=server, seed=7)) == expected


@forks
def test_a_checker_and_one_worker_wait_for_the_next_check(
    problem: Problem, server: ForkServer, standing: StandingJudge
) -> None:
    waiting: list[list[int]] = []
    for submission in (RIGHT, WRONG, from_source("1 / 0"), RIGHT):
        standing.judge(problem, submission, server=server)
        waiting.append(list_waiting(server))
    assert [len(each) for each in waiting] == [2, 2, 2, 2]
    (checker,) = set.intersection(*map(set, waiting))
    spares = [set(each) - {checker} for each in waiting]
    assert len(set.union(*spares)) == 4  # each serves one submission
    standing.close()
    assert list_waiting(server) == []


def test_each_check_draws_other_inputs_and_a_seed_replays_them(
    problem: Problem, server: ForkServer, standing: StandingJudge
) -> None:
    seeds = [standing.judge(problem, RIGHT, server=server).seed for _ in range(4)]
    assert len(set(seeds)) == 4
    failed = standing.judge(problem, WRONG, server=server)
    again = standing.judge(problem, WRONG, server=server, seed=failed.seed)
    assert settle(again) == settle(failed)


def test_a_file_of_the_problem_that_changed_is_read_anew(
    problem: Problem, server: ForkServer, standing: StandingJudge
) -> None:
    assert standing.judge(problem, RIGHT, server=server).passed
    path = problem.folder / "solution.py"
    path.write_text(path.read_text().replace("x * scale", "x * scale + 1"))
    assert standing.judge(problem, RIGHT, server=server).verdict is Verdict.WRONG_ANSWER
    cases = problem.folder / "cases.py"
    cases.write_text(cases.read_text() + "\n1 / 0\n")
    broken = standing.judge(problem, RIGHT, server=server)
    assert broken.verdict is Verdict.JUDGE_ERROR and "ZeroDivisionError" in broken.message


@forks
def test_who_waits_may_die_meanwhile(problem: Problem, server: ForkServer, standing: StandingJudge) -> None:
    assert standing.judge(problem, RIGHT, server=server).passed
    for pid in list_waiting(server):
        os.kill(pid, 9)
    while any(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE for pid in list_waiting(server)):
        time.sleep(0.01)
    assert standing.judge(problem, RIGHT, server=server).passed
    assert len([pid for pid in list_waiting(server) if psutil.Process(pid).is_running()]) == 2


@forks
def test_another_server_and_other_demands_are_told_apart(
    problem: Problem, server: ForkServer, standing: StandingJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert standing.judge(problem, RIGHT, server=server).passed
    monkeypatch.setenv(START_VARIABLE, "spawn")  # where nothing is forked, no user can be changed to
    with ForkServer(Framework.NUMPY) as spawning:
        assert standing.judge(problem, RIGHT, server=spawning).passed
        assert list_waiting(server) == []
        if Layer.IDENTITY in spawning.describe().missing:
            required = frozenset({Layer.IDENTITY})
            report = standing.judge(problem, RIGHT, server=spawning, required=required)
            assert report.verdict is Verdict.JUDGE_ERROR and "identity" in report.message
        standing.close()


def test_who_asks_while_one_is_judged_is_answered_too(
    problem: Problem, server: ForkServer, standing: StandingJudge
) -> None:
    inner: list[Report] = []

    def ask_again(_case: CaseResult) -> None:
        if not inner:
            inner.append(standing.judge(problem, WRONG, server=server))

    assert standing.judge(problem, RIGHT, server=server, on_case=ask_again).passed
    assert [report.verdict for report in inner] == [Verdict.WRONG_ANSWER]
    reports: list[Report] = []
    threads = [
        threading.Thread(target=lambda: reports.append(standing.judge(problem, RIGHT, server=server)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [report.passed for report in reports] == [True] * 4


def test_an_interrupted_check_leaves_nothing_out_of_step(
    problem: Problem, server: ForkServer, standing: StandingJudge
) -> None:
    def interrupt(_case: CaseResult) -> None:
        raise KeyboardInterrupt

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            standing.judge(problem, WRONG, server=server, on_case=interrupt)
        assert standing.judge(problem, RIGHT, server=server).passed
        assert standing.judge(problem, WRONG, server=server).verdict is Verdict.WRONG_ANSWER


@forks
def test_a_fork_of_the_conductor_speaks_to_processes_of_its_own(
    problem: Problem, server: ForkServer, standing: StandingJudge
) -> None:
    assert standing.judge(problem, RIGHT, server=server).passed
    waiting = list_waiting(server)
    pid = os.fork()
    if pid == 0:
        try:
            report = standing.judge(problem, WRONG, server=server)
            standing.close()
            server.close()
            os._exit(0 if report.verdict is Verdict.WRONG_ANSWER else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert list_waiting(server) == waiting
    assert standing.judge(problem, RIGHT, server=server).passed


def test_a_file_that_is_gone_is_a_judge_error(
    problem: Problem, server: ForkServer, standing: StandingJudge
) -> None:
    assert standing.judge(problem, RIGHT, server=server).passed
    path = problem.folder / "solution.py"
    text = path.read_text()
    path.unlink()
    report = standing.judge(problem, RIGHT, server=server)
    assert report.verdict is Verdict.JUDGE_ERROR and "solution.py" in report.message
    path.write_text(text)
    assert standing.judge(problem, RIGHT, server=server).passed


@forks
@pytest.mark.parametrize("changed", [False, True])
def test_a_server_that_died_meanwhile_is_started_anew(
    problem: Problem, server: ForkServer, standing: StandingJudge, *, changed: bool
) -> None:
    assert standing.judge(problem, RIGHT, server=server).passed
    program = server._programs[0]._process
    program.kill()
    program.wait()
    if changed:
        cases = problem.folder / "cases.py"
        cases.write_text(cases.read_text() + "\n")
    assert standing.judge(problem, RIGHT, server=server).passed
    program = server._programs[0]._process
    program.kill()
    program.wait()
    standing.close()
    assert standing.judge(problem, WRONG, server=server).verdict is Verdict.WRONG_ANSWER


@forks
def test_a_spare_that_cannot_be_had_is_nobody_s_fault(
    problem: Problem, server: ForkServer, standing: StandingJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> None:
        raise JudgeError("no worker or checker can be started: too many open files")

    monkeypatch.setattr(batch, "Spare", refuse)
    for _ in range(2):
        assert standing.judge(problem, RIGHT, server=server).passed
        assert standing.judge(problem, from_source("1 / 0"), server=server).verdict is Verdict.RUN_TIME_ERROR
    assert len(list_waiting(server)) == 1


def test_worker_and_checker_run_the_same_cases_while_an_author_edits_them(
    problem: Problem, server: ForkServer
) -> None:
    cases = problem.folder / "cases.py"
    with BatchJudge(problem, server, looks_ahead=True) as judging:
        assert judging.judge(RIGHT, 7).passed
        cases.write_text(cases.read_text().replace("size=(3, 5)", "size=(4, 5)"))
        assert "(4, 5)" in cases.read_text()
        for _ in range(2):
            assert judging.judge(RIGHT, 7).passed


@forks
def test_a_server_prepares_for_later_checks_beside_what_stays(
    problem: Problem, server: ForkServer, standing: StandingJudge
) -> None:
    assert standing.judge(problem, RIGHT, server=server).passed
    maps, started = Path(f"/proc/{server._programs[0]._process.pid}/maps"), time.monotonic()
    before = maps.read_text().count("\n")
    while maps.read_text().count("\n") == before:  # until it has loaded what a search needs
        assert time.monotonic() - started < 60
        time.sleep(0.1)
    assert len(list_waiting(server)) == 2
    assert standing.judge(problem, RIGHT, server=server).passed


def test_what_cannot_travel_starts_nothing(
    problem: Problem, server: ForkServer, standing: StandingJudge
) -> None:
    report = standing.judge(problem, Submission("f", fault="it cannot travel"), server=server)
    assert (report.verdict, report.message) == (Verdict.COMPILE_ERROR, "it cannot travel")
    assert server._programs == {}


@forks
def test_a_spare_is_handed_over_once_and_only_for_what_it_was_told(
    problem: Problem, server: ForkServer, tmp_path: Path
) -> None:
    preparation, confinement = prepare_for_cases(problem), make_confinement(problem)
    (tmp_path / "other").mkdir()
    write_package(tmp_path / "other", framework="numpy", cases="from torch_judge.authoring import case\n")
    other = prepare_for_cases(find_bank(tmp_path / "other").load("double"))
    spare = Spare(server, preparation, confinement)
    assert spare.take(other, confinement) is None
    assert spare.take(preparation, make_confinement(problem, seconds=99.0)) is None
    child = spare.take(preparation, confinement)
    assert child is not None and spare.take(preparation, confinement) is None
    spare.end()  # what was handed over is another's
    assert len(list_waiting(server)) == 1
    child.end()
    assert list_waiting(server) == []
    unused = Spare(server, preparation, confinement)
    unused.end()
    assert unused.take(preparation, confinement) is None and list_waiting(server) == []


@forks
def test_judges_of_many_answers_keep_no_spare(problem: Problem, server: ForkServer) -> None:
    with BatchJudge(problem, server) as batch:
        assert batch.judge(RIGHT, 7).passed
        assert len(list_waiting(server)) == 1  # its checker
