"""What cases do with a learner's module: whatever does not fit is a wrong answer in words."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from torch_judge.authoring.modules import build, deep_copy, fill, load_state, snapshot, tensor_of
from torch_judge.authoring.suite import WrongAnswer


class Graphed(nn.Module):
    """Keeps a tensor with a graph, which cannot be copied."""

    def __init__(self) -> None:
        super().__init__()
        self.kept = torch.ones(2, requires_grad=True) * 2


def test_a_module_is_made_with_the_arguments() -> None:
    assert build(nn.Linear, 2, 3, bias=False).weight.shape == (3, 2)


def test_what_is_no_module_is_rejected() -> None:
    with pytest.raises(WrongAnswer, match=r"^expected an nn\.Module, found an instance of dict$"):
        build(dict)


def test_what_a_module_holds_is_found_in_submodules_too() -> None:
    module = nn.Sequential(nn.Linear(2, 3))
    assert tensor_of(module, "0.weight") is module[0].weight
    with pytest.raises(WrongAnswer, match=r"^0\.gamma of the module: expected a tensor, found NoneType$"):
        tensor_of(module, "0.gamma")
    with pytest.raises(WrongAnswer, match=r"^1\.weight of the module: expected a tensor, found NoneType$"):
        tensor_of(module, "1.weight")


def test_filling_keeps_the_dtype_and_needs_the_shape() -> None:
    layer = nn.Linear(2, 1).double()
    fill("weight", layer.weight, [[3.0, 4.0]])
    assert layer.weight.dtype is torch.float64
    assert layer.weight.tolist() == [[3.0, 4.0]]
    assert layer.weight.requires_grad
    with pytest.raises(WrongAnswer, match=r"^weight: expected shape \(2,\), found \(1, 2\)$"):
        fill("weight", layer.weight, [3.0, 4.0])
    with pytest.raises(WrongAnswer, match=r"^weight: expected a tensor, found NoneType$"):
        fill("weight", None, [3.0])


def test_a_state_is_safe_from_later_updates() -> None:
    norm = nn.BatchNorm1d(2)
    before = snapshot(norm, ["running_mean", "weight"])
    norm(torch.tensor([[1.0, 2.0], [3.0, 5.0]]))
    assert before["running_mean"].tolist() == [0.0, 0.0]
    assert not before["weight"].requires_grad


def test_a_state_that_does_not_fit_is_rejected() -> None:
    source = nn.Linear(2, 1)
    assert torch.equal(load_state(nn.Linear(2, 1), source.state_dict()).weight, source.weight)
    with pytest.raises(WrongAnswer, match=r"^load_state_dict: (?s:.)*Missing key"):
        load_state(nn.Linear(2, 1), {})


def test_a_module_that_cannot_be_copied_is_rejected() -> None:
    layer = nn.Linear(2, 1)
    assert deep_copy(layer).weight is not layer.weight
    with pytest.raises(WrongAnswer, match=r"^copy\.deepcopy of the module: "):
        deep_copy(Graphed())
