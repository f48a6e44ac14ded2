"""A sample: whether it is a file or an edit, it has a name, a text, a sentence and a place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.packages import SAMPLES, find_sample, write_mistakes, write_package
from torch_judge.model.bank import find_bank
from torch_judge.model.errors import BankError
from torch_judge.model.problem import Problem
from torch_judge.model.report import Verdict
from torch_judge.model.sample import Sample


@pytest.fixture
def problem(tmp_path: Path) -> Problem:
    write_mistakes(write_package(tmp_path), squares=("x * scale", "x * x"), cubes=("x * scal", "x**3"))
    return find_bank(tmp_path).load("double")


def test_files_and_edits_stand_beside_each_other_by_name(problem: Problem) -> None:
    assert [sample.name for sample in problem.samples(Verdict.WRONG_ANSWER)] == [
        "adds",
        "cubes",
        "cuts_the_graph",
        "ignores_scale",
        "returns_x",
        "squares",
    ]
    assert [sample.name for sample in problem.samples(Verdict.ACCEPTED)] == ["adds_twice"]


def test_a_file_is_its_own_text(problem: Problem) -> None:
    sample = find_sample(problem, "wrong_answer/adds")
    assert sample.read_text() == SAMPLES["wrong_answer/adds.py"]
    assert (sample.read_diagnosis(), sample.mistake, sample.is_variant) == ("Adds.", "adds", False)
    assert sample.where == str(problem.folder / "submissions" / "wrong_answer" / "adds.py")
    assert sample.read_submission().cells[0].name == "adds.py"


def test_an_edit_is_a_submission_like_any_other(problem: Problem) -> None:
    sample = find_sample(problem, "wrong_answer/squares")
    (cell,) = sample.read_submission().cells
    assert cell.name == "squares.py"
    assert cell.source.endswith("def double(x, scale=2.0):\n    return x * x\n")
    assert sample.label == "wrong_answer/squares"


def test_the_solution_that_changes_changes_what_is_made_of_it(problem: Problem) -> None:
    sample = find_sample(problem, "wrong_answer/squares")
    (problem.folder / "solution.py").write_text("def double(x, scale=2.0):\n    return (x * scale)\n")
    assert sample.read_text().endswith("return (x * x)\n")
    (problem.folder / "solution.py").write_text("def double(x, scale=2.0):\n    return scale * x\n")
    with pytest.raises(
        BankError, match=r"mistakes\.toml:1: squares: `x \* scale` does not occur in solution"
    ):
        sample.read_text()


def test_a_base_that_is_not_there_is_named_with_what_was_meant(tmp_path: Path) -> None:
    folder = write_package(tmp_path)
    write_mistakes(folder, base="add_twice", squares=("x", "y"))
    sample = find_sample(find_bank(tmp_path).load("double"), "wrong_answer/squares")
    with pytest.raises(
        BankError, match="no right sample 'add_twice' to start from; did you mean 'adds_twice'"
    ):
        sample.read_text()
    write_mistakes(folder, base="qq", squares=("x", "y"))
    sample = find_sample(find_bank(tmp_path).load("double"), "wrong_answer/squares")
    with pytest.raises(BankError, match="'qq' to start from; there are: solution, adds_twice"):
        sample.read_text()


def test_the_starter_claims_no_verdict(problem: Problem) -> None:
    starter = Sample(problem.folder / "starter.py", None)
    assert (starter.name, starter.label) == ("starter", "double/starter")
