"""The hidden suite: how a case is declared, loaded, seeded and observed."""

from __future__ import annotations

import pytest

from torch_judge.authoring.suite import Case, Tolerance, case, load_suite

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


TITLED = """\
from torch_judge.authoring.suite import case

@case(title={title})
def d_ff_may_be_small(f, rng):
    'Says.'
    return 1
"""


def test_a_case_may_have_a_title_that_its_name_cannot_spell() -> None:
    (declared,) = suite(TITLED.format(title="'works with d_ff = 1'"))
    assert (declared.name, declared.title) == ("d_ff_may_be_small", "works with d_ff = 1")


@pytest.mark.parametrize("title", ["''", "'  '", "'two\\nlines'", "' a space before'", "5"])
def test_a_title_that_is_no_line_of_text_is_refused_with_file_line_and_case(title: str) -> None:
    with pytest.raises(ValueError, match=r"^cases\.py:3: case d_ff_may_be_small: title is one line of text"):
        suite(TITLED.format(title=title))


def test_a_title_that_only_repeats_the_name_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^cases\.py:3: case d_ff_may_be_small: .* leave it out$"):
        suite(TITLED.format(title="'d ff may be small'"))


def test_two_cases_of_one_title_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^cases\.py: two cases have the title 'another one'"):
        suite(SUITE.replace("@case(rejects", "@case(title='another one', rejects"))


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
