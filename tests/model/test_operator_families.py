"""Families of operators: names that a rule can hold, and that hold what they are named for."""

from __future__ import annotations

import pytest

from torch_judge.model.operator_families import FAMILIES


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_holds_names_each_once(family: str) -> None:
    names = FAMILIES[family]
    assert all(name.isidentifier() for name in names)
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
