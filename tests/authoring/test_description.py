"""What an author describes: defaults, shapes, and a sentence for what does not fit together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from torch_judge.authoring import Argument, Option, Result, Size, describe
from torch_judge.authoring.description import Description, Library

X = Argument("x", "rows columns")


def read(**facts: Any) -> Description:
    """Return the description that stands behind a suite."""
    described: Description = describe(arguments=[X], **facts).cases[0].function.description  # type: ignore[attr-defined]
    return described


def test_a_plain_function_needs_no_more_than_its_argument() -> None:
    described = read()
    assert described.sizes == {"rows": Size(7), "columns": Size(5)}
    assert described.learning == ("x",)
    assert described.library is Library.TORCH
    assert not described.is_object


def test_a_shape_is_made_of_sizes_and_products_of_them() -> None:
    argument = Argument("w", "4*width heads*width 3")
    assert argument.measure({"width": 5, "heads": 2}) == (20, 10, 3)
    assert Argument("s", "").measure({}) == ()


@pytest.mark.parametrize(
    ("argument", "learns"),
    [
        (Argument("x", "n"), True),
        (Argument("x", "n", changes=True), False),
        (Argument("x", "n", integers=(0, 3)), False),
        (Argument("x", "n", differentiable=False), False),
    ],
)
def test_what_is_no_number_or_changed_in_place_requires_no_gradient(
    argument: Argument,
    learns: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    assert argument.learns is learns


def test_an_option_is_drawn_from_its_range_or_its_list_and_else_has_its_default() -> None:
    rng = np.random.default_rng(0)
    assert 0.2 <= Option("eps", 1e-5, usual=(0.2, 0.3)).choose(rng) <= 0.3
    assert Option("dim", -1, usual=[0, 1]).choose(rng) in {0, 1}
    assert Option("dim", -1, also=[0]).choose(rng) == -1


WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "a size that is none": (
        lambda: describe(arguments=[Argument("x", "rows colums")], sizes={"rows": 3, "columns": 5}),
        r"x: 'colums' is no size; did you mean 'columns'\?",
    ),
    "two of one name": (lambda: describe(arguments=[X, X]), "x is described twice"),
    "a library that is none": (lambda: describe(arguments=[X], library="jax"), "library 'jax' is neither"),
    "parameters of a function": (
        lambda: describe(arguments=[X], parameters=[Argument("w", "rows")]),
        "parameters: this is for a class; say with made_with what it is made with",
    ),
    "layers of a function": (
        lambda: describe(arguments=[X], parts=lambda layer: {"the_layer": layer}),
        "parts: this is for a class",
    ),
    "a product without a name": (
        lambda: describe(arguments=[X], made_with=["4*columns"]),
        r"made_with: '4\*columns' needs the name of its parameter",
    ),
    "a case that is none and may not be refused": (
        lambda: describe(arguments=[X], unrefused=["works_with_small_size"]),
        r"unrefused names 'works_with_small_size', .* did you mean 'works_with_small_sizes'\?",
    ),
    "an option with nothing but a default": (
        lambda: describe(arguments=[X], options=[Option("eps", 1e-5)]),
        "eps: say what other values than its default are legal",
    ),
    "a mode that is no boolean": (
        lambda: describe(arguments=[X], options=[Option("mode", "train", mode=True)]),
        "mode: a mode is True or False, found 'train'",
    ),
    "memory shared with nothing that is there": (
        lambda: describe(arguments=[X], results=[Result("y", may_share=["z"])]),
        "y: may_share names 'z', which is no argument",
    ),
    "a standard case that is none": (
        lambda: describe(arguments=[X], without={"works_with_small_size": "none"}),
        r"no standard case here; did you mean 'works_with_small_sizes'\?",
    ),
    "a case left out without a reason": (
        lambda: describe(arguments=[X], without={"works_with_small_sizes": " "}),
        "without 'works_with_small_sizes': say the reason",
    ),
    "a condition that is none": (
        lambda: describe(arguments=[X], without={"works_with_small_sizes: rows 3": "none"}),
        r"'works_with_small_sizes: rows 3', which is no condition of that case; did you mean 'rows [12]'\?",
    ),
    "a condition of a case that has none": (
        lambda: describe(arguments=[X], without={"no_state_is_kept_between_calls: first": "none"}),
        "which is no condition of that case; there are none",
    ),
    "a pattern that fits nothing": (
        lambda: describe(arguments=[X], without={"works_when_y_*_is_all_zeros": "none"}),
        r"y_\*_is_all_zeros', which is no standard case here",
    ),
    "claims of a case that is none": (
        lambda: describe(arguments=[X], rejects={"works_with_gradients": ["a"]}),
        r"did you mean 'works_with_gradients_off'\?",
    ),
}


@pytest.mark.parametrize(("make", "says"), WRONG.values(), ids=WRONG.keys())
def test_what_does_not_fit_together_is_said_in_a_sentence(make: Callable[[], object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        make()


def list_conditions(**facts: Any) -> dict[str, list[str]]:
    """List what each standard case of a product observes."""
    suite = describe(arguments=[X], **facts)

    def twice(x: Any) -> Any:
        return 2.0 * x

    return {case.name: list(case.observe(twice, seed=0)) for case in suite.cases if "small" in case.name}


def test_one_condition_is_left_out_and_the_others_of_its_case_are_not() -> None:
    assert list_conditions() == {
        "works_with_small_sizes": ["rows 1", "columns 1", "rows and columns 1", "rows 2", "columns 2"]
    }
    without = {"works_with_small_sizes: rows and columns 1": "none", "*: rows 2": "none"}
    assert list_conditions(without=without) == {
        "works_with_small_sizes": ["rows 1", "columns 1", "columns 2"]
    }


def test_a_case_whose_conditions_are_all_left_out_is_none() -> None:
    assert list_conditions(without={"works_with_small_sizes: *": "none"}) == {}


def test_brackets_in_a_condition_mean_themselves() -> None:
    option = Option("dims", [0], usual=[[0]], also=[[1], [0, 1]])
    key = "works_with_every_legal_option: dims=[0, 1]"
    suite = describe(arguments=[X], options=[option], without={key: "none"})
    (case,) = (case for case in suite.cases if case.name == "works_with_every_legal_option")
    assert list(case.observe(lambda x, dims=(): x + len(dims), seed=0)) == ["dims=[1]"]
