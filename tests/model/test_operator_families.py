"""Families of operators: names that a rule can hold, and that hold what they are named for."""

from __future__ import annotations

import pytest

from torch_judge.model.operator_families import CLOSED_MODULES, FAMILIES, is_in_closed_module


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_holds_names_each_once(family: str) -> None:
    names = FAMILIES[family]
    assert all(is_in_closed_module(name) if "." in name else name.isidentifier() for name in names)
    assert min(map(len, names)) > 2
    assert len(set(names)) == len(names)


def test_what_normalises_is_forbidden_with_its_gradients_and_other_makers() -> None:
    assert {
        "native_batch_norm",
        "native_batch_norm_backward",
        "cudnn_batch_norm",
        "native_layer_norm",
        "native_group_norm",
        "instance_norm",
    } <= set(FAMILIES["normalisations"])


def test_families_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        FAMILIES["normalisations"] = ()


@pytest.mark.parametrize(
    ("name", "closed"),
    [
        *((module, True) for module in CLOSED_MODULES),
        ("torch.optim.adam.Adam", True),
        ("torch.nn.init.normal_", True),
        ("torch.nn.initial", False),
        ("torch.nn", False),
        ("optim", False),
    ],
)
def test_a_closed_module_closes_what_is_in_it(name: str, *, closed: bool) -> None:
    assert is_in_closed_module(name) is closed
