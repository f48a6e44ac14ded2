"""A problem: what its package holds, read anew each time, and none of it run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.packages import write_package
from torch_judge.model.bank import find_bank
from torch_judge.model.errors import BankError
from torch_judge.model.problem import Problem
from torch_judge.model.report import Verdict


def load(bank: Path) -> Problem:
    return find_bank(bank).load("double")


def test_a_package_is_read_with_all_its_texts(tmp_path: Path) -> None:
    write_package(tmp_path)
    problem = load(tmp_path)
    assert problem.read_statement().startswith("# Double")
    assert "raise NotImplementedError" in problem.read_starter()
    assert "x * scale" in problem.read_solution()
    assert "@case(" in problem.read_cases()
    assert problem.read_debug() == "print(double)\n"


def test_what_an_author_changes_is_read_by_a_problem_that_was_loaded_before(tmp_path: Path) -> None:
    folder = write_package(tmp_path)
    problem = load(tmp_path)
    for text in (problem.read_cases(), "first = 1\n", "other = 2\n"):
        (folder / "cases.py").write_text(text)
        assert problem.read_cases() == text


def test_hints_are_separated_by_a_line_of_dashes(tmp_path: Path) -> None:
    write_package(tmp_path, hints="gentle\n---\nplain -- with --- inside\n---   \n\n")
    hints = load(tmp_path).read_hints()
    assert [hint.text for hint in hints] == ["gentle", "plain -- with --- inside"]


def test_samples_are_listed_by_the_verdict_that_they_claim(tmp_path: Path) -> None:
    write_package(tmp_path)
    problem = load(tmp_path)
    assert [sample.name for sample in problem.samples(Verdict.WRONG_ANSWER)] == [
        "adds",
        "cuts_the_graph",
        "ignores_scale",
        "returns_x",
    ]
    assert problem.samples(Verdict.TIME_LIMIT_EXCEEDED) == ()


@pytest.mark.parametrize(
    "name", ["statement.md", "starter.py", "cases.py", "solution.py", "hints.md", "debug.py"]
)
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    folder = write_package(tmp_path)
    (folder / name).unlink()
    with pytest.raises(BankError, match=re.escape(f"{folder / name}: the file is missing")):
        getattr(load(tmp_path), f"read_{name.partition('.')[0]}")()


def test_reading_a_problem_runs_none_of_its_code(tmp_path: Path) -> None:
    bomb = f"open({str(tmp_path / 'ran')!r}, 'w')\nraise SystemExit\n"
    write_package(tmp_path, cases=bomb, solution=bomb, starter=bomb, debug=bomb)
    problem = load(tmp_path)
    assert (
        problem.read_cases()
        == problem.read_solution()
        == problem.read_starter()
        == problem.read_debug()
        == bomb
    )
    assert not (tmp_path / "ran").exists()
