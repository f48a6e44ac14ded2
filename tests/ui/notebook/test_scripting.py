"""`judge` and `problems`: reports and facts for programs, of which nothing is shown or kept."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.support import ROOT
from tests.support.packages import SOLUTION, write_package
from torch_judge import Difficulty, Problem, Report, UsageError, Verdict, history, judge, problems

WRONG = "def double(x, scale=2.0):\n    return x * 2\n"


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_package(tmp_path / "bank")
    monkeypatch.setenv("TORCH_JUDGE_BANK", str(tmp_path / "bank"))
    return tmp_path / "bank"


def test_a_text_is_judged_and_nothing_is_shown_or_kept(
    bank: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = history("double").as_text()
    report = judge("double", source=WRONG, seed=3)
    assert isinstance(report, Report)
    assert (report.verdict, report.seed, report.n_passed) == (Verdict.WRONG_ANSWER, 3, 1)
    assert [case.name for case in report.failed] == ["uses_the_scale_it_is_given", "lets_gradients_flow"]
    assert capsys.readouterr() == ("", "")
    assert history("double").as_text() == before


def test_a_file_brings_the_modules_beside_it(bank: Path, tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("ONE = 1.0\n")
    source = "from beside import ONE\ndef double(x, scale=2.0):\n    return x * scale * ONE\n"
    (tmp_path / "answer.py").write_text(source)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    nbformat.write(notebook, tmp_path / "answer.ipynb")
    for name in ("answer.py", "answer.ipynb"):
        report = judge("double", source=tmp_path / name)
        assert (report.passed, report.submission) == (True, str(tmp_path / name))
    alone = judge("double", source=source)
    assert "No module named 'beside'" in alone.message


def test_a_function_is_judged_as_check_does(bank: Path) -> None:
    assert judge("double", lambda x, scale=2.0: x * scale).passed


@pytest.mark.parametrize("source", [7, None, b"x", [SOLUTION]])
def test_what_can_be_no_answer_is_a_type_error(bank: Path, source: Any) -> None:
    with pytest.raises(TypeError, match="found a value of type"):
        judge("double", source=source)


def test_a_file_s_name_is_no_program_and_a_file_that_is_not_there_is_said(bank: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'answer\.py' is the name of a file"):
        judge("double", source="answer.py")
    with pytest.raises(UsageError, match="no such file"):
        judge("double", source=tmp_path / "answer.py")


@pytest.mark.parametrize("source", ["", " \n", "x = '\ud800'", "x" * (1 << 21), "def double(", "\0"])
def test_a_text_that_holds_no_submission_is_a_verdict(bank: Path, source: str) -> None:
    report = judge("double", source=source)
    assert report.verdict is Verdict.COMPILE_ERROR
    assert report.message


def test_problems_are_listed_with_their_facts(bank: Path) -> None:
    (problem,) = problems()
    assert isinstance(problem, Problem)
    assert (problem.slug, problem.number, problem.title, problem.entry_point) == (
        "double",
        1,
        "Double",
        "double",
    )
    assert problem.difficulty is Difficulty.EASY and problem.tags == ("arithmetic",)
    assert problem.read_starter().startswith("def double")
    assert str(bank) not in repr(problem)
    with pytest.raises(FrozenInstanceError):
        problem.number = 2  # type: ignore[misc]
    assert judge(problem, source=SOLUTION).passed


def test_the_bank_that_ships_is_listed_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TORCH_JUDGE_BANK", raising=False)
    numbers = [problem.number for problem in problems()]
    assert len(numbers) > 10 and numbers == sorted(numbers)


def test_a_plain_script_without_a_main_guard_judges_once(bank: Path, tmp_path: Path) -> None:
    script = (
        "from torch_judge import judge, problems\nprint('top')\n"
        f"for problem in problems():\n    print(judge(problem, source={SOLUTION!r}, seed=1).verdict)\n"
    )
    (tmp_path / "script.py").write_text(script)
    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("top\naccepted\n", "")
