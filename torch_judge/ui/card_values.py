"""Values on a card: yours beside expected with what differs marked, and where a tensor is wrong."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from torch_judge.model.report import Counterexample, ErrorMap, Rows

from .card_style import (
    CELL,
    FAINT_GREEN,
    FAINT_GREY,
    FAINT_RED,
    HEADING,
    LINE,
    MONO,
    QUIET,
    RED,
    TABLE,
    WRAPPED,
)
from .html import Content, Part, part
from .wording import SMALLEST_INPUT

MISSING: Final = "-"
MOST_VALUES_APART: Final = 160
"""Of a picture with no more places, each is drawn for itself."""
NEARLY_ALL: Final = 0.9
"""A picture of so much that is wrong shows nothing."""
PIXELS_OF_A_DIGIT: Final = 7.6
WIDEST_PAIR: Final = 560
"""What yours and expected beside each other may take of a card."""
_BETWEEN_NUMBERS: Final = re.compile(r"([\[\](){},\s]+)")


def draw_counterexample(counterexample: Counterexample) -> Part:
    """Draw the smallest counterexample: the inputs, then yours beside expected, the wrong numbers marked.

    What differs stands first. Where both are too wide to stand beside each other, one stands below the other.
    """
    yours, expected = dict(counterexample.yours), dict(counterexample.expected)
    names = sorted(dict.fromkeys([*expected, *yours]), key=lambda name: name not in counterexample.differs)
    headings = ("", "yours", "expected")
    heads = (
        part("th" if heading else "td", f"{CELL}font-weight:600;padding-top:10px", heading)
        for heading in headings
    )
    rows = [
        *_draw_inputs(counterexample.inputs),
        _draw_row(*heads),
        *(
            row
            for name in names
            for row in _draw_answer(
                name, yours.get(name), expected.get(name), wrong=name in counterexample.differs
            )
        ),
    ]
    table = part("table", TABLE, part("tbody", "", *rows))
    title = part("div", HEADING, SMALLEST_INPUT)
    return part("div", "", title, part("div", "overflow-x:auto", table))


def _draw_inputs(rows: Rows) -> list[Part]:
    return [
        _draw_row(part("td", f"{CELL}{QUIET}", name), _draw_wide(_stack_rows(text))) for name, text in rows
    ]


def _draw_row(*cells: Part) -> Part:
    return part("tr", "background:transparent", *cells)


def _draw_wide(*content: Content) -> Part:
    """Draw a cell below both headings, whose lines are wrapped where they are too long."""
    return part("td", f"{CELL}{MONO};{WRAPPED}", *content, colspan="2")


def _draw_answer(name: str, yours: str | None, expected: str | None, *, wrong: bool) -> Iterator[Part]:
    left, right = (_stack_rows(MISSING if text is None else text) for text in (yours, expected))
    label = part("td", f"{CELL}font-weight:600", f"✗ {name}") if wrong else part("td", f"{CELL}{QUIET}", name)
    columns = [(_longest_line(text) + 2) * PIXELS_OF_A_DIGIT for text in (left, right)]
    marked = _mark_differences(left, right) if wrong else ([left], [right])
    if sum(columns) <= WIDEST_PAIR:
        style = f"{CELL}{MONO}" if wrong else f"{CELL}{MONO};{QUIET}"
        yield _draw_row(label, *(part("td", style, *side) for side in marked))
        return
    if yours is not None:
        yield _draw_row(label, _draw_wide(*marked[0]))
        label = part("td", f"{CELL}{QUIET}", "expected")
    if expected is not None:
        yield _draw_row(label, _draw_wide(*marked[1]))


def _longest_line(text: str) -> int:
    return max(map(len, text.splitlines()), default=0)


def _stack_rows(text: str) -> str:
    """Write a matrix with a line for each row."""
    return text.replace("], [", "],\n [")


def _mark_differences(yours: str, expected: str) -> tuple[list[Content], list[Content]]:
    """Mark the numbers of two texts that differ; all of them where the structures differ."""
    # A split by a pattern in parentheses keeps what is between: every second piece is structure.
    left, right = _BETWEEN_NUMBERS.split(yours), _BETWEEN_NUMBERS.split(expected)
    if left[1::2] != right[1::2]:
        return [_mark_wrong(yours)], [_mark_right(expected)]
    pairs = list(zip(left, right, strict=True))
    marked = [a if a == b else _mark_wrong(a) for a, b in pairs]
    return marked, [b if a == b else _mark_right(b) for a, b in pairs]


def _mark_wrong(text: str) -> Part:
    style = (
        f"background:{FAINT_RED};border-radius:3px;padding:0 3px;font-weight:700;text-decoration:underline"
    )
    return part("span", style, text, title="wrong")


def _mark_right(text: str) -> Part:
    return part("span", f"background:{FAINT_GREEN};border-radius:3px;padding:0 3px;font-weight:700", text)


def draw_error_map(picture: ErrorMap | None) -> Iterator[Part]:
    """Draw where a tensor is wrong; nothing if it is nearly everywhere.

    There is a square for each value, or in a large tensor for each block of values.
    """
    if picture is None:
        return
    values = math.prod(picture.shape)
    if picture.wrong >= NEARLY_ALL * values:  # the sentence has said so
        return
    places = sum(len(row) for row in picture.grid)
    shape = " \u00d7 ".join(str(length) for length in picture.shape)
    count = f"{picture.wrong} of {values} values of {picture.where} ({shape})"
    says = f"\u00d7 marks the wrong ones, {count}"
    apart = places == values and places <= MOST_VALUES_APART
    rows = [_draw_squares(row) if apart else _draw_runs(row) for row in picture.grid]
    if not apart:
        says = f"where the wrong ones are, {count}: the stronger a place, the more of them"
    frame = f"display:inline-block;border:{LINE};border-radius:5px;padding:3px;max-width:100%;overflow-x:auto"
    grid = part("div", frame, *rows, role="img", aria_label=says)
    yield part("div", "margin:8px 0 0 0", grid, part("div", f"font-size:12px;{QUIET}", says))


def _draw_squares(row: str) -> Part:
    base = "display:inline-block;width:13px;margin:1px;border-radius:3px;background:"
    wrong, right = f"{base}{RED};color:#ffffff", f"{base}{FAINT_GREY}"
    squares = [
        part("span", wrong, "\u00d7") if digit != "0" else part("span", right, "\u00a0") for digit in row
    ]
    return part(
        "div", "white-space:nowrap;line-height:13px;height:15px;text-align:center;font-size:11px", *squares
    )


def _draw_runs(row: str) -> Part:
    """Draw a row of blocks; neighbours that are alike are one part, which keeps a card small."""
    runs = [(digit, len(list(run))) for digit, run in groupby(row)]
    return part(
        "div",
        "white-space:nowrap;line-height:10px;height:10px",
        *(_draw_run(int(digit), length) for digit, length in runs),
    )


def _draw_run(digit: int, length: int) -> Part:
    # One wrong value in a large block must be seen, too: the faintest is a third as strong as the strongest.
    colour = f"rgba(196,43,28,{0.25 + digit / 12:.2f})" if digit else FAINT_GREY
    return part("span", f"display:inline-block;width:{10 * length}px;height:10px;background:{colour}")
