"""Tensors and arrays as faults see and change them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from torch_judge.execution.checker.fault_values import (
    as_numbers,
    copy,
    is_array,
    is_same,
    list_parts,
    measure,
    replace_part,
    shares_memory,
    walk_arrays,
    write,
)


def test_what_is_written_lands_in_the_array_behind_the_back_of_autograd() -> None:
    leaf, array = torch.zeros(2, requires_grad=True), np.zeros(2)
    for target in (leaf, array):
        write(target, np.array([1.0, 2.0]))
        assert as_numbers(target).tolist() == [1.0, 2.0]
    assert leaf.requires_grad and leaf.is_leaf


def test_a_copy_shares_nothing_and_carries_no_graph() -> None:
    value = torch.ones(2, requires_grad=True) * 2
    copied = copy(value)
    assert is_same(copied, value) and not shares_memory(copied, value) and not copied.requires_grad
    assert shares_memory(value[:1], value)


def test_arrays_with_nan_in_the_same_places_are_the_same() -> None:
    one = torch.tensor([1.0, float("nan")])
    assert is_same(one, one.clone()) and not is_same(one, torch.tensor([float("nan"), 1.0]))


@pytest.mark.parametrize(
    ("value", "magnitude"),
    [
        (torch.tensor([-3.0, 2.0]), 3.0),
        (torch.tensor([float("inf"), 2.0]), 2.0),
        (torch.tensor([], dtype=torch.float64), 0.0),
        (torch.tensor([-4, 1]), 4.0),
        (torch.tensor([True]), 1.0),
        (torch.tensor([2.5], dtype=torch.bfloat16), 2.5),
        (np.array([1.5]), 1.5),
    ],
)
def test_an_array_is_measured_by_its_largest_finite_magnitude(value: object, magnitude: float) -> None:
    assert measure(value) == magnitude


def test_arrays_are_found_in_arguments_lists_dicts_and_modules() -> None:
    one, layer = torch.ones(1), nn.BatchNorm1d(2)
    assert [path for path, _ in walk_arrays("x", one)] == [("x",)]
    assert [path for path, _ in walk_arrays("x", [one, 3, one])] == [("x", "0"), ("x", "2")]
    assert [path for path, _ in walk_arrays("x", {"a": one, "b": "c"})] == [("x", "a")]
    names = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]
    assert [path for path, _ in walk_arrays("bn", layer)] == [("bn", name) for name in names]
    assert list(walk_arrays("x", "text")) == []


def test_tensors_whose_numbers_do_not_lie_in_memory_are_left_alone() -> None:
    assert not is_array(torch.ones(2, device="meta"))
    assert not is_array(torch.ones(2).to_sparse())
    assert not is_array(np.array(["text"]))
    seen = []
    torch.func.vmap(lambda row: seen.append(is_array(row)) or row)(torch.ones(2, 2))
    assert seen == [False]


def test_a_part_of_a_result_is_replaced_in_its_place() -> None:
    one, two = torch.ones(1), torch.zeros(1)
    assert replace_part(one, "", lambda value: value + 1).item() == 2
    assert replace_part((one, two), "1", lambda value: value + 5)[1].item() == 5
    assert replace_part([one, two], "0", lambda value: value + 5)[0].item() == 6
    assert replace_part({"a": one}, "a", lambda value: value * 4)["a"].item() == 4
    assert replace_part(0.5, "", lambda value: value * 2) == 1.0
    layer = nn.Linear(1, 1)
    assert replace_part(layer, "bias", torch.ones_like) is layer and layer.bias.item() == 1
    assert list(list_parts((one, "text", two))) == ["0", "2"] and list_parts("text") == {}
