"""A counterexample as text: what is expected is always in sight, whatever the width."""

from __future__ import annotations

import pytest
from rich.console import Console

from torch_judge.model.report import Counterexample
from torch_judge.ui.text import as_text
from torch_judge.ui.text_values import CounterexampleText, Page, Right, list_answers, list_inputs_in_a_row

EXAMPLE = Counterexample(
    (("x", "[[1., 2.]]"), ("training", "False")),
    (("mean", "[5.]"), ("output", "[[1., 3.]]")),
    (("mean", "[5.]"), ("output", "[[1., 2.]]")),
    ("output",),
)
ERROR = (
    "NameError: name 'epsilon' is not defined "
    "(line 5: `return gamma * (x - mean) / torch.sqrt(var + epsilon) + beta`)"
)


def make_page(width: int) -> Page:
    return Page(Console(width=width, color_system=None, force_jupyter=False), width)


def answers(example: Counterexample, width: int, right: Right = Right.IN_FULL) -> list[str]:
    return [line.plain for line in list_answers(example, make_page(width), right=right)]


def test_the_inputs_stand_above_yours_beside_expected_what_differs_first() -> None:
    assert as_text(CounterexampleText(EXAMPLE)).splitlines() == [
        "  Smallest failing input",
        "      x         [[1., 2.]]",
        "      training  False",
        "              yours       expected",
        "    ✗ output  [[1., 3.]]  [[1., 2.]]",
        "      mean    [5.]        [5.]",
    ]


def test_what_is_right_may_be_named_only_or_left_out() -> None:
    assert answers(EXAMPLE, 80, Right.BY_NAME)[1:] == [
        "    ✗ output  [[1., 3.]]  [[1., 2.]]",
        "      as expected: mean",
    ]
    assert answers(EXAMPLE, 80, Right.LEFT_OUT)[1:] == ["    ✗ output  [[1., 3.]]  [[1., 2.]]"]


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_values_that_do_not_fit_beside_each_other_stand_below_and_no_line_is_too_wide(width: int) -> None:
    long = f"[{', '.join(['0.25'] * 30)}]"
    lines = answers(Counterexample((), (("output", long),), (("output", f"[{long}]"),), ("output",)), width)
    assert lines[0] == "    ✗ output"
    assert lines[1].startswith("        yours     [0.25, ")
    assert sum(line.startswith("        expected  [[0.25, ") for line in lines) == 1
    assert max(map(len, lines)) <= width


def test_what_does_not_fit_leaves_the_others_in_their_columns() -> None:
    names = ("short", "long")
    long = " ".join(["1.5"] * 20)
    rows = tuple(zip(names, ("1", long), strict=True))
    others = tuple(zip(names, ("2", f"{long} 2"), strict=True))
    lines = answers(Counterexample((), rows, others, names), 80)
    assert lines[0] == "    ✗ long" and lines[-1] == "    ✗ short  1      2"


@pytest.mark.parametrize("width", [40, 80])
def test_an_error_spans_the_width_and_what_is_expected_stands_below_it(width: int) -> None:
    expected = (("output", "[[0.]]"), ("running_mean after the call", "[0.]"))
    lines = answers(Counterexample((), (("raised", ERROR),), expected, ("raised",)), width)
    assert lines[0] == "    ✗ raised"
    assert " ".join(line.strip() for line in lines[1:]).startswith("yours     NameError: name 'epsilon' is")
    assert "        expected  output = [[0.]]" in "\n".join(lines)
    assert max(map(len, lines)) <= width


def test_inputs_in_a_row_are_never_wider_than_the_page() -> None:
    rows = tuple((f"x{n}", "[[0.]]") for n in range(8))
    lines = [line.plain for line in list_inputs_in_a_row(rows, make_page(60))]
    assert lines[0] == "      x0 = [[0.]]   x1 = [[0.]]   x2 = [[0.]]   x3 = [[0.]]"
    assert len(lines) == 2 and max(map(len, lines)) <= 60
