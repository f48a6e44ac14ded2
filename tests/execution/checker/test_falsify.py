"""The search for the smallest inputs on which a submission and the jury differ."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import pytest
import torch

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


def falsify(submission: Callable[..., Any], *, seed: int = 0, seconds: float = 60.0) -> list[Counterexample]:
    """Search, with the submission in this process, and return what was told."""
    told: list[Counterexample] = []

    def ask(choices: Choices) -> Callable[[], CallOutcome]:
        return lambda: call(choices)

    def call(choices: Choices) -> CallOutcome:
        try:
            return CallOutcome(decode(*encode(SPACE.observe(submission, choices))))
        except ValueError as error:
            return CallOutcome(raised=("ValueError", "Exception"), words=f"ValueError: {error}")

    Falsifier(SPACE, double, seed, time.monotonic() + seconds, ask, told.append).run()
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
