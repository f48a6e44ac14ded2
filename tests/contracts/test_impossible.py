"""No way to "accepted" leads past the cases: on a problem that contradicts itself, nothing is accepted."""

from __future__ import annotations

import csv
import importlib.util
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

import torch_judge as public
from tests.support.commands import torch_judge
from tests.support.impossible import ATTEMPTS, write_impossible
from tests.support.packages import SOLUTION, write_package
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.grading.engine import judge_submission
from torch_judge.judging.batch import BatchJudge, Plan
from torch_judge.judging.judge import judge
from torch_judge.judging.pool import JudgePool
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Problem
from torch_judge.model.report import Report, Verdict
from torch_judge.model.submission import from_source
from torch_judge.rewards import Judge

SUBMISSIONS = [from_source(text) for text in ATTEMPTS.values()]


@pytest.fixture(scope="module")
def problem(tmp_path_factory: pytest.TempPathFactory) -> Problem:
    return write_impossible(tmp_path_factory.mktemp("impossible") / "bank")


@pytest.fixture(scope="module")
def server(problem: Problem) -> Iterator[ForkServer]:
    with ForkServer(problem.framework) as server:
        yield server


def accepted(reports: list[Report]) -> dict[str, str]:
    """Name the attempts that were accepted, or at which the judge itself failed."""
    verdicts = dict(zip(ATTEMPTS, (report.verdict for report in reports), strict=True))
    wrong = Verdict.ACCEPTED, Verdict.JUDGE_ERROR
    return {name: str(verdict) for name, verdict in verdicts.items() if verdict in wrong}


def test_judge_accepts_nothing(problem: Problem, server: ForkServer) -> None:
    assert accepted([judge(problem, each, server=server) for each in SUBMISSIONS]) == {}


def test_a_batch_accepts_nothing_under_any_seed_or_plan(problem: Problem, server: ForkServer) -> None:
    plans = Plan(), Plan(until_rejected=True), Plan(later_cases=[]), Plan(seconds_to_diagnose=1.0)
    with BatchJudge(problem, server) as bench:
        for plan in plans:
            reports = [bench.reports(each, [1, 2], plan) for each in SUBMISSIONS]
            assert accepted([each[0] for each in reports]) == {}
            assert not any(report.passed for each in reports for report in each)


def test_a_pool_accepts_nothing(problem: Problem) -> None:
    with JudgePool(2) as pool:
        jobs = [partial(judge_submission, each, 7, False, False) for each in SUBMISSIONS]  # noqa: FBT003
        assert accepted(pool.map(problem, jobs)) == {}


def test_a_reward_is_nothing(problem: Problem) -> None:
    with Judge(bank=problem.bank, jobs=2) as rewards:
        assert rewards(list(ATTEMPTS.values()), "double") == [0.0] * len(ATTEMPTS)
    with Judge(bank=problem.bank, jobs=2, partial=True) as rewards:
        assert rewards(list(ATTEMPTS.values()), "double") == [0.0] * len(ATTEMPTS)


@pytest.mark.parametrize("more", [[], ["--ray"]], ids=["threads", "Ray"])
def test_evaluate_accepts_nothing(problem: Problem, tmp_path: Path, more: list[str]) -> None:
    if more and importlib.util.find_spec("ray") is None:
        pytest.skip("Ray is not installed")
    source, out = tmp_path / "s.jsonl", tmp_path / "r.jsonl"
    lines = [{"task_id": "double", "sample_id": name, "solution": text} for name, text in ATTEMPTS.items()]
    source.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    done = torch_judge("evaluate", source, "-o", out, "--bank", problem.bank, *more)
    records = [json.loads(line) for line in out.read_text().splitlines()]
    assert (done.returncode, len(records)) == (2, len(ATTEMPTS) - 1)  # one is empty
    assert {record["verdict"] for record in records if record["passed"] is not False} == set()


def test_a_class_has_no_points(problem: Problem, tmp_path: Path) -> None:
    for name, text in ATTEMPTS.items():
        folder = tmp_path / "class" / name.replace(" ", "_")
        folder.mkdir(parents=True)
        (folder / "answer.py").write_text(text)
    done = torch_judge(
        "grade", tmp_path / "class", "-o", tmp_path / "out", "--problems", "double", "--bank", problem.bank
    )
    assert done.returncode == 0, done.stderr
    with (tmp_path / "out" / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(ATTEMPTS)
    assert {(row["score"], row["passed"]) for row in rows} == {("0", "no")}


def test_run_and_the_functions_for_notebooks_accept_nothing(
    problem: Problem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n, text in enumerate(ATTEMPTS.values()):
        (tmp_path / f"{n:02}.py").write_text(text)
    done = torch_judge("run", "double", tmp_path, "--bank", problem.bank, "--format", "json")
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode in {1, 2} and len(reports) >= len(ATTEMPTS) - 1
    assert "accepted" not in {report["verdict"] for report in reports}
    assert "accepted" not in {case["verdict"] for report in reports for case in report["cases"]}
    monkeypatch.setenv("TORCH_JUDGE_BANK", str(problem.bank))
    monkeypatch.setenv("TORCH_JUDGE_HOME", "")
    for text in list(ATTEMPTS.values())[:3]:
        assert not public.judge("double", source=text).passed
        assert not public.check("double", text, quiet=True).passed


def test_a_possible_problem_is_accepted_by_the_same_ways(tmp_path: Path) -> None:
    """The tests above can fail."""
    write_package(tmp_path / "bank", framework="numpy", problem=(Path(_find_toml(tmp_path))).read_text())
    possible = find_bank(tmp_path / "bank").load("double")
    with JudgePool(1) as pool:
        (report,) = pool.map(possible, [partial(judge_submission, from_source(SOLUTION), 7, False, False)])  # noqa: FBT003
    assert report.passed
    with Judge(bank=possible.bank, jobs=1) as rewards:
        assert rewards([SOLUTION], "double") == [1.0]


def _find_toml(tmp_path: Path) -> Path:
    return write_impossible(tmp_path / "other").folder / "problem.toml"


def test_it_is_in_no_bank_of_ours() -> None:
    assert "double" not in find_bank().names()
