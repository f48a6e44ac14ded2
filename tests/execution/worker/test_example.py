"""An example: compiled so that its last value can be had, run beside an answer, shown as a notebook does."""

from __future__ import annotations

import linecache
import sys
import types
from collections.abc import Iterator
from typing import Any

import pytest

from torch_judge.execution.worker.example import LONGEST_VALUE, compile_cell, run_cell, show
from torch_judge.execution.worker.loader import MODULE, read_own_names
from torch_judge.model.submission import Cell

NAME = "the example"


@pytest.fixture(autouse=True)
def restore_modules() -> Iterator[None]:
    """Undo what a run leaves behind: it is made for a process of its own."""
    main, cache = sys.modules["__main__"], dict(linecache.cache)
    yield
    sys.modules["__main__"] = main
    sys.modules.pop(MODULE, None)
    linecache.cache.clear()
    linecache.cache.update(cache)


def run(code: str, entry_point: Any = abs) -> Any:
    return run_cell(compile_cell(Cell(NAME, code)), "my_abs", entry_point)


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("my_abs(-3)", 3),
        ("x = 4\nx", 4),
        ("x = 4", None),
        ("4;", None),
        ("4 ;  # said nothing", None),
        ("4  # no; semicolon", 4),
        ("'\u00e9' ; ", None),
        ("(1,\n 2)", (1, 2)),
        ("if True:\n    3", None),
        ("", None),
        ("import asyncio\nawait asyncio.sleep(0, 5)", 5),
        ("from __future__ import annotations\ndef f(x: nothing): return 7\nf(1)", 7),
    ],
)
def test_the_last_expression_is_the_value(code: str, value: Any) -> None:
    assert run(code) == value


def test_the_names_of_the_answer_are_there_and_stay_as_they_are() -> None:
    own = sys.modules[MODULE] = types.ModuleType(MODULE)
    own.helper, own.np, own.my_abs, own.kept = "helper", "its own", "not this", [1]  # type: ignore[attr-defined]
    assert run("found = helper, np, my_abs(-1), __name__\nhelper = kept = None\nfound") == (
        "helper",
        "its own",
        1,
        "__main__",
    )
    assert (own.helper, own.kept) == ("helper", [1])
    assert read_own_names() == {"helper": "helper", "np": "its own", "my_abs": "not this", "kept": [1]}


def test_without_a_module_of_the_answer_s_there_is_the_entry_point_alone() -> None:
    assert read_own_names() == {}
    assert run("[name for name in dir() if not name.startswith('__')]")[:2] == ["my_abs", "np"]


@pytest.mark.parametrize("code", ["def f(:", "return 3", "x = 1\0", "(" * 2000, "x = '\ud800'"])
def test_what_is_no_python_is_a_syntax_error_of_the_example(code: str) -> None:
    with pytest.raises(SyntaxError) as caught:
        compile_cell(Cell(NAME, code))
    assert caught.value.filename == NAME


def test_its_lines_can_be_quoted() -> None:
    compile_cell(Cell(NAME, "x = 1\nx / 0"))
    assert linecache.getline(NAME, 2) == "x / 0"


def test_a_value_is_written_whole_or_cut() -> None:
    assert show(None) == (None, False)
    assert show("a") == ("'a'", False)
    assert show("a" * (LONGEST_VALUE - 2)) == (repr("a" * (LONGEST_VALUE - 2)), False)
    assert show("a" * LONGEST_VALUE) == ("'" + "a" * (LONGEST_VALUE - 1), True)


def test_what_is_shown_is_text_of_no_class_of_the_answer_s() -> None:
    class Lying(str):
        __slots__ = ()

        def __getitem__(self, _index: Any) -> str:
            raise AssertionError

        def __len__(self) -> int:
            raise AssertionError

    class Value:
        def __repr__(self) -> str:
            return Lying("text")

    shown, is_cut = show(Value())
    assert type(shown) is str
    assert (shown, is_cut) == ("text", False)
