"""The circumstances of a small call: what each does to the inputs and around the call."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from torch_judge.authoring import Argument, Option, describe
from torch_judge.authoring.circumstances import Circumstance
from torch_judge.authoring.description import Library

INPUTS = {"x": torch.tensor([[1.0, 2.0]]), "numbers": torch.tensor([3, 4]), "scale": 2.0, "name": "a"}


def test_gradients_are_off_during_the_call_alone() -> None:
    with Circumstance.GRADIENTS_OFF.enter():
        assert not torch.is_grad_enabled()
    assert torch.is_grad_enabled()
    assert Circumstance.GRADIENTS_OFF.alter(INPUTS) is INPUTS


@pytest.mark.parametrize("circumstance", [Circumstance.GAPS, Circumstance.TINY])
def test_gradients_are_recorded_elsewhere(circumstance: Circumstance) -> None:
    with circumstance.enter():
        assert torch.is_grad_enabled()


def test_gaps_leave_the_numbers_as_they_are() -> None:
    arrays = INPUTS | {"array": np.array([5.0, 6.0])}
    altered = Circumstance.GAPS.alter(arrays)
    assert altered["x"].stride() == (4, 2)
    assert torch.equal(altered["x"], INPUTS["x"])
    assert torch.equal(altered["numbers"], INPUTS["numbers"])
    assert altered["array"].strides == (16,)
    assert altered["array"].tolist() == [5.0, 6.0]
    assert (altered["scale"], altered["name"]) == (2.0, "a")
    assert INPUTS["x"].is_contiguous()


def test_tiny_are_the_floating_point_numbers_of_tensors_and_arrays_alone() -> None:
    altered = Circumstance.TINY.alter(INPUTS | {"array": np.array([5], dtype=np.float32)})
    assert altered["x"].tolist() == [[pytest.approx(1e-7), pytest.approx(2e-7)]]
    assert altered["x"].dtype == torch.float32
    assert altered["array"].tolist() == [pytest.approx(5e-7)]
    assert altered["array"].dtype == np.float32
    assert altered["numbers"].tolist() == [3, 4]
    assert altered["scale"] == 2.0


def test_what_the_inputs_do_not_show_is_said() -> None:
    assert Circumstance.GRADIENTS_OFF.describe() == {"called under": "torch.no_grad()"}
    assert "gaps in memory" in Circumstance.GAPS.describe()["tensors"]
    assert Circumstance.TINY.describe() == {}


def listed(*, views: bool = True, **how: object) -> tuple[Circumstance, ...]:
    suite = describe(
        sizes={"rows": 3, "features": 4},
        arguments=[Argument("x", "rows features", views=views)],
        options=[Option("scale", 2.0, usual=(1.2, 1.9))],
        **how,
    )
    return suite.space.circumstances


def test_all_are_legal_where_a_description_leaves_nothing_out() -> None:
    assert listed() == tuple(Circumstance)


@pytest.mark.parametrize(
    ("case", "circumstance"),
    [
        ("works_with_gradients_off", Circumstance.GRADIENTS_OFF),
        ("works_on_non_contiguous_input", Circumstance.GAPS),
        ("works_on_tiny_values", Circumstance.TINY),
    ],
)
def test_what_a_description_leaves_out_is_not_tried(case: str, circumstance: Circumstance) -> None:
    assert set(listed(without={case: "It is not promised."})) == set(Circumstance) - {circumstance}


def test_what_must_be_contiguous_has_no_gaps() -> None:
    assert Circumstance.GAPS not in listed(views=False)


def test_arrays_have_no_gradients_to_be_off() -> None:
    assert Circumstance.GRADIENTS_OFF not in listed(library=Library.NUMPY.value)
