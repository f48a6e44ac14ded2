"""The running session: where a name is looked for, and which shell there is."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support.kernels import executed, shown
from torch_judge.ui.notebook.session import MISSING, find_kernel, find_shell, look_up

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
