"""The hidden suite: how a case is declared, loaded, seeded and observed."""

from __future__ import annotations

import pytest
import torch

from torch_judge.authoring.suite import Case, Tolerance, WrongAnswer, case, gradients, load_suite, raised

SUITE = '''\
from torch_judge.authoring.suite import Tolerance, case

HELP = 3

def draw(rng):
    return rng.normal(size=HELP)

@case(rejects=["a", "b"], tolerance=Tolerance(relative=0.1, of_scale=0.2))
def second_comes_first(f, rng):
    """Say it
    in one   line."""
    return f(draw(rng))

@case()
def another_one(f, rng):
    """Say more."""
    return {"seen": f(rng.integers(0, 10))}
'''


def suite(source: str) -> tuple[Case, ...]:
    """Load a suite from its text."""
    return load_suite(compile(source, "cases.py", "exec"))


def test_a_suite_is_its_cases_in_the_order_of_the_file() -> None:
    first, second = suite(SUITE)
    assert (first.name, first.title, first.sentence) == (
        "second_comes_first",
        "second comes first",
        "Say it in one line.",
    )
    assert (first.rejects, first.tolerance, first.checker) == (
        ("a", "b"),
        Tolerance(relative=0.1, of_scale=0.2),
        None,
    )
    assert (second.name, second.rejects, second.tolerance) == ("another_one", (), None)


def test_a_case_draws_the_same_inputs_from_the_same_seed_whatever_ran_before_it() -> None:
    first, second = suite(SUITE)
    seen = first.observe(list, seed=7)
    second.observe(list_of, seed=7)
    assert first.observe(list, seed=7) == seen
    assert first.observe(list, seed=8) != seen


def list_of(value: object) -> list[object]:
    return [value]


def test_cases_do_not_share_their_seeds() -> None:
    first, second = suite(SUITE)
    seeds = {each.seed(n) for each in (first, second) for n in range(100)}
    assert len(seeds) == 200
    assert all(0 <= seed < 2**63 for seed in seeds)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("", r"^cases\.py declares no case$"),
        ("def not_a_case(f, rng):\n    return 1\n", r"^cases\.py declares no case$"),
        (
            "from torch_judge.authoring.suite import case\n@case()\ndef silent(f, rng):\n    return 1\n",
            r"^cases\.py: .* no docstring: silent$",
        ),
        (
            "from torch_judge.authoring.suite import case\n@case()\ndef blank(f, rng):\n    '  '\n",
            r"no docstring: blank$",
        ),
    ],
)
def test_a_suite_that_is_declared_badly_is_refused(source: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        suite(source)


def test_two_cases_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="another_one"):
        suite(SUITE.replace("second_comes_first", "another_one"))


def test_a_case_declared_without_brackets_is_refused() -> None:
    with pytest.raises((TypeError, ValueError)):
        suite(SUITE + "\n@case\ndef forgotten(f, rng):\n    'Says.'\n    return 1\n")


def test_a_case_can_be_declared_by_hand() -> None:
    declared = case(rejects=["a"])(lambda f, _rng: f())
    assert isinstance(declared, Case)
    assert declared.observe(lambda: 5, seed=0) == 5


# --- gradients ---


def inputs() -> tuple[torch.Tensor, torch.Tensor]:
    return torch.tensor([1.0, 2.0], requires_grad=True), torch.tensor([3.0, 5.0], requires_grad=True)


def test_gradients_are_taken_under_the_upstream_gradient() -> None:
    x, y = inputs()
    found = gradients(x * y, {"x": x, "y": y}, torch.tensor([10.0, 100.0]))
    assert {name: each.tolist() for name, each in found.items()} == {
        "gradient of x": [30.0, 500.0],
        "gradient of y": [10.0, 200.0],
    }
    assert not any(each.requires_grad for each in found.values())


@pytest.mark.parametrize(
    ("output", "says"),
    [
        (lambda _x, _y: None, "output: expected a tensor, found NoneType"),
        (lambda x, _y: x.detach().numpy(), "output: expected a tensor, found ndarray"),
        (lambda x, _y: x[:1], r"output: expected shape \(2,\), found \(1,\)"),
        (lambda x, _y: x.detach(), "output: no gradient can flow back from it"),
        (lambda x, _y: x * 2, "^gradient of y: expected a tensor, found no path from the output to y$"),
        (
            lambda _x, _y: torch.ones(2, requires_grad=True),
            "^gradient of x and y: expected a tensor, found no path from the output to x and y$",
        ),
    ],
)
def test_what_cannot_be_differentiated_is_a_wrong_answer_in_words(output, says: str) -> None:
    x, y = inputs()
    with pytest.raises(WrongAnswer, match=says):
        gradients(output(x, y), {"x": x, "y": y}, torch.ones(2))


def test_an_output_of_another_dtype_is_still_differentiated() -> None:
    x, y = inputs()
    assert gradients((x * y).double(), {"x": x}, torch.ones(2))["gradient of x"].tolist() == [3.0, 5.0]


def test_an_input_without_gradient_is_named() -> None:
    x, y = inputs()
    with pytest.raises(
        WrongAnswer, match=r"^y and gamma: expected requires_grad=True, found a value without gradient$"
    ):
        gradients(x * 2, {"x": x, "y": y.detach(), "gamma": None}, torch.ones(2))


# --- raised ---


class OddShapeError(ValueError):
    """A submission's own kind of error."""


def refuse(error: Exception) -> None:
    raise error


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ValueError("x"), "ValueError"),
        (OddShapeError("x"), "ValueError"),
        (AssertionError(), "AssertionError"),
        (torch.OutOfMemoryError("x"), "RuntimeError"),
    ],
)
def test_what_a_call_raises_is_told_by_its_built_in_kind(error: Exception, says: str) -> None:
    assert raised(refuse, error) == says
    assert raised(refuse, error=error) == says


def test_a_call_that_returns_raises_nothing() -> None:
    assert raised(len, "four") == "nothing"
