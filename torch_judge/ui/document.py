"""A document: what a learner asked for, as blocks; text in a terminal, static HTML in a notebook.

It loads nothing that takes time. All words may be somebody else's: text is cleaned here, HTML in `html`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from torch_judge.model.sanitize import one_line, sanitize

from .html import Content, Part, html, make_part, mark_code

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
        """Return the code that it shows; empty if it shows none."""
        return next((block.text for block in self.blocks if isinstance(block, Code)), "")

    def code_alone(self) -> Document:
        """Return its code and nothing else."""
        return Document((Code(self.code),))

    def with_notices(self, notices: Sequence[str]) -> Document:
        """Add sentences that a person should be told below it."""
        return Document((*self.blocks, *(Paragraph(f"torch_judge: {notice}") for notice in notices)))

    def as_text(self, *, width: int = WIDTH, heading: Style = str) -> str:
        """Write it as text, its paragraphs so wide; `heading` marks the headings."""
        return "\n\n".join(_write(block, width, heading) for block in self.blocks)

    def __repr__(self) -> str:
        return self.as_text()

    def _repr_html_(self) -> str:
        """Write it as HTML without scripts, in colours that suit a light and a dark page."""
        return html(_part("div", "max-width: 60em; line-height: 1.5", *map(_draw, self.blocks)))


def _write(block: Block, width: int, heading: Style) -> str:
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


def _draw(block: Block) -> Part:
    match block:
        case Heading(text):
            return _part("p", "margin: .6em 0 .3em", _part("strong", "", text))
        case Paragraph(text):
            return _part("p", "margin: .3em 0; white-space: pre-line", *_mark_code(text))
        case Code(text):
            style = f"{_CODE}; padding: .6em .8em; overflow-x: auto; text-align: left"
            return _part("pre", style, text.rstrip())
        case Grid(headings, rows):
            head = _part("tr", "", *(_part("th", _CELL, heading, scope="col") for heading in headings))
            return _part("table", "border-collapse: collapse; margin: .4em 0", head, *map(_draw_row, rows))


def _draw_row(row: Sequence[str]) -> Part:
    style = f"{_CELL}; border-top: {_BORDER}"
    return _part("tr", "", *(_part("td", style, *_mark_code(cell)) for cell in row))


def _mark_code(text: str) -> Iterator[Content]:
    return mark_code(text, f"{_CODE}; padding: 0 .2em", longest=LONGEST)


def _part(name: str, style: str, *content: Content, **attributes: str) -> Part:
    return make_part(name, style, content, attributes, longest=LONGEST)
