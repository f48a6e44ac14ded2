"""The ledger of clean runs: what a run depends on makes it another; a run that found anything is not kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.packages import write_package
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Problem
from torch_judge.verification import ledger
from torch_judge.verification.findings import QUICK, Effort, Verification
from torch_judge.verification.ledger import FILE, CleanRun, Ledger, describe_run, find_cache_folder

SOUND = Verification("double")
UNSOUND = Verification("double", complaints=("cases.py: something",))
FULL = Effort()


@pytest.fixture
def problem(tmp_path: Path) -> Problem:
    write_package(tmp_path / "bank")
    return find_bank(tmp_path / "bank").load("double")


def test_a_clean_run_is_remembered_by_the_next_process(tmp_path: Path, problem: Problem) -> None:
    run = describe_run(problem, FULL)
    Ledger(tmp_path / "cache").note(problem, run, SOUND)
    assert Ledger(tmp_path / "cache").is_clean(problem, run)
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [FILE]


def test_a_run_that_found_anything_forgets_the_clean_one_before_it(tmp_path: Path, problem: Problem) -> None:
    run = describe_run(problem, FULL)
    book = Ledger(tmp_path)
    book.note(problem, run, UNSOUND)
    assert not book.is_clean(problem, run)
    book.note(problem, run, SOUND)
    book.note(problem, run, UNSOUND)
    assert not Ledger(tmp_path).is_clean(problem, run)


def test_a_thorough_run_stands_for_a_quick_one_and_not_the_other_way(
    tmp_path: Path, problem: Problem
) -> None:
    quick, full = describe_run(problem, QUICK), describe_run(problem, FULL)
    book = Ledger(tmp_path)
    book.note(problem, quick, SOUND)
    assert (book.is_clean(problem, quick), book.is_clean(problem, full)) == (True, False)
    book.note(problem, full, SOUND)
    book.note(problem, quick, SOUND)
    assert (book.is_clean(problem, quick), book.is_clean(problem, full)) == (True, True)
    assert not book.is_clean(problem, describe_run(problem, replace(FULL, seeds=FULL.seeds + 1)))


EDITS = ["cases.py", "hints.md", "submissions/wrong_answer/adds.py", "submissions/accepted/new.py"]


@pytest.mark.parametrize("name", EDITS)
def test_whatever_is_edited_in_a_package_makes_another_run(problem: Problem, name: str) -> None:
    before = describe_run(problem, FULL)
    assert describe_run(problem, FULL) == before
    with (problem.folder / name).open("a") as file:
        file.write("\n")
    assert describe_run(problem, FULL).digest != before.digest


def test_a_file_that_moves_makes_another_run(problem: Problem) -> None:
    before = describe_run(problem, FULL)
    samples = problem.folder / "submissions" / "wrong_answer"
    (samples / "adds.py").rename(samples / "sums.py")
    assert describe_run(problem, FULL).digest != before.digest


def test_what_python_caches_makes_no_other_run(problem: Problem) -> None:
    before = describe_run(problem, FULL)
    (problem.folder / "__pycache__").mkdir()
    (problem.folder / "__pycache__" / "cases.cpython-311.pyc").write_bytes(b"x")
    assert describe_run(problem, FULL) == before


def test_a_template_beside_the_bank_is_part_of_a_run(tmp_path: Path, problem: Problem) -> None:
    path = tmp_path / "01_double.ipynb"
    path.write_text("old")
    before = describe_run(problem, FULL, template=path)
    path.write_text("new")
    assert describe_run(problem, FULL, template=path) != before
    assert describe_run(problem, FULL, template=path) != describe_run(problem, FULL)


def test_another_judge_makes_another_run(
    tmp_path: Path, problem: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "judge").mkdir()
    monkeypatch.setattr(ledger, "PACKAGE", tmp_path / "judge")
    ledger.digest_judge.cache_clear()
    try:
        before = describe_run(problem, FULL)
        (tmp_path / "judge" / "module.py").write_text("x = 1\n")
        ledger.digest_judge.cache_clear()
        assert describe_run(problem, FULL) != before
    finally:
        ledger.digest_judge.cache_clear()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"schema": 0, "runs": {}}', '{"schema": 1, "runs": {"a": 1}}']
)
def test_a_damaged_file_counts_as_empty_and_is_replaced(tmp_path: Path, problem: Problem, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    run = describe_run(problem, FULL)
    book = Ledger(tmp_path)
    assert not book.is_clean(problem, run)
    book.note(problem, run, SOUND)
    assert Ledger(tmp_path).is_clean(problem, run)


def test_a_package_that_is_gone_is_forgotten(tmp_path: Path, problem: Problem) -> None:
    book = Ledger(tmp_path)
    book.note(problem, CleanRun("a", FULL), SOUND)
    book.note(replace(problem, folder=tmp_path / "lost"), CleanRun("b", FULL), SOUND)
    text = (tmp_path / FILE).read_text()
    assert str(problem.folder) in text
    assert "lost" not in text


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path, problem: Problem) -> None:
    (tmp_path / "file").write_text("")
    run = describe_run(problem, FULL)
    book = Ledger(tmp_path / "file")
    book.note(problem, run, SOUND)
    assert not Ledger(tmp_path / "file").is_clean(problem, run)


def test_the_ledger_lies_in_the_home_that_is_given_or_in_the_users_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_JUDGE_HOME", str(tmp_path))
    assert find_cache_folder() == tmp_path
    monkeypatch.setenv("TORCH_JUDGE_HOME", "")
    assert find_cache_folder() is None
    monkeypatch.delenv("TORCH_JUDGE_HOME")
    folder = find_cache_folder()
    assert folder is not None
    assert folder.name == "torch_judge"


def test_without_a_folder_nothing_is_kept(problem: Problem) -> None:
    run = describe_run(problem, FULL)
    Ledger(None).note(problem, run, SOUND)
    assert not Ledger(None).is_clean(problem, run)


def test_a_user_without_a_home_has_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_JUDGE_HOME", "~nobody_of_this_name/cache")
    assert find_cache_folder() is None
