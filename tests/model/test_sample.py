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


TWO_LINES = "def double(x, scale=2.0):\n    y = x * scale\n    return y\n"


@pytest.fixture
def long_problem(tmp_path: Path) -> Problem:
    """Write the package with a longer solution, in which two edits have room beside each other."""
    write_package(tmp_path, solution=TWO_LINES)
    return find_bank(tmp_path).load("double")


def test_two_edits_of_one_base_make_one_text_with_both_in_either_order(long_problem: Problem) -> None:
    write_mistakes(long_problem.folder, squares=("x * scale", "x * x"), negates=("return y", "return -y"))
    one, two = (find_sample(long_problem, f"wrong_answer/{name}") for name in ("squares", "negates"))
    text = one.compose_with(two)
    assert text == two.compose_with(one)
    assert text == '"""Two mistakes."""\n\n\ndef double(x, scale=2.0):\n    y = x * x\n    return -y\n'


def test_edits_that_touch_each_other_cannot_be_composed(long_problem: Problem) -> None:
    write_mistakes(long_problem.folder, squares=("x * scale", "x * x"), returns=("y = x * scale", "y = x"))
    one, two = (find_sample(long_problem, f"wrong_answer/{name}") for name in ("squares", "returns"))
    assert one.compose_with(two) is None
    assert one.compose_with(one) is None


def test_an_edit_that_does_not_apply_composes_with_none(long_problem: Problem) -> None:
    write_mistakes(long_problem.folder, squares=("x * skale", "x * x"), negates=("return y", "return -y"))
    one, two = (find_sample(long_problem, f"wrong_answer/{name}") for name in ("squares", "negates"))
    assert one.compose_with(two) is two.compose_with(one) is None


def test_only_edits_of_the_same_base_are_composed(long_problem: Problem) -> None:
    # what it changes stands in both bases
    path = write_mistakes(long_problem.folder, base="adds_twice", squares=("scale=2.0", "scale=3.0"))
    other_hand = path.read_text()
    path.write_text(
        write_mistakes(long_problem.folder, negates=("return y", "return -y")).read_text() + other_hand
    )
    here, elsewhere, file = (
        find_sample(long_problem, f"wrong_answer/{name}") for name in ("negates", "squares", "adds")
    )
    assert elsewhere.read_text().endswith("scale=3.0):\n    return x + (scale - 1) * x\n")
    pairs = [(here, elsewhere), (elsewhere, here), (here, file), (file, here), (file, file)]
    assert [one.compose_with(two) for one, two in pairs] == [None] * len(pairs)


def test_a_base_that_is_not_there_is_said_when_two_are_composed(long_problem: Problem) -> None:
    write_mistakes(long_problem.folder, base="add_twice", squares=("x", "y"), cubes=("x", "z"))
    one, two = (find_sample(long_problem, f"wrong_answer/{name}") for name in ("squares", "cubes"))
    with pytest.raises(BankError, match="squares: no right sample 'add_twice'"):
        one.compose_with(two)
