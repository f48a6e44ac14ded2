"""What cases observe: what does not fit is the learner's mistake, in words."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from torch_judge.authoring.observing import (
    gradients,
    name_arrays,
    narrow_to_float32,
    raised,
    require_gradients,
)
from torch_judge.authoring.suite import WrongAnswer


def inputs() -> tuple[torch.Tensor, torch.Tensor]:
    return torch.tensor([1.0, 2.0], requires_grad=True), torch.tensor([3.0, 5.0], requires_grad=True)


def test_gradients_are_taken_under_the_upstream_gradient() -> None:
    x, y = inputs()
    found = gradients(x * y, {"x": x, "y": y}, torch.tensor([10.0, 100.0]))
    assert {name: gradient.tolist() for name, gradient in found.items()} == {
        "gradient of x": [30.0, 500.0],
        "gradient of y": [10.0, 200.0],
    }
    assert not any(gradient.requires_grad for gradient in found.values())


@pytest.mark.parametrize(
    ("output", "says"),
    [
        (lambda _x, _y: None, "output: expected a tensor, found NoneType"),
        (lambda x, _y: x.detach().numpy(), "output: expected a tensor, found ndarray"),
        (lambda x, _y: x[:1], r"output: expected shape \(2,\), found \(1,\)"),
        (lambda x, _y: x.detach(), "output: no gradient can flow back from it"),
        (lambda x, _y: x * 2, "^gradient of y: expected a tensor, found no path from the output to y$"),
        (
            lambda _x, _y: torch.ones(2, requires_grad=True),
            "^gradient of x and y: expected a tensor, found no path from the output to x and y$",
        ),
    ],
)
def test_what_cannot_be_differentiated_is_a_wrong_answer_in_words(output, says: str) -> None:
    x, y = inputs()
    with pytest.raises(WrongAnswer, match=says):
        gradients(output(x, y), {"x": x, "y": y}, torch.ones(2))


def test_an_output_of_another_dtype_is_still_differentiated() -> None:
    x, y = inputs()
    assert gradients((x * y).double(), {"x": x}, torch.ones(2))["gradient of x"].tolist() == [3.0, 5.0]


def test_an_input_without_gradient_is_named() -> None:
    x, y = inputs()
    with pytest.raises(
        WrongAnswer, match=r"^y and gamma: expected requires_grad=True, found a value without gradient$"
    ):
        gradients(x * 2, {"x": x, "y": y.detach(), "gamma": None}, torch.ones(2))


# --- raised ---


class OddShapeError(ValueError):
    """A submission's own kind of error."""


def refuse(error: Exception) -> None:
    raise error


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ValueError("x"), "ValueError"),
        (OddShapeError("x"), "ValueError"),
        (AssertionError(), "AssertionError"),
        (torch.OutOfMemoryError("x"), "RuntimeError"),
    ],
)
def test_what_a_call_raises_is_told_by_its_built_in_kind(error: Exception, says: str) -> None:
    assert raised(refuse, error) == says
    assert raised(refuse, error=error) == says


def test_a_call_that_returns_raises_nothing() -> None:
    assert raised(len, "four") == "nothing"


@pytest.mark.parametrize(("error", "name"), [(ValueError("x"), "ValueError"), (None, "nothing")])
def test_settings_that_a_refusal_leaves_changed_are_a_wrong_answer(
    error: Exception | None, name: str
) -> None:
    def leave_gradients_off() -> None:
        torch.set_grad_enabled(False)
        if error is not None:
            raise error

    try:
        with pytest.raises(WrongAnswer, match=rf"a call that raises {name}: .* whether gradients are rec"):
            raised(leave_gradients_off)
    finally:
        torch.set_grad_enabled(True)


# --- gradients are asked for ---


def test_gradients_are_asked_for_by_name_or_for_all() -> None:
    tensors = {name: torch.ones(2) for name in ("x", "gamma", "mean")}
    wanted = require_gradients(tensors, "x", "gamma")
    assert list(wanted) == ["x", "gamma"]
    assert wanted["x"] is tensors["x"]
    assert [value.requires_grad for value in tensors.values()] == [True, True, False]
    assert list(require_gradients(tensors)) == ["x", "gamma", "mean"]
    assert tensors["mean"].requires_grad


# --- arrays ---


def test_arrays_get_the_names_that_a_learner_reads() -> None:
    first, second = np.ones(2), np.zeros(3)
    assert name_arrays([first, second], ("dx", "dgamma")) == {"dx": first, "dgamma": second}


@pytest.mark.parametrize(
    ("result", "says"),
    [
        (np.ones(2), "result: expected a tuple of two arrays, found a value of type ndarray"),
        ((np.ones(2),), "result: expected a tuple of two arrays, found 1"),
        ((np.ones(2), 3.0), "dgamma: expected an array, found a value of type float"),
    ],
)
def test_what_is_no_tuple_of_arrays_is_a_wrong_answer_in_words(result: object, says: str) -> None:
    with pytest.raises(WrongAnswer, match=f"^{says}$"):
        name_arrays(result, ("dx", "dgamma"))


def test_results_for_float32_may_be_float64_and_nothing_else() -> None:
    arrays = narrow_to_float32({"dx": np.ones(2), "dgamma": np.ones(2, np.float32)})
    assert {values.dtype for values in arrays.values()} == {np.dtype("float32")}
    with pytest.raises(WrongAnswer, match=r"^dx: expected float32 or float64, found float16$"):
        narrow_to_float32({"dx": np.ones(2, np.float16)})
