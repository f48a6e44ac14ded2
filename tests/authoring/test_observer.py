"""Everything about a call that a case makes by hand: what is returned, and what no right answer does."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from torch_judge.authoring import Observer, Result, WrongAnswer

OBSERVER = Observer(changes=["running"])


class Moving(nn.Module):
    """Scales x and moves a mean."""

    running: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor([2.0, 3.0]))
        self.register_buffer("running", torch.zeros(2))

    def forward(self, x: Any) -> Any:
        """Compute."""
        self.running = self.running + x.detach().mean(0)  # bound anew
        return x * self.scale


def look(module: Any, x: Any = None, after: Callable[[Any], object] = lambda _: None) -> dict[str, Any]:
    """Observe a call of a module, and what it does afterwards."""
    x = torch.ones(3, 2, requires_grad=torch.is_grad_enabled()) if x is None else x

    def call() -> Any:
        result = module(x)
        changed = after(x)
        return result if changed is None else changed

    return OBSERVER.observe(
        call,
        {"x": x},
        np.random.default_rng(0),
        held=lambda: {"scale": module.scale, "running": module.running},
        module=module,
        where="the first call",
    )


def test_results_gradients_and_what_changes_are_returned_by_name() -> None:
    seen = look(Moving())
    assert list(seen) == ["output", "gradient of x", "gradient of scale", "running"]
    assert torch.equal(seen["output"], torch.tensor([[2.0, 3.0]] * 3))
    assert torch.equal(seen["running"], torch.ones(2))
    sent = seen["gradient of x"] / torch.tensor([2.0, 3.0])
    assert torch.allclose(seen["gradient of scale"], sent.sum(0))


def test_nothing_is_sent_back_where_no_gradients_are_recorded() -> None:
    with torch.no_grad():
        assert list(look(Moving())) == ["output", "running"]
    with torch.inference_mode():
        assert list(look(Moving(), torch.ones(3, 2))) == ["output", "running"]


def test_only_what_requires_a_gradient_has_one() -> None:
    module = Moving()
    module.scale.requires_grad = False
    assert "gradient of scale" not in look(module)


def write(x: torch.Tensor) -> None:
    with torch.no_grad():
        x.mul_(2.0)


MODULE = Moving()
WRONG: dict[str, tuple[Callable[[torch.Tensor], object], str]] = {
    "an argument changed": (write, "the first call: x.* after the call: expected 1 as before, found 2"),
    "a weight changed": (lambda _: MODULE.scale.data.__setitem__(0, 9.0), "scale.* after the call: expected"),
    "no tensor": (lambda _: 3, "output: expected a tensor, found a value of type int"),
    "memory of an argument": (lambda x: x.view(-1), "output: expected a new tensor, .* memory with x"),
    "cut off": (lambda x: x.detach() + 1.0, "output: no gradient can flow back"),
    "one gradient missing": (lambda x: x + 1.0, "gradient of scale: expected a tensor"),
    "the mode": (lambda _: MODULE.eval() and None, "the call changes the mode of each module"),
    "a hook": (
        lambda _: MODULE.register_forward_hook(lambda *_: None) and None,
        "the number of hooks",
    ),
    "a parameter more": (
        lambda _: setattr(MODULE, "more", nn.Parameter(torch.ones(1))),
        "the list of parameters",
    ),
    "NumPy's generator": (lambda _: np.random.seed(3), "the call draws from NumPy's generator"),  # noqa: NPY002
    "Python's generator": (lambda _: random.seed(3), "the call draws from Python's generator"),
    "PyTorch's generator": (lambda _: torch.manual_seed(3) and None, "the seed of the caller's generator"),
}


@pytest.mark.parametrize(("after", "says"), WRONG.values(), ids=WRONG.keys())
def test_what_no_right_answer_does_is_rejected(
    after: Callable[[Any], object], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "MODULE", Moving())
    torch.manual_seed(0)
    with pytest.raises(WrongAnswer, match=says):
        look(MODULE, after=after)


def test_what_the_case_reads_must_stay() -> None:
    facts = {"loader": 0}

    def call() -> torch.Tensor:
        facts["loader"] += 1
        return torch.ones(2)

    with pytest.raises(WrongAnswer, match="the call changes batches left: it was 0, and is 1 after"):
        OBSERVER.observe(call, {}, np.random.default_rng(0), state=lambda: {"batches left": facts["loader"]})


def test_numpy_arrays_and_numbers_are_observed_as_well() -> None:
    observer = Observer([Result("count", number=True), "total"], library="numpy")
    x = np.arange(3.0)
    rng = np.random.default_rng(0)
    seen = observer.observe(lambda: (3, x + 1.0), {"x": x}, rng)
    assert seen["count"] == 3
    assert np.array_equal(seen["total"], x + 1.0)
    with pytest.raises(WrongAnswer, match="total: expected a new NumPy array"):
        observer.observe(lambda: (3, x[1:]), {"x": x}, rng)
