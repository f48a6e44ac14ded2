"""The search for the smallest inputs on which a submission and the jury differ."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from torch_judge.authoring.circumstances import Circumstance
from torch_judge.authoring.inputs import Choices, Draw, InputSpace
from torch_judge.execution.checker.contrast import CallOutcome
from torch_judge.execution.checker.falsify import Falsifier, find_fault
from torch_judge.execution.protocol.codec import decode, encode
from torch_judge.model.report import Counterexample


def draw_call(draw: Draw) -> dict[str, Any]:
    return {"x": torch.tensor(draw.array(draw.integer(1, 3), -3, 4)), "scale": draw.number(-2, 3, plainest=2)}


SPACE = InputSpace(draw_call, lambda double, inputs: {"output": double(**inputs)})


def double(x: torch.Tensor, scale: float) -> torch.Tensor:
    return x * scale


def falsify(
    submission: Callable[..., Any], *, seed: int = 0, seconds: float = 60.0, space: InputSpace = SPACE
) -> list[Counterexample]:
    """Search, with the submission in this process, and return what was told."""
    told: list[Counterexample] = []

    def ask(choices: Choices) -> Callable[[], CallOutcome]:
        return lambda: call(choices)

    def call(choices: Choices) -> CallOutcome:
        try:
            return CallOutcome(decode(*encode(space.observe(submission, choices))))
        except (ValueError, RuntimeError) as error:
            name = type(error).__name__
            return CallOutcome(raised=(name, "Exception"), words=f"{name}: {error}")

    Falsifier(space, double, seed, time.monotonic() + seconds, ask, told.append).run()
    return told


def test_a_submission_that_is_right_on_small_inputs_has_no_counterexample() -> None:
    assert falsify(double) == []


def test_what_is_told_last_is_the_smallest() -> None:
    last = falsify(lambda x, scale: x * scale + (x.numel() > 1))[-1]
    assert last.inputs == (("x", "[0., 0.]"), ("scale", "2."))
    assert (last.yours, last.expected) == ((("output", "[1., 1.]"),), (("output", "[0., 0.]"),))
    assert last.differs == ("output",)


def test_each_counterexample_is_smaller_than_the_one_before() -> None:
    told = falsify(lambda x, scale: x * scale + (x.abs().sum() > 4), seed=3)
    assert len(told) > 1
    assert len(set(told)) == len(told)


def test_a_submission_that_raises_is_shown_with_its_words() -> None:
    def refuse(x: torch.Tensor, scale: float) -> torch.Tensor:
        raise ValueError("no")

    last = falsify(refuse)[-1]
    assert (last.yours, last.differs) == ((("raised", "ValueError: no"),), ("raised",))
    assert last.expected == (("output", "[0.]"),)


def test_finite_values_are_shown_where_others_are_not_finite() -> None:
    told = falsify(lambda x, scale: x * scale + (math.nan if x.numel() < 2 else 1.0))
    assert (told[0].yours, told[0].expected) == ((("output", "[nan]"),), (("output", "[0.]"),))
    assert told[-1].inputs == (("x", "[0., 0.]"), ("scale", "2."))
    assert told[-1].yours == (("output", "[1., 1.]"),)


def test_a_value_is_shown_where_small_inputs_raise() -> None:
    def refuse(x: torch.Tensor, scale: float) -> torch.Tensor:
        if x.numel() < 2:
            raise ValueError("too small")
        return x * scale + 1

    assert falsify(refuse)[-1].yours == (("output", "[1., 1.]"),)


def test_an_error_is_shown_where_there_is_nothing_else() -> None:
    def refuse(x: torch.Tensor, scale: float) -> torch.Tensor:
        if x.numel() < 3:
            raise ValueError("too small")
        return x * scale

    last = falsify(refuse)[-1]
    assert last.differs == ("raised",)
    assert last.inputs == (("x", "[0.]"), ("scale", "2."))


ELSEWHERE = replace(SPACE, circumstances=(Circumstance.GAPS, Circumstance.TINY, Circumstance.GRADIENTS_OFF))
ONLY = {
    "without gradients": (
        lambda x, scale: x * scale + (not torch.is_grad_enabled()),
        (("x", "[0.]"), ("scale", "2."), ("called under", "torch.no_grad()")),
    ),
    "on gaps": (
        lambda x, scale: x * scale + (not x.is_contiguous()),
        (("x", "[0., 0.]"), ("scale", "2."), ("tensors", "with gaps in memory, like a[..., 0]")),
    ),
    "on tiny numbers": (
        lambda x, scale: x * scale if x.abs().max() > 1e-3 or not x.any() else x * 0,
        (("x", "[1e-07]"), ("scale", "2.")),
    ),
}


@pytest.mark.parametrize(("submission", "inputs"), ONLY.values(), ids=ONLY.keys())
def test_a_mistake_that_shows_elsewhere_is_found_there(
    submission: Callable[..., Any], inputs: tuple[tuple[str, str], ...]
) -> None:
    assert falsify(submission) == []
    assert falsify(submission, space=ELSEWHERE)[-1].inputs == inputs


def test_a_right_submission_is_right_elsewhere_too() -> None:
    assert falsify(double, space=ELSEWHERE) == []


def test_a_space_that_fails_in_a_circumstance_is_of_use_in_the_others() -> None:
    def observe(entry_point: Any, inputs: dict[str, Any]) -> dict[str, Any]:
        x = inputs["x"].requires_grad_()
        entry_point(**inputs).sum().backward()
        return {"gradient of x": x.grad}

    space = replace(ELSEWHERE, observed=observe)
    assert falsify(lambda x, scale: x * (scale if x.is_contiguous() else 7.0), space=space)[-1].differs == (
        "gradient of x",
    )


def test_the_plainest_inputs_end_the_search() -> None:
    assert len(falsify(lambda x, scale: x * scale + 1)) == 1


def test_a_search_ends_when_its_time_is_over() -> None:
    assert falsify(lambda x, scale: x * scale + 1, seconds=-1.0) == []


def test_a_sound_space_has_no_fault() -> None:
    assert find_fault(SPACE, double, seed=1) == ""


counter = iter(range(10**6))
FAULTS = {
    "other inputs from the same draws": (
        InputSpace(lambda draw: {"x": float(next(counter)), "y": draw.boolean()}, SPACE.observed),
        "makes other inputs from the same draws",
    ),
    "another answer in the same call": (
        InputSpace(draw_call, lambda _double, _inputs: {"output": float(next(counter))}),
        "observes something else in the same small call",
    ),
    "no dict": (InputSpace(draw_call, lambda _double, _inputs: 1.0), "must return a dict"),
}


@pytest.mark.parametrize(("space", "says"), FAULTS.values(), ids=FAULTS.keys())
def test_a_space_that_is_of_no_use_is_said(space: InputSpace, says: str) -> None:
    assert says in find_fault(space, double, seed=1)


def test_a_space_on_which_the_jury_always_raises_is_of_no_use() -> None:
    jury: dict[str, Any] = {}
    exec(compile("def double(x, scale):\n    raise ValueError('no')\n", "solution.py", "exec"), jury)
    says = find_fault(SPACE, jury["double"], seed=1)
    assert says == "is of no use: the jury solution raises 'ValueError: no' on all inputs that were tried"


def test_an_error_outside_the_jury_solution_is_the_banks_and_goes_on() -> None:
    space = InputSpace(draw_call, lambda _double, _inputs: {"output": math.sqrt(-1.0)})
    with pytest.raises(ValueError, match=r"math domain error|nonnegative"):
        find_fault(space, double, seed=1)
