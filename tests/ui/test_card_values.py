"""Values on a card: exactly the wrong ones are marked, small tensors one by one, large ones in few parts."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.ui.test_card import EXAMPLE, WRONG, read, report
from torch_judge.model.report import Counterexample, ErrorMap
from torch_judge.ui.card import as_card
from torch_judge.ui.card_values import MISSING, draw_counterexample, draw_error_map
from torch_judge.ui.html import html


def marked(html: str) -> list[str]:
    """List the numbers that are marked wrong: underlined and bold, with a title for a screen reader."""
    return re.findall(r"font-weight:700;text-decoration:underline\" title=\"wrong\">([^<]*)<", html)


def test_the_counterexample_marks_the_wrong_numbers_and_no_other() -> None:
    html = as_card(report(WRONG, counterexample=EXAMPLE))
    assert marked(html) == ["0.", "-", "ValueError: (3)"]
    text = read(html).text
    assert "✗ output" in text and "✗ mean" not in text
    assert "[[1., 2.],\n [0., 4.]]" in text


def test_a_picture_shows_each_value_of_a_small_tensor() -> None:
    html = as_card(report(replace(WRONG, picture=ErrorMap("output", (3, 4), 5, ("0000", "0090", "9999")))))
    text = read(html).text
    assert "5 of 12 values of output (3 \u00d7 4)" in text
    assert [line.count("\u00d7") for line in re.findall(r"\n([\u00d7\u00a0]{4})", text)] == [0, 1, 4]


def test_a_picture_of_a_large_tensor_is_drawn_in_few_parts() -> None:
    grid = ("0" * 31 + "1",) * 15 + ("9" * 32,)
    html = as_card(report(replace(WRONG, picture=ErrorMap("output", (640, 320), 777, grid))))
    assert "777 of 204800 values of output (640 \u00d7 320)" in read(html).text
    assert len(html) < len(as_card(report(WRONG))) + 6000


@pytest.mark.parametrize(("wrong", "is_drawn"), [(12, False), (11, False), (10, True)])
def test_where_nearly_everything_is_wrong_the_sentence_is_enough(wrong: int, *, is_drawn: bool) -> None:
    nearly_all = replace(WRONG, picture=ErrorMap("output", (3, 4), wrong, ("9999",) * 3))
    assert (as_card(report(nearly_all)) != as_card(report(WRONG))) is is_drawn


LONG = (
    "NameError: name 'epsilon' is not defined "
    "(line 5: `return gamma * (x - mean) / torch.sqrt(var + epsilon) + beta`)"
)


def test_a_long_error_is_wrapped_below_both_headings_so_that_what_is_expected_stays_in_sight() -> None:
    example = Counterexample((), (("raised", LONG),), (("output", "[[0.]]"),), ("raised",))
    drawn = html(draw_counterexample(example))
    assert re.search(r'colspan="2"><span [^>]*>NameError', drawn)
    assert "white-space:pre-wrap" in drawn and "[[0.]]" in read(drawn).text


def test_what_differs_stands_above_what_does_not() -> None:
    rows = (("mean", "[5.]"), ("output", "1."))
    example = Counterexample((), rows, (("mean", "[5.]"), ("output", "2.")), ("output",))
    text = read(html(draw_counterexample(example))).text
    assert text.strip().startswith("Smallest failing input")
    assert text.index("✗ output") < text.index("mean")


def test_values_too_long_to_stand_beside_each_other_stand_below() -> None:
    wide = ", ".join(["1.234"] * 9)
    example = Counterexample((), (("output", f"[{wide}]"),), (("output", f"[{wide}, 2.]"),), ("output",))
    rows = read(html(draw_counterexample(example))).text.split("\n")
    assert [row for row in rows if "1.234" in row] == [f"✗ output[{wide}]", f"expected[{wide}, 2.]"]


def test_where_the_structures_differ_everything_is_marked() -> None:
    shapes = Counterexample((), (("output", "[1., 2.]"),), (("output", "[[1.], [2.]]"),), ("output",))
    assert marked(html(draw_counterexample(shapes))) == ["[1., 2.]"]


def test_what_one_side_lacks_is_a_dash() -> None:
    lone = Counterexample((), (), (("output", "1."),), ("output",))
    assert marked(html(draw_counterexample(lone))) == [MISSING]


def test_without_an_error_map_nothing_is_drawn() -> None:
    assert list(draw_error_map(None)) == []
