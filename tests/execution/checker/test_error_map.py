"""The error map: right in every place, bounded, and there only where it says more than a sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.packages import write_package
from torch_judge.execution.checker.error_map import MOST_COLUMNS, MOST_ROWS, make_error_map
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.execution.protocol.codec import decode, encode
from torch_judge.judging.judge import judge
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Framework
from torch_judge.model.report import ErrorMap
from torch_judge.model.submission import from_source


def pictured(expected: Any, found: Any) -> ErrorMap | None:
    """Return the picture of two observations as the checker gets them."""
    return make_error_map(decode(*encode(expected)), decode(*encode(found)))


def spoilt(shape: tuple[int, ...], *places: tuple[Any, ...]) -> ErrorMap | None:
    right, wrong = torch.ones(shape), torch.ones(shape)
    for place in places:
        wrong[place] = 2.0
    return pictured({"output": right}, {"output": wrong})


def test_a_small_tensor_is_shown_value_by_value() -> None:
    assert spoilt((3, 4), (1, 2), (2,)) == ErrorMap("output", (3, 4), 5, ("0000", "0090", "9999"))


def test_a_row_of_numbers_is_one_row() -> None:
    assert spoilt((10,), (0,), (9,)) == ErrorMap("output", (10,), 2, ("9000000009",))


def test_all_axes_but_the_last_are_rows() -> None:
    assert spoilt((2, 2, 3), (1, 0)) == ErrorMap("output", (2, 2, 3), 3, ("000", "000", "999", "000"))


def test_one_wrong_value_among_a_million_is_seen() -> None:
    found = spoilt((1000, 1000), (999, 999))
    assert found is not None
    assert (len(found.grid), len(found.grid[0])) == (MOST_ROWS, MOST_COLUMNS)
    assert found.grid[-1] == "0" * (MOST_COLUMNS - 1) + "1"
    assert set("".join(found.grid[:-1])) == {"0"}


def test_one_right_value_in_a_place_keeps_it_from_the_last_digit() -> None:
    right, wrong = torch.zeros(64, 64), torch.ones(64, 64)
    wrong[0, 0] = 0.0
    found = pictured(right, wrong)
    assert found is not None
    assert (found.where, found.grid[0][0]) == ("result", "8")
    assert set("".join(found.grid)[1:]) == {"9"}


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        (torch.ones(7), torch.zeros(7)),
        (torch.tensor(1.0), torch.tensor(2.0)),
        (torch.ones(4, 4), torch.ones(4, 4) + 1e-9),
        (torch.ones(4, 4), torch.ones(4, 5)),
        (torch.ones(4, 4), torch.ones(4, 4).double() + 1),
        (torch.ones(0, 4), torch.ones(0, 4)),
        ({"a": torch.ones(4, 4)}, {"b": torch.zeros(4, 4)}),
        ({"a": 1.0, "b": "x"}, {"a": 2.0, "b": "y"}),
        (torch.ones(1025, 1024), torch.zeros(1025, 1024)),
    ],
)
def test_where_a_sentence_says_it_all_there_is_no_picture(expected: Any, found: Any) -> None:
    assert pictured(expected, found) is None


def test_the_picture_is_of_the_first_array_that_is_wrong() -> None:
    right = {"a": torch.ones(4, 4), "b": [torch.ones(2, 8), torch.ones(3, 8)]}
    wrong = {"a": torch.ones(4, 4), "b": [torch.ones(2, 8), torch.zeros(3, 8)]}
    found = pictured(right, wrong)
    assert found is not None
    assert (found.where, found.shape) == ("b[1]", (3, 8))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=4), st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_the_digits_add_up_to_what_is_wrong(shape: list[int], seed: int, share: float) -> None:
    mask = np.random.default_rng(seed).random(shape) < share
    found = pictured(np.zeros(shape), mask.astype(float))
    if mask.size < 8 or not mask.any() or mask.size > 1 << 20:
        assert found is None
        return
    assert found is not None
    digits = "".join(found.grid)
    assert found.wrong == mask.sum()
    assert (set(digits) == {"9"}) == mask.all()
    assert (
        len(found.grid) <= MOST_ROWS
        and len({len(row) for row in found.grid}) == 1
        and len(found.grid[0]) <= MOST_COLUMNS
    )
    if len(digits) == mask.size:
        assert digits == "".join("09"[int(each)] for each in mask.reshape(-1))


def test_a_report_carries_the_picture_of_each_wrong_case(tmp_path: Any) -> None:
    write_package(tmp_path)
    problem = find_bank(tmp_path).load("double")
    with ForkServer(Framework.TORCH) as server:
        wrong = "def double(x, scale=2.0):\n    y = x * scale\n    return y + (y > 0)\n"
        report = judge(problem, from_source(wrong), server=server, seed=1)
        right = judge(
            problem, from_source("def double(x, scale=2.0): return x * scale"), server=server, seed=1
        )
    picture = report.cases[0].picture
    assert picture is not None
    assert (picture.where, picture.shape, len(picture.grid)) == ("output", (3, 5), 3)
    assert "".join(picture.grid).count("9") == picture.wrong > 0
    assert [case.picture for case in right.cases] == [None] * 3
