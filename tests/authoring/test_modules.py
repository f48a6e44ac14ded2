"""What cases do with a learner's module: whatever does not fit is a wrong answer in words."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from torch_judge.authoring.modules import (
    build,
    build_plain,
    convert,
    deep_copy,
    fill,
    linear_of,
    load_state,
    snapshot,
    tensor_of,
)
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


class Plain:
    """Holds layers and tensors, and is no module."""

    def __init__(self, width: int = 3) -> None:
        self.W_q = nn.Linear(2, width)
        self.W_o = nn.Linear(2, width, bias=False)
        self.weight = torch.ones(2, requires_grad=True)


def test_an_object_of_any_class_is_made_where_that_will_do() -> None:
    assert build_plain(Plain, width=5).W_q.out_features == 5
    assert build_plain(nn.Linear, 2, 3).out_features == 3


def test_a_linear_layer_is_found_by_name_or_missed_in_words() -> None:
    owner = Plain()
    assert linear_of(owner, "W_q", 2, 3) is owner.W_q
    with pytest.raises(WrongAnswer, match=r"^W_k: expected an nn\.Linear, found nothing$"):
        linear_of(owner, "W_k", 2, 3)
    with pytest.raises(WrongAnswer, match=r"^weight: expected an nn\.Linear, found a Tensor$"):
        linear_of(owner, "weight", 2, 3)
    with pytest.raises(WrongAnswer, match=r"^W_q: expected nn\.Linear\(2, 4\), found nn\.Linear\(2, 3\)$"):
        linear_of(owner, "W_q", 2, 4)
    with pytest.raises(WrongAnswer, match=r"^W_o: expected an nn\.Linear with its bias, found one without$"):
        linear_of(owner, "W_o", 2, 3)


def test_an_object_is_put_into_a_dtype_part_by_part() -> None:
    owner = Plain()
    weight = owner.weight
    convert(owner, ["W_q", "weight"], torch.float64)
    assert owner.W_q.weight.dtype is torch.float64
    assert owner.weight is weight
    assert (weight.dtype, weight.requires_grad, weight.is_leaf) == (torch.float64, True, True)
    with pytest.raises(WrongAnswer, match=r"^bias: expected a layer or a tensor, found NoneType$"):
        convert(owner, ["bias"], torch.float64)


def test_what_an_object_holds_is_found_as_a_modules_is() -> None:
    owner = Plain()
    assert tensor_of(owner, "W_q.bias") is owner.W_q.bias
    assert snapshot(owner, ["weight"])["weight"].tolist() == [1.0, 1.0]
    with pytest.raises(WrongAnswer, match=r"^gamma of the object: expected a tensor, found NoneType$"):
        tensor_of(owner, "gamma")
