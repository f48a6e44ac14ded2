"""Scripts for a plagiarism tool: one for each student and problem, which any parser reads."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.support.packages import SOLUTION, STARTER, write_package
from torch_judge.grading.classroom.classwork import Lack, Work
from torch_judge.grading.classroom.collection import collect, write_script
from torch_judge.grading.layouts.submitted import Student
from torch_judge.model.bank import find_bank
from torch_judge.model.submission import Carried, Cell, Submission

CELLS = ("%matplotlib inline\n!pip install x\nx = 7 \\\n  % 3\n", "%%bash\nls\n", SOLUTION, "  \n")


def test_a_notebook_becomes_code_without_magics() -> None:
    cells = tuple(Cell(f"cell {n}", source) for n, source in enumerate(CELLS))
    script = write_script(
        Submission("hw.ipynb", cells, notebook=True, modules={"helper": Carried("two = 2\n")})
    )
    assert "# %matplotlib inline\n# !pip install x" in script and "# %%bash\n# ls" in script
    assert "x = 7 \\\n  % 3\n" in script
    ast.parse(script)
    assert SOLUTION.strip() in script and "# helper.py\ntwo = 2" in script


def test_a_script_stays_as_it_is() -> None:
    text = "x = 7 \\\n    % 3\n"
    assert write_script(Submission("hw.py", (Cell("hw.py", text),))) == text
    ast.parse(text)


def test_each_work_is_a_file_and_what_was_given_lies_beside_them(tmp_path: Path) -> None:
    write_package(tmp_path / "bank")
    problem = find_bank(tmp_path / "bank").load("double")
    works = [
        Work(Student("ada"), "double", Submission("hw.py", (Cell("hw.py", SOLUTION),))),
        Work(Student("alan"), "double", None, Lack.MISSING),
    ]
    assert collect(works, [problem], {"ada": "ada", "alan": "alan"}, tmp_path / "out") == 1
    written = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.py")}
    assert written == {"double/ada.py", "given/double.py"}
    assert (tmp_path / "out/double/ada.py").read_text() == SOLUTION
    assert (tmp_path / "out/given/double.py").read_text() == STARTER
