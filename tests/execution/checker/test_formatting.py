"""Values as short texts: what differs reads differently, and the two styles of a number are one writer's."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from torch_judge.execution.checker.formatting import (
    LONGEST_CELL,
    format_cell,
    format_pairs,
    format_rows,
    split_cells,
    tell_cells_apart,
    tell_numbers_apart,
)
from torch_judge.execution.protocol.codec import decode, encode


def sent(value: Any) -> Any:
    """Return a value as the checker gets it."""
    return decode(*encode(value))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1."),
        (-0.0, "0."),
        (1 / 3, "0.3333"),
        (1e-5, "1e-05"),
        (math.inf, "inf"),
        (math.nan, "nan"),
        (3, "3"),
        (True, "True"),
        (None, "None"),
        ("a", "a"),
        ([1.0, (2.0, "b")], "[1., (2., b)]"),
        ({"a": 1.5, "b": [2]}, "{a: 1.5, b: [2]}"),
        (torch.tensor([[1.0, 2.0]]), "[[1., 2.]]"),
        (torch.tensor(2.5), "2.5"),
        (torch.tensor([1, 2]), "[1, 2]"),
        (torch.tensor([1 + 2j]), "[1+2j]"),
        (torch.zeros(9, 50), "shape (9, 50)"),
        (torch.zeros(2, 0), "[[], []]"),
    ],
)
def test_a_cell_is_one_short_line(value: Any, text: str) -> None:
    assert format_cell(sent(value)) == text


def test_a_long_cell_is_cut() -> None:
    text = format_cell("x" * 1000)
    assert (len(text), text[-4:]) == (LONGEST_CELL, "x...")


@pytest.mark.parametrize(
    ("first", "second", "texts"),
    [
        (1.0, 2.0, ("1.", "2.")),
        (1.0, 1.00001, ("1.", "1.00001")),
        (1.0, 1, ("1. (float)", "1 (int)")),
        (torch.ones(1), torch.ones(1).double(), ("[1.] (float32 tensor)", "[1.] (float64 tensor)")),
        (torch.ones(1), np.ones(1, np.float32), ("[1.] (float32 tensor)", "[1.] (float32 NumPy array)")),
        (torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.0001]), ("[1., 2.]", "[1., 2.0001]")),
    ],
)
def test_cells_that_differ_read_differently(first: Any, second: Any, texts: tuple[str, str]) -> None:
    assert tell_cells_apart(sent(first), sent(second)) == texts


@pytest.mark.parametrize(
    ("first", "second", "texts"),
    [
        (np.float32(1), np.float32(0), ("1", "0")),
        (np.float64(1), np.float64(1.0005), ("1", "1.0005")),
        (np.float64(0), np.float64(-1e-9), ("0", "-1e-09")),
        (np.float64(0.27), np.float64(math.nan), ("0.27", "nan")),
        (np.int64(7), np.int64(8), ("7", "8")),
        (np.bool_(1), np.bool_(0), ("True", "False")),
        (np.complex64(1), np.complex64(1 + 1j), ("1+0j", "1+1j")),
    ],
)
def test_numbers_of_a_sentence_have_as_few_digits_as_tell_them_apart(
    first: Any, second: Any, texts: tuple[str, str]
) -> None:
    assert tell_numbers_apart(first, second) == texts


@given(st.floats(), st.floats())
def test_any_two_numbers_that_differ_read_differently(first: float, second: float) -> None:
    assume(first != second)
    assume(not (math.isnan(first) and math.isnan(second)))
    left, right = tell_cells_apart(first, second)
    assert left != right
    left, right = tell_numbers_apart(first, second)
    assert left != right


def test_the_values_of_a_dict_are_rows_and_all_else_is_one() -> None:
    assert split_cells({"a": 1}) == {"a": 1}
    assert split_cells({}) == {"result": {}}
    assert split_cells([1]) == {"result": [1]}
    assert format_rows({"a": 1.0, "b": None}) == (("a", "1."), ("b", "None"))


def test_rows_that_differ_are_told_apart_and_those_on_one_side_only_are_shown() -> None:
    expected = {"same": 1 / 3, "wrong": 1.0, "missing": 2.0}
    yours = {"same": 1 / 3, "wrong": 1.000001, "extra": 3.0}
    assert format_pairs(expected, yours, ("wrong", "missing", "extra")) == (
        (("same", "0.3333"), ("wrong", "1."), ("missing", "2.")),
        (("same", "0.3333"), ("wrong", "1.000001"), ("extra", "3.")),
    )
