"""A sheet: what a learner asked for, as blocks, shown as text in a terminal and as static HTML in a notebook.

It loads nothing that takes time. All words may be somebody else's, so they are cleaned and escaped here.
"""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from torch_judge.model.sanitize import one_line, sanitize

LONGEST = 8 << 20
WIDTH = 100
_BORDER = "1px solid rgba(128, 128, 128, .35)"
_CELL = "text-align: left; padding: .2em .8em .2em 0"
_CODE = f"background: rgba(128, 128, 128, .12); border: {_BORDER}; border-radius: 4px"


@dataclass(frozen=True, slots=True)
class Heading:
    """A line that says what follows."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A few sentences; what stands between backquotes is code."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """Code as it was written."""

    text: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of short texts."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Heading | Paragraph | Code | Grid
Style = Callable[[str], str]


@dataclass(frozen=True, slots=True, repr=False)
class Document:
    """Blocks that are shown one below the other."""

    blocks: tuple[Block, ...]

    @property
    def code(self) -> str:
        """Return the code that the sheet shows; empty if it shows none."""
        return next((block.text for block in self.blocks if isinstance(block, Code)), "")

    def code_alone(self) -> Document:
        """Return the sheet with its code and nothing else."""
        return Document((Code(self.code),))

    def with_notices(self, notices: Sequence[str]) -> Document:
        """Return the sheet with sentences that a person should be told below it."""
        return Document((*self.blocks, *(Paragraph(f"torch_judge: {notice}") for notice in notices)))

    def as_text(self, *, width: int = WIDTH, heading: Style = str) -> str:
        """Return the sheet as text, its paragraphs so wide; `heading` marks the headings."""
        return "\n\n".join(_text_of(block, width, heading) for block in self.blocks)

    def __repr__(self) -> str:
        return self.as_text()

    def _repr_html_(self) -> str:
        """Return the sheet as HTML without scripts, in colours that suit a light and a dark page."""
        return f'<div style="max-width: 60em; line-height: 1.5">{"".join(map(_html_of, self.blocks))}</div>'


def _text_of(block: Block, width: int, heading: Style) -> str:
    match block:
        case Heading(text):
            return heading(one_line(text, longest=LONGEST))
        case Paragraph(text):
            return "\n".join(
                textwrap.fill(line, max(width, 20)) for line in sanitize(text, longest=LONGEST).splitlines()
            )
        case Code(text):
            return sanitize(text.rstrip(), longest=LONGEST)
        case Grid(headings, rows):
            return _aligned([headings, *rows])


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    cleaned = [[one_line(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip_longest(*cleaned, fillvalue="")]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()
        for row in cleaned
    )


def _html_of(block: Block) -> str:
    match block:
        case Heading(text):
            return f'<p style="margin: .6em 0 .3em"><strong>{_escaped(text)}</strong></p>'
        case Paragraph(text):
            return f'<p style="margin: .3em 0; white-space: pre-line">{_with_code(_escaped(text))}</p>'
        case Code(text):
            return f'<pre style="{_CODE}; padding: .6em .8em; overflow-x: auto; text-align: left">{_escaped(text.rstrip())}</pre>'
        case Grid(headings, rows):
            head = "".join(f'<th scope="col" style="{_CELL}">{_escaped(each)}</th>' for each in headings)
            return f'<table style="border-collapse: collapse; margin: .4em 0"><tr>{head}</tr>{"".join(map(_html_row, rows))}</table>'


def _html_row(row: Sequence[str]) -> str:
    cells = "".join(
        f'<td style="{_CELL}; border-top: {_BORDER}">{_with_code(_escaped(each))}</td>' for each in row
    )
    return f"<tr>{cells}</tr>"


def _escaped(text: str) -> str:
    return html.escape(sanitize(text, longest=LONGEST))


def _with_code(escaped: str) -> str:
    return re.sub(r"`([^`\n]+)`", rf'<code style="{_CODE}; padding: 0 .2em">\1</code>', escaped)
