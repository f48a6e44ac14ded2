"""Comparison: what is right passes, what is not is named with its place."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.execution.protocol.test_codec import OBSERVATIONS
from torch_judge.authoring.suite import Tolerance
from torch_judge.execution.checker.comparison import find_difference, find_misfit
from torch_judge.execution.protocol.codec import DTYPES, Array, decode, encode

SHAPE = (5, 4)


def sent(observation: Any) -> Any:
    """Return an observation as the checker gets it."""
    return decode(*encode(observation))


def difference(expected: Any, found: Any, tolerance: Tolerance | None = None) -> str | None:
    return find_difference(sent(expected), sent(found), tolerance=tolerance)


def answer(seed: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """Return numbers of common size, none of them near zero."""
    rng = np.random.default_rng(seed)
    return torch.from_numpy(rng.uniform(0.5, 2.0, SHAPE) * rng.choice([-1, 1], SHAPE)).to(dtype)


@settings(deadline=None)
@given(OBSERVATIONS)
def test_every_observation_is_like_itself(observation: Any) -> None:
    assert difference(observation, observation) is None


def test_the_message_names_the_place_and_both_numbers() -> None:
    expected = {"running_mean": torch.tensor([1.0, 2.0, 0.27])}
    found = {"running_mean": torch.tensor([1.0, 2.0, 0.63])}
    assert difference(expected, found) == "running_mean[2]: expected 0.27, found 0.63 (1 of 3 values differ)"


@pytest.mark.parametrize(
    ("expected", "found", "says"),
    [
        ({"a": [1, {"b": 2.5}]}, {"a": [1, {"b": 3.5}]}, "a[1].b: expected 2.5, found 3.5"),
        (torch.tensor(0.27), torch.tensor(0.63), "result: expected 0.27, found 0.63"),
        (torch.eye(2), torch.zeros(2, 2), "result[0, 0]: expected 1, found 0 (2 of 4 values differ)"),
        (torch.tensor([1.0]), torch.tensor([1.0005]), "result[0]: expected 1, found 1.0005"),
        (torch.tensor([1.0]), torch.tensor([math.nan]), "result[0]: expected 1, found nan"),
        (torch.tensor([7, 8]), torch.tensor([7, 9]), "result[1]: expected 8, found 9 (1 of 2 values differ)"),
        (torch.tensor([True]), torch.tensor([False]), "result[0]: expected True, found False"),
        ({"n": 3}, {"n": 4}, "n: expected 3, found 4"),
        ({"n": 3}, {"n": True}, "n: expected an int (3), found a bool (True)"),
        ({"n": "a"}, {"n": "b" * 1000}, f"n: expected 'a', found '{'b' * 79}..."),
        ({"n": torch.zeros(2, 3)}, {"n": None}, "n: expected a tensor of shape (2, 3), found None"),
        (
            {"n": torch.zeros(3)},
            {"n": np.zeros(3)},
            "n: expected a tensor of shape (3,), found a NumPy array of shape (3,)",
        ),
        (
            {"n": torch.tensor(1.0)},
            {"n": 1.0},
            "n: expected a tensor without dimensions, found a float (1.0)",
        ),
        (
            {"n": torch.zeros(3)},
            {"n": (torch.zeros(3),)},
            "n: expected a tensor of shape (3,), found a tuple of 1",
        ),
        ({"n": torch.zeros(2, 3)}, {"n": torch.zeros(3, 2)}, "n: expected shape (2, 3), found (3, 2)"),
        ({"n": torch.zeros(2)}, {"n": torch.zeros(2).double()}, "n: expected dtype float32, found float64"),
        ({"a": 1, "b": 2}, {"a": 1, "c": 2}, "result: expected the keys a, b, found a, c"),
        ([1, 2], [1, 2, 3], "result: expected 2 values, found 3"),
    ],
)
def test_each_kind_of_difference_has_its_sentence(expected: Any, found: Any, says: str) -> None:
    assert difference(expected, found) == says


def test_the_keys_of_a_hostile_dict_do_not_make_a_long_message() -> None:
    says = difference({"a": 1}, {f"{n}{'k' * 1000}": 1 for n in range(100)})
    assert says is not None
    assert len(says) < 250


def test_the_order_of_keys_does_not_matter() -> None:
    assert difference({"a": 1, "b": 2}, {"b": 2, "a": 1}) is None


BENT = {
    "NaN everywhere": lambda right: right * math.nan,
    "one NaN": lambda right: bend(right, math.nan),
    "one infinity": lambda right: bend(right, math.inf),
    "zeros": torch.zeros_like,
    "0.2 percent off": lambda right: right * 1.002,
    "one value 0.2 percent off": lambda right: bend(right, float(right[2, 1]) * 1.002),
    "shifted by a little": lambda right: right + 1e-3,
    "the other sign": lambda right: -right,
    "double": lambda right: right.double(),
    "half": lambda right: right.half(),
    "integers": lambda right: right.long(),
    "complex": lambda right: right.to(torch.complex64),
    "another shape": lambda right: right.reshape(4, 5),
    "the transposed": lambda right: right.t(),
    "flat": lambda right: right.flatten(),
    "one more dimension": lambda right: right[None],
    "a scalar to broadcast": lambda right: right.mean(),
    "one row to broadcast": lambda right: right[:1],
    "an empty tensor": lambda right: right[:0],
    "None": lambda _right: None,
    "a number": lambda right: float(right.mean()),
    "a NumPy array": lambda right: right.numpy(),
    "a list": lambda right: right.tolist(),
    "a tuple of it": lambda right: (right,),
    "rows in another order": lambda right: right.flip(0),
    "nothing like it": lambda _right: "accepted",
}


def bend(right: torch.Tensor, value: float) -> torch.Tensor:
    bent = right.clone()
    bent[2, 1] = value
    return bent


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("bent", BENT.values(), ids=BENT.keys())
@pytest.mark.parametrize("seed", range(3))
def test_a_bent_answer_is_rejected(bent: Any, seed: int, dtype: torch.dtype) -> None:
    right = answer(seed, dtype)
    found = bent(right)
    unchanged = isinstance(found, torch.Tensor) and found.dtype is dtype and torch.equal(found, right)
    if not unchanged:
        assert difference({"output": right}, {"output": found}) is not None
        assert difference(right, found) is not None


@given(st.integers(0, 2**32), st.sampled_from([1e-20, 1e-3, 1.0, 1e6, 1e20]))
def test_the_noise_of_float32_is_accepted_at_any_scale(seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    right = rng.normal(size=(7, 300)) * scale
    summed = right.astype("float32").sum(1, dtype="float32")
    other = np.asarray([math.fsum(row) for row in right.astype("float32")], "float32")
    rounded = (right.astype("float32") * np.float32(1.1)) / np.float32(1.1)
    assert difference({"sums": right.astype("float32"), "s": summed}, {"sums": rounded, "s": other}) is None


@given(st.integers(0, 2**32), st.sampled_from([1e-20, 1e-3, 1.0, 1e6, 1e20]))
def test_two_permille_are_rejected_at_any_scale(seed: int, scale: float) -> None:
    right = torch.from_numpy(np.random.default_rng(seed).uniform(0.5, 2.0, SHAPE) * scale).float()
    assume(bool((right > 0).all()))
    assert difference(right, right * 1.002) is not None


@pytest.mark.parametrize(
    ("dtype", "fine", "wrong"), [("float64", 1e-11, 1e-7), ("float32", 1e-6, 1e-3), ("float16", 1e-3, 2e-2)]
)
def test_the_tolerance_follows_the_dtype(dtype: str, fine: float, wrong: float) -> None:
    right = np.array([1.0, -2.0, 1.5]).astype(dtype)
    assert difference(right, (right * (1 + fine)).astype(dtype)) is None
    assert difference(right, (right * (1 + wrong)).astype(dtype)) is not None


@pytest.mark.parametrize("dtype", ["bfloat16", "complex64", "complex128"])
def test_bfloat16_and_complex_numbers_are_compared_too(dtype: str) -> None:
    right = torch.tensor([1.0, -2.0, 1.5]).to(getattr(torch, dtype))
    assert difference(right, right.clone()) is None
    assert difference(right, right * 1.1) is not None
    assert difference(right, -right) is not None


def test_the_imaginary_part_counts() -> None:
    assert difference(torch.tensor([1 + 2j]), torch.tensor([1 + 2.1j])) is not None


def test_complex_numbers_near_the_largest_do_not_make_everything_equal() -> None:
    right = torch.tensor([3e38 + 3e38j, 1 + 1j])
    assert difference(right, torch.tensor([1e38 + 3e38j, 1 + 1j])) is not None


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int32", "int64", "uint64"])
def test_whole_numbers_are_compared_exactly(dtype: str) -> None:
    right = np.array([0, 1, 1, 0]).astype(dtype)
    wrong = right.copy()
    wrong[3] = 1
    assert difference(right, right.copy()) is None
    assert difference(right, wrong) is not None


def test_large_whole_numbers_are_not_rounded() -> None:
    assert difference(torch.tensor([2**62 + 1]), torch.tensor([2**62])) == (
        "result[0]: expected 4611686018427387905, found 4611686018427387904"
    )
    assert difference(2**62 + 1, 2**62) is not None


NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    "found",
    [[NAN, 1.0, INF, -INF], [1.0, NAN, -INF, INF], [1.0, 2.0, INF, -INF], [1.0, NAN, INF, 3e38], [NAN] * 4],
)
def test_nan_and_infinities_match_by_position_and_sign(found: list[float]) -> None:
    right = torch.tensor([1.0, NAN, INF, -INF])
    assert difference(right, right.clone()) is None
    assert difference(right, torch.tensor(found)) is not None


def test_nan_of_a_python_float_matches_nan_only() -> None:
    assert difference({"a": NAN}, {"a": NAN}) is None
    assert difference({"a": NAN}, {"a": 1.0}) is not None
    assert difference({"a": 1.0}, {"a": NAN}) is not None


def test_a_python_float_and_a_float64_scalar_of_numpy_are_the_same() -> None:
    assert difference(1.5, np.float64(1.5)) is None
    assert difference(1.5, np.float32(1.5)) is not None


def test_a_number_that_should_be_zero_may_be_noise_of_what_stands_beside_it() -> None:
    right = {"gradient": torch.tensor([0.0]), "output": torch.tensor([1.0])}
    assert difference(right, {**right, "gradient": torch.tensor([5e-8])}) is None
    assert difference(right, {**right, "gradient": torch.tensor([1e-3])}) is not None


def test_a_small_array_beside_one_of_common_size_is_not_swallowed() -> None:
    right = {"small": torch.tensor([1e-3, 2e-3]), "output": torch.tensor([1.0, 2.0])}
    assert difference(right, {**right, "small": torch.zeros(2)}) is not None


def test_what_is_left_of_what_cancels_may_be_off_by_a_rounding_of_the_largest() -> None:
    large, left = torch.tensor([500.0]).double(), torch.tensor([1.1476497e-08]).double()
    expected = {"large": large, "left": left}
    assert difference(expected, {"large": large, "left": left + 4e-16}) is None
    assert difference(expected, {"large": large, "left": left * 1.001}) is not None
    assert difference({"left": left}, {"left": left + 4e-16}) is not None


def test_a_tolerance_of_the_case_takes_the_place_of_the_common_one() -> None:
    right, near = torch.tensor([1.0]), torch.tensor([1.02])
    assert difference(right, near) is not None
    assert difference(right, near, Tolerance(relative=0.05, of_scale=0.0)) is None
    assert difference(right, right * 1.00001, Tolerance(relative=0.0, of_scale=0.0)) is not None


def test_empty_arrays_are_compared_by_shape_and_dtype() -> None:
    assert difference(torch.zeros(0, 3), torch.zeros(0, 3)) is None
    assert difference(torch.zeros(0, 3), torch.zeros(3, 0)) is not None


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_that_travels_can_be_compared(dtype: str) -> None:
    right = torch.tensor([0, 1, 1]).to(getattr(torch, dtype))
    assert difference(right, right.clone()) is None
    assert difference(right, torch.tensor([1, 1, 1]).to(right.dtype)) is not None


def test_a_misfit_looks_at_no_value() -> None:
    assert find_misfit(sent(torch.zeros(3)), sent(torch.ones(3))) is None
    assert (
        find_misfit(sent(torch.zeros(3)), sent(torch.zeros(4))) == "result: expected shape (3,), found (4,)"
    )
    assert isinstance(sent(torch.zeros(3)), Array)


def test_a_large_array_does_not_loosen_the_one_beside_it() -> None:
    expected = {"output": torch.tensor([1.0, -2.0]), "mean": torch.tensor([1e6])}
    assert difference(expected, {"output": torch.tensor([1.001, -2.0]), "mean": torch.tensor([1e6])})


def test_rounding_noise_beside_a_large_array_is_zero_enough() -> None:
    expected = {"gradient": torch.tensor([0.0, 1e-9]), "output": torch.tensor([3.0])}
    assert (
        difference(expected, {"gradient": torch.tensor([2e-8, 0.0]), "output": torch.tensor([3.0])}) is None
    )
    assert difference(expected, {"gradient": torch.tensor([2e-6, 0.0]), "output": torch.tensor([3.0])})
