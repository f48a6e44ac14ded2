"""Conditions on what came before a call: what happened to its object, and how that was made."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.fault_grids import try_faults

LAYER = """
class jury(nn.Module):
    def __init__(self, size, eps=0.5, affine=True):
        super().__init__()
        self.gamma = nn.Parameter(torch.full((size,), 1.5))
        self.eps = eps
        self.register_buffer("mean", torch.full((size,), 0.3))

    def forward(self, x):
        if self.training:
            with torch.no_grad():
                self.mean.mul_(0.5).add_(x.mean(dim=0))
        return (x - self.mean) * self.gamma + self.eps
"""
OF_OBJECTS = {
    "train": "",
    "eval": "layer.eval()",
    "after_deepcopy": "layer = copy.deepcopy(layer)",
    "after_load_state_dict": "nn.Sequential(layer).load_state_dict(nn.Sequential(jury(4)).state_dict())",
    "after_double": "nn.Sequential(layer).double()\nx = x.double()",
    "training_written": "layer.training = False",
    "train_after_eval": "nn.Sequential(layer).eval()\nlayer.train()",
    "zeros(self.gamma)": "nn.init.zeros_(layer.gamma)",
    "ones(self.gamma)": "nn.init.ones_(layer.gamma)",
    "zeros(self.mean)": "layer.mean.zero_()",
    "state_changed_outside": "layer(x)\nlayer.mean.fill_(2.0)",
    "second_call": "layer(x)",
}


@pytest.mark.parametrize("condition", OF_OBJECTS)
def test_what_happened_to_an_object_is_a_condition_of_its_calls(condition: str, tmp_path: Path) -> None:
    body = "layer, x = jury(4, 0.7), torch.rand(3, 4)\n{}\nreturn layer(x)"
    other = "layer.train()" if condition == "eval" else "layer.eval()"
    found = try_faults(tmp_path, LAYER, body.format(OF_OBJECTS[condition]), body.format(other)).met
    assert found[condition] == 1


def test_what_a_constructor_was_given_is_a_condition_of_its_objects(tmp_path: Path) -> None:
    body = "layer, x = jury({}), torch.rand(3, 4)\nreturn copy.deepcopy(layer)(x)"
    calls = ("4, 0.7", "4, affine=False", "4, eps=0.5")
    met = try_faults(tmp_path, LAYER, *(body.format(call) for call in calls)).met
    assert {name: cases for name, cases in met.items() if "eps" in name or "affine" in name} == {
        "at_default(eps)": 1,
        "left_out(eps)": 1,
        "by_keyword(eps)": 1,
        "zero(eps)": 0,
        "at_default(affine)": 0,
        "left_out(affine)": 2,
        "by_keyword(affine)": 1,
        "true(affine)": 2,
        "false(affine)": 1,
    }
