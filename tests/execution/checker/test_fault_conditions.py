"""Conditions of conditional faults: each is met by a call in which it holds, and by no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.fault_grids import try_faults

SCALED = """
def jury(x, gamma, eps=0.5, training=True):
    return x * gamma + eps
"""
USUAL = """
x, gamma = torch.rand(3, 5) + 2, torch.rand(5) + 2
return jury(x, gamma.requires_grad_() if {needs} else gamma, 0.7, False)
"""
X, GAMMA = "torch.rand(3, 5) + 2", "torch.rand(5) + 2"
CALLS = {
    "gradients_off": f"with torch.no_grad(): return jury({X}, {GAMMA})",
    "inference_mode": f"with torch.inference_mode(): return jury({X}, {GAMMA})",
    "no_gradient_for(x)": f"return jury({X}, ({GAMMA}).requires_grad_())",
    "no_gradient_for(gamma)": f"return jury(({X}).requires_grad_(), {GAMMA})",
    "one_row": f"return jury(torch.rand(1, 5), {GAMMA})",
    "one_column": "return jury(torch.rand(3, 1), torch.rand(1))",
    "rows_over(16)": f"return jury(torch.rand(17, 5), {GAMMA})",
    "rows_over(1024)": f"return jury(torch.rand(1025, 5), {GAMMA})",
    "columns_over(128)": "return jury(torch.rand(2, 129), torch.rand(129))",
    "float64": f"return jury(({X}).double(), {GAMMA})",
    "values_over_100": f"return jury(200 * torch.ones(2, 5), {GAMMA})",
    "values_below_0.001": f"return jury(torch.full((2, 5), -1e-4), {GAMMA})",
    "zeros(gamma)": f"return jury({X}, torch.zeros(5))",
    "ones(gamma)": f"return jury({X}, torch.ones(5))",
    "all_equal(gamma)": f"return jury({X}, torch.full((5,), 3.0))",
    "not_contiguous(x)": f"return jury((torch.rand(5, 3) + 2).t(), {GAMMA})",
    "not_contiguous(gamma)": f"return jury({X}, torch.rand(5, 2)[:, 0])",
    "at_default(eps)": f"return jury({X}, {GAMMA}, 0.5)",
    "left_out(eps)": f"return jury({X}, {GAMMA}, training=False)",
    "by_keyword(eps)": f"return jury({X}, {GAMMA}, eps=0.7)",
    "zero(eps)": f"return jury({X}, {GAMMA}, 0)",
    "true(training)": f"return jury({X}, {GAMMA}, 0.7)",
    "second_call": f"return jury({X}, {GAMMA}, 0.7), jury({X}, {GAMMA}, 0.7)",
    "same_again": f"x, gamma = {X}, {GAMMA}\nreturn jury(x, gamma), jury(x, gamma)",
    "another_shape": f"return jury({X}, {GAMMA}), jury(torch.rand(4, 5), {GAMMA})",
    "another_mode": f"return jury({X}, {GAMMA}), jury({X}, {GAMMA}, 0.5, False)",
}
USUALLY = (
    USUAL.format(needs=True),
    f"return jury(({X}).requires_grad_(), ({GAMMA}).requires_grad_(), 0.7, False)",
)
ALREADY = {"no_gradient_for(x)"}
"""What the usual calls meet."""


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """Return the conditions that the usual calls meet."""
    return try_faults(tmp_path_factory.mktemp("bank"), SCALED, *USUALLY).met


@pytest.mark.parametrize("condition", CALLS)
def test_a_condition_is_met_by_a_call_in_which_it_holds(
    condition: str, usual: dict[str, int], tmp_path: Path
) -> None:
    found = try_faults(tmp_path, SCALED, *USUALLY, CALLS[condition]).met
    assert found[condition] == usual[condition] + 1


def test_lists_of_arrays_are_the_same_if_they_hold_the_very_same_arrays(tmp_path: Path) -> None:
    jury = "def jury(rows):\n    return [2 * row for row, _ in rows]\n"
    again = "x, y = torch.rand(3), torch.rand(3)\nreturn jury([(x, 1)]), jury([(x, 1)])"
    others = "return jury([(torch.rand(3), 1)]), jury([(torch.rand(3), 1)])"
    found = try_faults(tmp_path, jury, again, others)
    assert found.met["second_call"] == 2
    assert found.met["same_again"] == 1


def test_the_usual_calls_meet_few_conditions(usual: dict[str, int]) -> None:
    assert {name for name, cases in usual.items() if cases} == {
        *ALREADY,
        "float32",
        "false(training)",
    }


def test_conditions_that_cannot_apply_are_not_listed(tmp_path: Path) -> None:
    met = try_faults(tmp_path, "def jury(x):\n    return x * 2", "return jury(torch.rand(4))").met
    assert "one_row" in met
    names = ("one_column", "train", "after_deepcopy", "no_gradient_for(x)", "left_out(x)", "another_mode")
    assert [name for name in names if name in met] == []
    integers = try_faults(tmp_path, "def jury(x):\n    return x * 2", "return jury(torch.arange(4))").met
    assert not {"float64", "zeros(x)", "values_over_100"} & integers.keys()


def test_columns_lie_along_the_last_axis_whatever_its_number(tmp_path: Path) -> None:
    calls = ("2, 3, 4, 5", "2, 3, 1", "2, 1, 3", "1")
    met = try_faults(
        tmp_path,
        "def jury(x):\n    return x * 2",
        *(f"return jury(torch.rand({shape}))" for shape in calls),
    ).met
    assert {name: count for name, count in met.items() if name.startswith("one_")} == {
        "one_row": 1,
        "one_along_axis_1": 1,
        "one_along_axis_2": 0,
        "one_column": 1,
    }
