"""The running session: where a name is looked for, and which shell there is."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support.kernels import executed, shown
from tests.support.packages import write_package
from torch_judge.model.errors import UsageError
from torch_judge.ui.notebook.session import (
    MISSING,
    find_kernel,
    find_shell,
    list_cells,
    load_problem,
    look_up,
)

near = "of the module"


def test_a_name_is_looked_for_at_the_call_then_in_its_module_then_in_the_main_module(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys.modules["__main__"], "of_the_main_module", None, raising=False)
    assert look_up("near", sys._getframe()) == "of the module"
    near = "of the call"
    assert look_up("near", sys._getframe()) == near == "of the call"
    assert look_up("of_the_main_module", sys._getframe()) is None
    assert look_up("nowhere", sys._getframe()) is MISSING


def test_whatever_comes_before_the_problem_s_name_is_named(tmp_path: Path) -> None:
    write_package(tmp_path)

    def double(x: float) -> float:
        return 2 * x

    with pytest.raises(UsageError) as wrong:
        load_problem(double, bank=tmp_path)
    assert str(wrong.value) == (
        "the problem's name comes first, a text such as 'double'; found double, a value of type function"
    )
    for other in (7.0, True, None, tmp_path, [double], type("T", (), {"__name__": 3})()):
        with pytest.raises(UsageError, match=r"the problem's name comes first.*found a value of type"):
            load_problem(other, bank=tmp_path)
    assert isinstance(wrong.value, TypeError)
    assert load_problem("double", bank=tmp_path).slug == "double"


def test_a_problem_is_itself_and_a_number_is_looked_up_as_one_types_it(tmp_path: Path) -> None:
    write_package(tmp_path)
    problem = load_problem("double", bank=tmp_path)
    assert load_problem(problem) is problem
    with pytest.raises(UsageError, match=r"no problem .*99"):
        load_problem(99, bank=tmp_path)


def test_help_says_what_is_taken_where_nothing_is_handed_over() -> None:
    assert repr(MISSING) == "<what is defined here>"


def test_a_plain_session_has_neither_shell_nor_kernel() -> None:
    assert find_shell() is None and find_kernel() is None


def test_a_notebook_is_a_shell_with_a_kernel_that_knows_its_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (tmp_path / "elsewhere.py").write_text(
        "import sys\nfrom torch_judge.ui.notebook.session import look_up\n"
        "def find(name): return look_up(name, sys._getframe())\n"
    )
    sources = [
        "import elsewhere\nof_a_cell = 7\nelsewhere.find('of_a_cell')",
        "from torch_judge.ui.notebook.session import *\nfind_shell() is find_kernel() is get_ipython()",
    ]
    assert [shown(cell) for cell in executed(sources, tmp_path).cells] == ["7", "True"]


def test_the_source_of_a_script_is_its_file(tmp_path: Path) -> None:
    script = (
        "from torch_judge.ui.notebook.session import list_cells\n"
        "def f(): pass\ng = f\n"
        "def local():\n    def f(): pass\n    return f\n"
        "print([cell.name for cell in list_cells('f', f)])\n"
        "print(list_cells('h', f)[-1].source.strip())\n"
        "print(list_cells('f', local()))\n"
    )
    (tmp_path / "script.py").write_text(script)
    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["['script.py']", "h = f", "()"]


def test_a_session_without_a_file_has_no_source() -> None:
    assert list_cells("MISSING", MISSING) == ()


def test_the_source_of_a_notebook_is_its_cells_as_they_were_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    sources = [
        "from torch_judge.ui.notebook.session import list_cells",
        "%env SCALE_HERE=2\ndef f(): pass",
        "[(cell.name, cell.source) for cell in list_cells('f', f)][1:]",
    ]
    cells = executed(sources, tmp_path).cells
    assert ast.literal_eval(shown(cells[2])) == [
        ("cell 2", "import os; os.environ['SCALE_HERE'] = '2'\ndef f(): pass"),
        ("cell 3", sources[2]),
    ]
