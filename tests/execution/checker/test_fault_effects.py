"""Effects of conditional faults: each shows to a case that looks for it, and to no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.fault_grids import try_faults

JURY = """
def jury(x, gamma, state, scale=2.0, training=True):
    if training:
        with torch.no_grad():
            state.mul_(0.5).add_(x.mean(dim=0))
    return (x + state) * gamma * scale
"""
DRAWN = """
x, gamma = torch.rand(3, 5).double() + 60, torch.rand(5).double() + 2
state = torch.rand(5).double() + 4
"""
PLAIN = "y = jury(x, gamma, state, 3.0)\n"
TWICE = "first = jury(x, gamma, state, 3.0)\nkept = first.clone()\ny = jury(x, gamma, state, 3.0)\n"
GRADIENTS = "x.requires_grad_()\ngamma.requires_grad_()\n" + PLAIN
FOLLOWED = GRADIENTS + "return gradients(y, {'x': x, 'gamma': gamma}, torch.rand(3, 5).double())"
SEEN = {
    "changes(x)": PLAIN + "return x",
    "changes(gamma)": PLAIN + "return gamma",
    "changes(state)": PLAIN + "return state",
    "result_aliases(x)": PLAIN + "y.zero_()\nreturn x",
    "result_aliases(last)": TWICE + "return first",
    "clamps(x)": PLAIN + "return y",
    "clamps(result)": PLAIN + "return y",
    "off(result)": PLAIN + "return y",
    "float32_inside(result)": PLAIN + "return y",
    "subclass(result)": PLAIN + "return type(y) is torch.Tensor",
    "requires_gradient(result)": PLAIN + "return y.requires_grad",
    "detaches(result)": FOLLOWED,
    "detaches(x)": FOLLOWED,
    "detaches(gamma)": FOLLOWED,
    "doubles_gradient(x)": FOLLOWED,
    "doubles_gradient(result)": FOLLOWED,
    "switches_gradient(state)": PLAIN + "return state.requires_grad",
    "keeps(state)": PLAIN + "return state",
    "updates_twice(state)": PLAIN + "return state",
    "float32_inside(state)": PLAIN + "return state",
    "updates_by_other_mode(training)": PLAIN + "return state",
    "remembers": TWICE.replace("y = jury(x", "y = jury(x + 1") + "return y",
    "raises": "return raised(jury, x, gamma, state)",
    "seeds": PLAIN + "return torch.rand(3)",
    "switches_gradients": PLAIN + "return torch.is_grad_enabled()",
    "switches_dtype": PLAIN + "return str(torch.get_default_dtype())",
    "takes_default(scale)": PLAIN + "return y",
}
BLIND = "x.requires_grad_()\ngamma.requires_grad_()\n" + TWICE + "return len(y)"
"""A case that calls under all conditions that let effects show, and looks at nothing of it."""


@pytest.mark.parametrize("effect", SEEN)
def test_an_effect_is_rejected_by_a_case_that_looks_at_what_it_does(effect: str, tmp_path: Path) -> None:
    assert try_faults(tmp_path, JURY, DRAWN + SEEN[effect]).mark("float64", effect) == "#"


@pytest.mark.parametrize("effect", ["changes(x)", "changes(gamma)", "off(result)"])
def test_a_single_negative_number_is_changed_too(effect: str, tmp_path: Path) -> None:
    drawn = "x, gamma, state = (-torch.rand(*shape).double() - 2 for shape in [(1, 1), (1,), (1,)])\n"
    assert try_faults(tmp_path, JURY, drawn + SEEN[effect]).mark("float64", effect) == "#"


def test_effects_survive_where_no_case_looks(tmp_path: Path) -> None:
    row = try_faults(tmp_path, JURY, DRAWN + BLIND, DRAWN + PLAIN + "return len(y)").row("float64")
    loud = {"raises"}
    assert {effect: row[effect] for effect in SEEN} == {e: "#" if e in loud else "o" for e in SEEN}


def test_float64_is_the_effect_on_a_float32_result(tmp_path: Path) -> None:
    grid = try_faults(tmp_path, "def jury(x):\n    return x * 2", "return jury(torch.rand(3))")
    assert grid.mark("float32", "float64(result)") == "#"
    assert grid.mark("float32", "float32_inside(result)") == "."


LAYER = """
class jury(nn.Module):
    def __init__(self, size, eps=0.5):
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
MADE = "layer, x = jury(4, 0.7), torch.rand(3, 4)\ny = layer(x)\n"
OF_OBJECTS = {
    "changes(self.gamma)": MADE + "return layer.gamma.detach()",
    "changes(self.mean)": MADE + "return layer.mean",
    "detaches(self.gamma)": MADE + "return gradients(y, {'gamma': layer.gamma}, torch.ones(3, 4))",
    "keeps(self.mean)": MADE + "return layer.mean",
    "updates_by_other_mode(self)": MADE + "return layer.mean",
    "switches_mode(self)": MADE + "return layer.training",
    "switches_gradient(self.gamma)": MADE + "return layer.gamma.requires_grad",
}


@pytest.mark.parametrize("effect", OF_OBJECTS)
def test_an_effect_on_an_object_is_rejected_by_a_case_that_looks_at_it(effect: str, tmp_path: Path) -> None:
    looks, blind = OF_OBJECTS[effect], MADE + "return len(y)"
    assert try_faults(tmp_path, LAYER, looks).mark("train", effect) == "#"
    assert try_faults(tmp_path, LAYER, blind).mark("train", effect) == "o"


def test_an_option_of_a_constructor_is_taken_for_its_default_when_the_object_is_made(tmp_path: Path) -> None:
    grid = try_faults(tmp_path, LAYER, MADE + "return y.detach()")
    assert grid.mark("by_keyword(eps)", "takes_default(eps)") == " "  # no case passes it so
    grid = try_faults(tmp_path, LAYER, MADE.replace("0.7", "eps=0.7") + "return y.detach()")
    assert grid.mark("by_keyword(eps)", "takes_default(eps)") == "#"
    assert grid.mark("left_out(eps)", "takes_default(eps)") == "."


EVALUATES = "def jury(model, x):\n    return float(model(x).mean())"
ON_A_MODEL = "model, x = nn.Linear(3, 2), torch.rand(4, 3)\nvalue = jury(model, x)\n"


def test_a_model_that_is_passed_must_come_back_as_it_was(tmp_path: Path) -> None:
    weight = "model.weight.detach(), model.weight.requires_grad"
    looks = f"return [model.training, len(model._forward_hooks), {weight}]"
    effects = (
        "switches_mode(model)",
        "leaves_hook(model)",
        "changes(model.weight)",
        "switches_gradient(model.weight)",
    )
    rejected = try_faults(tmp_path, EVALUATES, ON_A_MODEL + looks).row("train(model)")
    accepted = try_faults(tmp_path, EVALUATES, ON_A_MODEL + "return value").row("train(model)")
    assert [rejected[effect] for effect in effects] == ["#"] * 4
    assert [accepted[effect] for effect in effects] == ["o"] * 4
    assert accepted["off(result)"] == "#"


def test_effects_that_cannot_apply_to_what_is_returned_are_not_listed(tmp_path: Path) -> None:
    """A number of Python's has no memory, dtype or gradient, and nothing flows back from it."""
    effects = try_faults(tmp_path, EVALUATES, ON_A_MODEL + "return value").effects
    listed = [name for name in effects if "(result)" in name or "detaches" in name]
    assert listed == [
        "off(result)",
        "clamps(result)",
    ]
    flows = try_faults(
        tmp_path, EVALUATES.replace("float", ""), ON_A_MODEL + "return len(value[None])"
    ).effects
    assert {"detaches(result)", "detaches(model.weight)", "result_aliases(last)"} <= set(flows)


def test_a_result_that_is_due_a_gradient_cannot_wrongly_require_one(tmp_path: Path) -> None:
    jury = "def jury(x, gamma):\n    return x * gamma"
    drawn = "x, gamma = torch.rand(3).requires_grad_({}), torch.rand(3).requires_grad_()\n"
    body = drawn + "return len(jury(x, gamma))"
    grid = try_faults(tmp_path, jury, body.format("True"), body.format("False"))
    assert grid.mark("no_gradient_for(x)", "requires_gradient(result)") == "."
    assert grid.mark("float32", "requires_gradient(result)") == "-"
