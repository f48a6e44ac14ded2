"""The files of a package, as they are sent to other places."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.packages import write_package
from torch_judge.grading.package_files import list_package_files
from torch_judge.model.bank import find_bank
from torch_judge.model.errors import BankError
from torch_judge.model.problem import Problem


@pytest.fixture
def problem(tmp_path: Path) -> Problem:
    write_package(tmp_path / "bank")
    return find_bank(tmp_path / "bank").load("double")


def test_caches_and_hidden_files_stay_here(problem: Problem) -> None:
    before = list(list_package_files(problem))
    (problem.folder / "__pycache__").mkdir()
    (problem.folder / "__pycache__" / "cases.pyc").touch()
    (problem.folder / ".notes").touch()
    assert list(list_package_files(problem)) == before
    assert {problem.folder / "cases.py", problem.folder / "solution.py"} <= set(before)


def test_a_link_out_of_a_package_is_followed_nowhere(problem: Problem, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").touch()
    (problem.folder / "notes.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(BankError):
        list(list_package_files(problem))
