"""Gradients as torch.autograd gives them."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from torch_judge.authoring.backpropagation import load_engine


def test_gradients_are_those_of_torch() -> None:
    x, weight, apart = (torch.randn(3, 4, dtype=torch.float64, requires_grad=True) for _ in range(3))
    upstreams = [torch.randn(3, 4, dtype=torch.float64) for _ in range(2)]
    expected = torch.autograd.grad([x * weight, x.exp()], [x, weight, apart], upstreams, allow_unused=True)
    found = load_engine()([x * weight, x.exp()], upstreams, [x, weight, apart])
    assert found[2] is None and expected[2] is None
    for one, other in zip(found[:2], expected[:2], strict=True):
        assert one is not None
        assert torch.equal(one, other)
    assert x.grad is None


def test_without_inputs_every_leaf_keeps_its_own() -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    upstream = torch.tensor([3.0, 5.0])
    for _ in range(2):
        load_engine()([x * x], [upstream], [])
    assert x.grad is not None
    assert x.grad.tolist() == [2 * 6.0, 2 * 20.0]


def test_a_graph_is_used_once() -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    output = x.exp()
    load_engine()([output], [torch.ones(2)], [x])
    with pytest.raises(RuntimeError, match="second time"):
        load_engine()([output], [torch.ones(2)], [x])


def test_no_compiler_is_loaded_for_it() -> None:
    program = (
        "import sys, torch\n"
        "from torch_judge.authoring.backpropagation import load_engine\n"
        "x = torch.ones(2, requires_grad=True)\n"
        "load_engine()([x * 2], [torch.ones(2)], [x])\n"
        "print('sympy' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
