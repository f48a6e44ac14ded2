"""The space of small inputs that comes from a description."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import torch
from torch import nn

from torch_judge.authoring import Argument, Option, Result, describe
from torch_judge.authoring.inputs import InputSpace, space_beside

SCALED = describe(
    sizes={"rows": 5, "columns": 3},
    arguments=[
        Argument("x", "rows columns", also=["columns"], offset=64),
        Argument("gamma", "columns", plainest=1),
        Argument("count", "columns", changes=True),
    ],
    options=[
        Option("shift", 1.0, usual=(0.2, 0.4), also=[0.0], small=[0.5]),
        Option("on", default=True, mode=True),
    ],
)


def scaled(
    x: Any,
    gamma: Any,
    count: Any,
    shift: float = 1.0,
    on: bool = True,  # noqa: FBT001, FBT002 - as learners have it
) -> Any:
    """Scale x, and count the calls."""
    count += 1
    return x * gamma + shift if on else x


def draw_many(space: InputSpace) -> list[dict[str, Any]]:
    """Draw small inputs, each choice by chance."""
    random = Random(3)
    return [space.draw(random.randrange)[0] for _ in range(60)]


def test_the_plainest_call_is_a_first_one_with_everything_left_out() -> None:
    call = SCALED.space.draw(lambda _count: 0)[0]
    assert list(call) == ["x", "gamma", "count"]
    assert torch.equal(call["x"], torch.zeros(1, 1))
    assert torch.equal(call["gamma"], torch.ones(1))


def test_everything_that_is_described_is_drawn_and_kept_small() -> None:
    calls = draw_many(SCALED.space)
    assert {call.get("shift") for call in calls} == {None, 0.5}
    assert {call.get("on") for call in calls} == {None, False}
    assert {call["x"].ndim for call in calls} == {1, 2}
    assert {call["x"].dtype for call in calls} == {torch.float32, torch.float64}
    assert {float(call["x"].max()) > 50 for call in calls} == {True, False}
    assert {"x", "gamma", None} == {call.get("needs no gradient") for call in calls}
    assert all(call["x"].numel() <= 6 for call in calls)
    assert all(call["upstream gradient"].shape == call["x"].shape for call in calls if "dtype" in call)


def test_a_number_without_dimensions_is_drawn_as_one() -> None:
    call = describe(sizes={"rows": 3}, arguments=[Argument("x", "rows", also=[""])])
    assert {draw["x"].ndim for draw in draw_many(call.space)} == {0, 1}


def test_a_call_is_observed_with_its_gradients_and_with_what_it_changes() -> None:
    for call in draw_many(SCALED.space):
        before = float(call["count"].ravel()[0])
        calls = 2 if "x of a second call" in call else 1
        seen = SCALED.space.observed(scaled, call)
        assert float(seen["count"].ravel()[0]) == before + calls
        assert ("gradient of gamma" in seen) == ("dtype" in call and call.get("needs no gradient") != "gamma")
        assert "x after the call" not in seen


def test_a_change_to_what_is_not_its_own_is_seen() -> None:
    def changes_x(x: Any, gamma: Any, count: Any, **options: Any) -> Any:
        result = scaled(x.detach().clone(), gamma, count, **options)
        x.data.add_(1)
        return result

    call = SCALED.space.draw(lambda _count: 0)[0]
    assert "x after the call" in SCALED.space.observed(changes_x, call)


def test_a_result_in_the_memory_of_an_input_is_seen() -> None:
    call = SCALED.space.draw(lambda _count: 0)[0]
    seen = SCALED.space.observed(lambda x, *_, **__: x[:], call)
    assert seen["output shares the memory of x"] is True
    assert "output shares the memory of gamma" not in seen


def test_a_result_may_lie_where_its_description_lets_it() -> None:
    suite = describe(arguments=[Argument("x", "rows columns")], results=[Result("output", may_share=["x"])])
    call = suite.space.draw(lambda _count: 0)[0]
    assert list(suite.space.observed(lambda x: x[:], call)) == ["output"]


def test_all_but_the_first_may_need_no_gradient() -> None:
    suite = describe(
        sizes={"columns": 3},
        arguments=[Argument(name, "columns") for name in ("x", "gamma", "beta")],
    )
    calls = [call for call in draw_many(suite.space) if "dtype" in call]
    assert "gamma, beta" in {call.get("needs no gradient") for call in calls}
    for call in calls:
        seen = suite.space.observed(lambda x, gamma, beta: x * gamma + beta, call)
        if call.get("needs no gradient") == "gamma, beta":
            assert [name for name in seen if name.startswith("gradient")] == ["gradient of x"]


def test_arrays_are_float64_and_float32_where_they_lie_far_off() -> None:
    suite = describe(library="numpy", arguments=[Argument("x", "rows columns", offset=64)])
    calls = draw_many(suite.space)
    assert {call["x"].dtype for call in calls} == {np.dtype(np.float32), np.dtype(np.float64)}
    assert all((call["x"].dtype == np.float32) == ("dtype" in call) for call in calls)
    assert (
        list(suite.space.observed(lambda x: x + 0, calls[0])) == ["output"]
        or "x of a second call" in calls[0]
    )


class Shifted(nn.Module):
    """Adds its bias in training."""

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(columns))

    def forward(self, x: Any) -> Any:
        """Compute."""
        return x + self.bias if self.training else x + 2 * self.bias


def test_an_object_is_made_filled_and_put_into_a_mode() -> None:
    suite = describe(
        sizes={"rows": 4, "columns": 3},
        made_with=["columns"],
        parameters=[Argument("bias", "columns")],
        arguments=[Argument("x", "rows columns")],
    )
    for call in draw_many(suite.space):
        seen = suite.space.observed(Shifted, dict(call))
        bias = call["bias"] if "bias" in call else torch.zeros(call["columns"])
        share = 1 if call["mode"] == "train" else 2
        assert torch.equal(seen["output"].detach(), (call["x"] + share * bias).detach())


def test_a_suite_without_cases_by_hand_has_its_space() -> None:
    assert space_beside(SCALED.cases) is not None
