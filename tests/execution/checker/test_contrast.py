"""How two outcomes differ, which difference tells more, and what is shown of it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from torch_judge.authoring.inputs import InputSpace
from torch_judge.authoring.suite import Tolerance
from torch_judge.execution.checker.contrast import CallOutcome, Kind, find_kind, make_counterexample, measure
from torch_judge.execution.protocol.codec import Array

SPACE = InputSpace(lambda _: {}, lambda *_: {}, Tolerance(relative=1e-3, of_scale=1e-3))
EXACT = InputSpace(SPACE.inputs, SPACE.observed, SPACE.tolerance, exact_in_float64=True)


def array(*numbers: float, dtype: str = "float32") -> Array:
    return Array("tensor", dtype, np.array(numbers, dtype=dtype))


def outcome(**cells: Any) -> CallOutcome:
    return CallOutcome(cells)


ERROR = CallOutcome(raised=("ValueError", "Exception"), words="ValueError: no")
ONE = outcome(output=array(1.0))
KINDS = {
    "nothing": (ONE, outcome(output=array(1.0)), None),
    "the same error": (ERROR, CallOutcome(raised=("Own", "ValueError"), words="Own"), None),
    "a number": (ONE, outcome(output=array(2.0)), Kind.VALUES),
    "a flag": (outcome(training=True), outcome(training=False), Kind.VALUES),
    "a row too much": (ONE, outcome(output=array(1.0), more=True), Kind.VALUES),
    "nan": (ONE, outcome(output=array(math.nan)), Kind.NOT_FINITE),
    "nan expected": (outcome(result=math.nan), outcome(result=1.0), Kind.NOT_FINITE),
    "infinity in a list": (outcome(result=[1.0]), outcome(result=[math.inf]), Kind.NOT_FINITE),
    "no error": (ERROR, ONE, Kind.REFUSAL),
    "an error": (ONE, ERROR, Kind.RAISED),
    "another error": (ERROR, CallOutcome(raised=("KeyError",), words="KeyError"), Kind.RAISED),
}


@pytest.mark.parametrize(("expected", "yours", "kind"), KINDS.values(), ids=KINDS.keys())
def test_a_difference_is_of_a_kind(expected: CallOutcome, yours: CallOutcome, kind: Kind | None) -> None:
    assert find_kind(expected, yours, SPACE) is kind


def test_float64_with_the_digits_of_float32_is_told_where_more_are_promised() -> None:
    expected = outcome(output=array(1 / 3, dtype="float64"))
    coarse = outcome(output=array(float(np.float32(1 / 3)), dtype="float64"))
    rounded = outcome(output=array(1 / 3 + 1e-10, dtype="float64"))
    assert find_kind(expected, coarse, EXACT) is Kind.DIGITS
    assert find_kind(expected, coarse, SPACE) is None
    assert find_kind(expected, rounded, EXACT) is None
    cancelled = outcome(output=array(1 / 3 + 1e-7, dtype="float64"))
    assert find_kind(expected, cancelled, EXACT) is None
    assert find_kind(outcome(output=array(1.0)), outcome(output=array(1.0 + 1e-6)), EXACT) is None
    assert make_counterexample({}, expected, coarse, EXACT).differs == ("output",)


def test_a_buffer_may_stay_in_float32_where_the_result_is_exact() -> None:
    exact = array(1 / 3, dtype="float64")
    rounded = array(float(np.float32(1 / 3)), dtype="float64")
    expected = outcome(output=exact, running_mean=exact)
    assert find_kind(expected, outcome(output=exact, running_mean=rounded), EXACT) is None
    assert find_kind(expected, outcome(output=rounded, running_mean=exact), EXACT) is Kind.DIGITS


def test_what_cancels_beside_large_numbers_has_no_digits() -> None:
    expected = outcome(gradient=array(4.776e-43, dtype="float64"), output=array(1.0, dtype="float64"))
    yours = outcome(gradient=array(0.0, dtype="float64"), output=array(1.0, dtype="float64"))
    assert find_kind(expected, yours, EXACT) is None


def test_the_kind_counts_before_the_size() -> None:
    small, large = {"x": array(0.0)}, {"x": array(0.0, 1.0, 2.0)}
    assert measure(Kind.VALUES, large, (1, 1)) < measure(Kind.NOT_FINITE, small, (0,))
    assert measure(Kind.NOT_FINITE, large, (1,)) < measure(Kind.RAISED, small, (0,))
    assert measure(Kind.RAISED, small, (1,)) < measure(Kind.RAISED, large, (1,))
    assert measure(Kind.VALUES, small, (0, 2)) < measure(Kind.VALUES, small, (1, 2))
    assert Kind.VALUES.tells_as_much_as(Kind.RAISED)
    assert not Kind.RAISED.tells_as_much_as(Kind.NOT_FINITE)


def test_nothing_is_plainer_than_first_options_alone() -> None:
    assert measure(Kind.VALUES, {}, (0, 0)).is_plainest
    assert not measure(Kind.VALUES, {}, (0, 1)).is_plainest
    larger, smaller = {"x": array(0.0, 0.0)}, {"x": array(0.0)}
    assert measure(Kind.RAISED, larger, (0, 0)) < measure(Kind.RAISED, smaller, (1,))


def test_what_was_handed_in_is_named_as_it_is_after_the_call() -> None:
    expected, yours = outcome(running_mean=array(2.0)), outcome(running_mean=array(1.0))
    example = make_counterexample({"running_mean": array(0.0)}, expected, yours, SPACE)
    assert example.inputs == (("running_mean", "[0.]"),)
    assert example.yours == (("running_mean after the call", "[1.]"),)
    assert example.expected == (("running_mean after the call", "[2.]"),)
    assert example.differs == ("running_mean after the call",)


def test_a_changed_input_is_shown_beside_what_it_was() -> None:
    yours = CallOutcome({"output": array(1.0), "x after the call": array(5.0)})
    example = make_counterexample({"x": array(3.0)}, ONE, yours, SPACE)
    assert dict(example.expected)["x after the call"] == "[3.]"
    assert example.differs == ("x after the call",)


def test_what_is_true_and_should_not_be_is_expected_to_be_false() -> None:
    yours = CallOutcome({"output": array(1.0), "running_mean.requires_grad": True, "missing": "a, b"})
    example = make_counterexample({}, ONE, yours, SPACE)
    assert dict(example.expected) == {"output": "[1.]", "running_mean.requires_grad": "False"}
    assert set(example.differs) == {"running_mean.requires_grad", "missing"}


def test_a_cell_of_the_space_that_is_named_raised_is_no_error_of_the_call() -> None:
    expected = outcome(raised="Broken", training=True)
    yours = outcome(raised="Broken", training=False)
    assert make_counterexample({}, expected, yours, SPACE).differs == ("training",)


def test_an_error_is_what_differs_whatever_else_is_expected() -> None:
    example = make_counterexample({"x": array(0.0)}, ONE, ERROR, SPACE)
    assert example.differs == ("raised",)
    assert example.yours == (("raised", "ValueError: no"),)
    assert example.expected == (("output", "[1.]"),)
