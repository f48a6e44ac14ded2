"""Edits: each stretch is found once and outside the docstring, or a sentence says where else it is."""

from __future__ import annotations

import ast

import pytest

from torch_judge.model.edits import Edit, EditError, edit_module

BASE = '''"""Right: x * scale."""

import torch


def double(x, scale=2.0):
    y = x * scale
    z = y + 0
    return y
'''


def edit(*pairs: tuple[str, str], text: str = BASE, docstring: str = "Wrong.") -> str:
    return edit_module(text, "solution.py", docstring, tuple(Edit(*pair) for pair in pairs))


def test_edits_apply_in_any_order_and_the_docstring_is_replaced() -> None:
    assert edit(("return y", "return z"), ("x * scale", "x + scale")) == (
        '"""Wrong."""\n\nimport torch\n\n\ndef double(x, scale=2.0):\n'
        "    y = x + scale\n    z = y + 0\n    return z\n"
    )


def test_a_module_without_a_docstring_gets_one() -> None:
    assert edit(("1", "2"), text="x = 1\n") == '"""Wrong."""\n\n\nx = 2\n'


@pytest.mark.parametrize("docstring", ['Says "no"', 'a """ b', "back\\slash", "two\nlines", "naïve größe"])
def test_a_docstring_is_read_as_it_was_written(docstring: str) -> None:
    text = edit(("return y", "return z"), text=BASE.replace("Right", "Größe"), docstring=docstring)
    assert ast.get_docstring(ast.parse(text)) == docstring


FAULTS = {
    "nowhere": (
        [("y = x * scal3", "")],
        "`y = x * scal3` does not occur in solution.py; line 7 is `y = x * scale`",
    ),
    "only in the docstring": ([("Right", "Wrong")], "`Right` does not occur in solution.py"),
    "several times": ([("y", "z")], "`y` occurs 3 times in solution.py, in lines 7, 8, 9; make it longer"),
    "overlapping": (
        [("y = x * scale\n    z", "q"), ("scale\n", "")],
        "`y = x * scale` and `scale` overlap in line 7 of solution.py; make one edit of them",
    ),
    "in the same place": (
        [("y = x * scale", "y = x"), ("y = x * scale", "y = scale")],
        "`y = x * scale` and `y = x * scale` overlap in line 7 of solution.py; make one edit of them",
    ),
}


@pytest.mark.parametrize(("pairs", "says"), FAULTS.values(), ids=FAULTS.keys())
def test_an_edit_that_does_not_apply_is_a_sentence(pairs: list[tuple[str, str]], says: str) -> None:
    with pytest.raises(EditError) as error:
        edit(*pairs)
    assert str(error.value) == says


def test_stretches_that_overlap_themselves_are_counted() -> None:
    with pytest.raises(EditError, match="occurs 2 times"):
        edit(("a + a", ""), text="x = a + a + a\n")


def test_a_base_that_is_no_python_is_named() -> None:
    with pytest.raises(EditError, match=r"^solution\.py is no Python: "):
        edit(("x", "y"), text="def x(:\n")
