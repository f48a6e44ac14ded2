"""A counterexample as lines of text: inputs, then yours beside expected, or above it where both are long."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from torch_judge.model.report import Counterexample, Rows

from .text_blocks import make_text, wrap
from .wording import SMALLEST_INPUT

MISSING: Final = "-"
BY: Final = 4
CUT: Final = "..."
MOST_LINES_OF_A_SIDE: Final = 3
"""So much of a long value or error is shown where not all fits."""
_GAP: Final = 2
_SIDE: Final = BY + 2 * _GAP + len("expected") + _GAP
"""Where the text of one side begins."""
Row = tuple[Text, Text, Text]


class Right(StrEnum):
    """How what is right is shown beside what is wrong."""

    IN_FULL = "in full"
    BY_NAME = "by name"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Page:
    """What wraps a text, and how wide."""

    console: Console
    width: int


class CounterexampleText:
    """A whole counterexample."""

    def __init__(self, counterexample: Counterexample) -> None:
        self._counterexample = counterexample

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield make_text(f"  {SMALLEST_INPUT}", "bold")
        yield from list_inputs(self._counterexample.inputs, Page(console, options.max_width))
        yield from list_answers(self._counterexample, Page(console, options.max_width))


def list_inputs(rows: Rows, page: Page) -> list[Text]:
    """List the inputs, a line for each that is short enough."""
    indent = BY + _GAP
    names = max((make_text(name).cell_len for name, _ in rows), default=0)
    lines: list[Text] = []
    for name, value in rows:
        label, text = make_text(name), make_text(value)
        first, *others = wrap(text, page.console, page.width, by=indent + names + _GAP)
        first = Text.assemble(" " * indent, label, " " * (names - label.cell_len), first[indent + names :])
        lines += [first, *others]
    return lines


def list_inputs_in_a_row(rows: Rows, page: Page) -> list[Text]:
    """List the inputs one after the other, as few lines as they fit into."""
    return _flow(_pair_up(rows), page, by=BY + _GAP)


def list_answers(counterexample: Counterexample, page: Page, *, right: Right = Right.IN_FULL) -> list[Text]:
    """List yours beside expected, what differs marked by a cross and not by colour alone."""
    yours, expected = dict(counterexample.yours), dict(counterexample.expected)
    names = dict.fromkeys([*expected, *yours])
    wrong = [name for name in names if name in counterexample.differs]
    alike = [name for name in names if name not in counterexample.differs]
    most = MOST_LINES_OF_A_SIDE if right is not Right.IN_FULL else None
    if len(wrong) == 1 and [wrong[0]] in (list(yours), list(expected)) and len(names) > 1:
        # one side raised: what it said stands alone, and what is on the other side in a row
        return _list_said(wrong[0], counterexample, page, most)
    rows = [_make_row(name, yours, expected, "red") for name in wrong]
    others = [_make_row(name, yours, expected) for name in alike] if right is Right.IN_FULL else []
    lines = _list_rows(rows, others, page, most)
    if alike and right is Right.BY_NAME:
        names_alike = make_text(f"as expected: {', '.join(alike)}", "dim")
        lines += wrap(names_alike, page.console, page.width, by=BY + _GAP)
    return lines


def _make_row(name: str, yours: dict[str, str], expected: dict[str, str], style: str = "") -> Row:
    label = Text.assemble(("✗ ", style) if style else "  ", make_text(name))
    return label, make_text(yours.get(name, MISSING), style), make_text(expected.get(name, MISSING))


def _list_rows(wrong: Sequence[Row], right: Sequence[Row], page: Page, most: int | None) -> list[Text]:
    """List rows in columns; one that is too wide for that has a line for each side, or several."""
    rows = [*wrong, *right]
    narrow = _choose_narrow(wrong, right, page.width)
    lines: list[Text] = []
    for row in rows:
        if row not in narrow:
            label, yours, expected = row
            lines += wrap(label, page.console, page.width, by=BY)
            lines += _list_side("yours", yours, page, most)
            lines += _list_side("expected", expected, page, most)
    table = [(Text("  "), Text("yours", "bold"), Text("expected", "bold")), *narrow] if narrow else []
    widths = _measure(table)
    for row in table:
        line = Text(" " * BY)
        for cell, room in zip(row, widths, strict=True):
            line.append_text(cell).append(" " * (room - cell.cell_len + _GAP))
        line.rstrip()
        lines.append(line)
    return lines


def _choose_narrow(wrong: Sequence[Row], right: Sequence[Row], width: int) -> list[Row]:
    """Choose the rows that fit beside each other: the widest is left out first, of what is right before."""
    narrow = [row for row in (*wrong, *right) if not any("\n" in cell.plain for cell in row)]
    while narrow and BY + sum(_measure(narrow)) + _GAP * 2 > width:
        widest = max(narrow, key=lambda row: (row in right, sum(cell.cell_len for cell in row)))
        narrow = [row for row in narrow if row is not widest]
    return narrow


def _measure(rows: Sequence[Row]) -> list[int]:
    heading = len("yours"), len("expected")
    widths = [max(cell.cell_len for cell in column) for column in zip(*rows, strict=True)]
    return [max(width, least) for width, least in zip(widths, (0, *heading), strict=False)]


def _list_side(name: str, text: Text, page: Page, most: int | None) -> list[Text]:
    """List one side of a row, at most so many lines: the name before the first."""
    lines = wrap(text, page.console, page.width, by=_SIDE)
    if most is not None and len(lines) > most:
        lines = [*lines[: most - 1], Text(" " * _SIDE + CUT, style="dim")]
    label = f"{name:{_SIDE - BY - 2 * _GAP}}"
    return [Text.assemble(" " * (BY + 2 * _GAP), (label, "bold"), lines[0][_SIDE:]), *lines[1:]]


def _list_said(name: str, counterexample: Counterexample, page: Page, most: int | None) -> list[Text]:
    """List what one side said in the place of an answer, and the other's answer, at most so many lines."""
    lines = [Text.assemble(" " * BY, ("✗ ", "red"), make_text(name))]
    for side, rows in (("yours", counterexample.yours), ("expected", counterexample.expected)):
        values = dict(rows)
        if name in values:
            text = make_text(values[name], "red" if side == "yours" else "")
        else:
            text = Text("\n").join(_flow(_pair_up(rows), Page(page.console, page.width - _SIDE), by=0))
        lines += _list_side(side, text, page, most)
    return lines


def _pair_up(rows: Rows) -> list[Text]:
    return [make_text(f"{name} = {value}") for name, value in rows]


def _flow(pieces: Iterable[Text], page: Page, *, by: int) -> list[Text]:
    """Put pieces one after the other, a new line where the next does not fit."""
    lines: list[Text] = []
    for piece in pieces:
        if lines and lines[-1].cell_len + 3 + piece.cell_len <= page.width and "\n" not in piece.plain:
            lines[-1] = Text.assemble(lines[-1], "   ", piece)
        else:
            lines += wrap(piece, page.console, page.width, by=by)
    return lines
