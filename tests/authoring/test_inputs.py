"""The space of small inputs: choices are all that travels, and the plainest come first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from torch_judge.authoring.circumstances import Circumstance
from torch_judge.authoring.inputs import MOST_CHOICES, Draw, InputSpace, space_beside
from torch_judge.authoring.suite import Tolerance, load_suite


def draw_call(draw: Draw) -> dict[str, Any]:
    return {"x": draw.array((2, 3), -2, 2), "scale": draw.choice((1.0, 3.0)), "twice": draw.boolean()}


SPACE = InputSpace(draw_call, lambda entry_point, inputs: entry_point(**inputs))


def test_the_same_choices_make_the_same_inputs_again() -> None:
    rng = np.random.default_rng(5)
    inputs, choices = SPACE.draw(lambda count: int(rng.integers(count)))
    again = SPACE.rebuild(choices)
    assert len(choices) == 6 + 2
    assert np.array_equal(again.pop("x"), inputs.pop("x"))
    assert again == inputs


def test_the_plainest_inputs_are_those_of_the_first_options() -> None:
    inputs, choices = SPACE.draw(lambda _count: 0)
    assert not any(choices)
    assert not inputs["x"].any()
    assert (inputs["scale"], inputs["twice"]) == (1.0, False)


def test_whole_numbers_and_those_near_the_plainest_come_first() -> None:
    seen = [Draw(lambda _count, n=n: n).number(-1, 2, plainest=1) for n in range(7)]
    assert seen == [1.0, 2.0, 0.0, -1.0, 1.5, 0.5, -0.5]


def test_an_option_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no option 2 of 2"):
        Draw(lambda count: count).boolean()


def test_inputs_of_too_many_numbers_are_not_small() -> None:
    with pytest.raises(ValueError, match=f"at most {MOST_CHOICES} choices"):
        Draw(lambda _count: 0).array(MOST_CHOICES + 1, 0, 1)


def test_an_entry_point_is_observed_on_what_the_choices_stand_for() -> None:
    seen = SPACE.observe(lambda x, scale, twice: (x.shape, scale, twice), (0,) * 6 + (1, 1))
    assert seen == ((2, 3), 3.0, True)


SUITE = '''\
from torch_judge.authoring import Tolerance, case, counterexample

@case()
def a_case(f, rng):
    """Say it."""
    return f(1)
'''
DECLARED = """
def draw_x(draw):
    return {"x": draw.integer(0, 3)}

@counterexample(inputs=draw_x, tolerance=Tolerance(relative=0.1, of_scale=0.0))
def answers(f, inputs):
    return f(**inputs)
"""


def test_the_space_of_a_file_is_found_beside_its_cases() -> None:
    assert space_beside(load_suite(compile(SUITE, "cases.py", "exec"))) is None
    space = space_beside(load_suite(compile(SUITE + DECLARED, "cases.py", "exec")))
    assert space is not None
    assert space.observe(lambda x: x + 1, (2,)) == 3
    assert space.tolerance == Tolerance(relative=0.1, of_scale=0.0)


def test_two_spaces_in_one_file_are_refused() -> None:
    twice = SUITE + DECLARED + DECLARED.replace("answers", "others")
    with pytest.raises(ValueError, match="declares two spaces of small inputs"):
        load_suite(compile(twice, "cases.py", "exec"))


def test_one_choice_more_is_the_number_of_a_circumstance() -> None:
    space = replace(SPACE, circumstances=(Circumstance.TINY, Circumstance.GRADIENTS_OFF))
    choices = (1,) * 6 + (1, 1)
    assert not space.is_elsewhere(choices)
    assert space.is_elsewhere((*choices, 1))
    assert space.rebuild(choices)["x"][0, 0] == 1.0
    assert space.rebuild((*choices, 1))["x"][0, 0] == pytest.approx(1e-7)
    assert "called under" not in space.describe((*choices, 1))
    assert space.describe((*choices, 2))["called under"] == "torch.no_grad()"
    under = space.observe(lambda **_: torch.is_grad_enabled(), (*choices, 2))
    assert (under, torch.is_grad_enabled()) == (False, True)


DESCRIBED = """
from torch_judge.authoring import Argument, Option, describe

suite = describe(
    sizes={"rows": 3, "features": 4},
    arguments=[Argument("x", "rows features")],
    options=[Option("scale", 2.0, usual=(1.2, 1.9))],
    without={"works_on_tiny_values": "It is not promised."},
)
"""


def test_what_is_legal_beside_the_numbers_is_said_by_the_description() -> None:
    alone = space_beside(load_suite(compile(SUITE + DECLARED, "cases.py", "exec")))
    beside = space_beside(load_suite(compile(SUITE + DECLARED + DESCRIBED, "cases.py", "exec")))
    assert alone is not None
    assert beside is not None
    assert (alone.circumstances, alone.exact_in_float64) == ((), False)
    assert beside.circumstances == (Circumstance.GRADIENTS_OFF, Circumstance.GAPS)
    assert beside.exact_in_float64
    assert beside.observe(lambda x: x + 1, (2,)) == 3
