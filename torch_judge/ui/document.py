"""A document: what a learner asked for, as blocks; text in a terminal, static HTML in a notebook.

It loads nothing that takes time. All words may be somebody else's: text is cleaned here, HTML in `html`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import starmap, zip_longest

from torch_judge.model.sanitize import one_line, sanitize

from .html import Content, Part, html, make_part, mark_code

LONGEST = 8 << 20
WIDTH = 100
_BORDER = "1px solid rgba(128, 128, 128, .35)"
_CELL = "text-align: left; padding: .2em .8em .2em 0"
_GAP, _NARROWEST = "  ", 12
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


class Tone(StrEnum):
    """What a row of a table is about, which a colour may say besides."""

    PLAIN = "plain"
    TOPIC = "topic"
    """It stands above others."""
    DONE = "done"
    BEGUN = "begun"


_TONES = {
    Tone.PLAIN: "",
    Tone.TOPIC: "; font-weight: 600",
    # translucent, so that they do on a light page and on a dark one
    Tone.DONE: "; background: rgba(46, 160, 67, .22)",
    Tone.BEGUN: "; background: rgba(210, 153, 34, .2)",
}


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of short texts.

    `tones` has one for each row, or none at all. The column `yields` is cut where the table is too wide.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    tones: tuple[Tone, ...] = ()
    yields: int | None = None

    def list_toned(self) -> Iterator[tuple[Tone, tuple[str, ...]]]:
        """List the rows, each with its tone."""
        return zip(self.tones or (Tone.PLAIN,) * len(self.rows), self.rows, strict=True)


Block = Heading | Paragraph | Code | Grid
Style = Callable[[str], str]
Paint = Callable[[Tone, str], str]


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

    def as_text(self, *, width: int = WIDTH, heading: Style = str, paint: Paint | None = None) -> str:
        """Write it as text, its paragraphs so wide; `heading` marks the headings, `paint` rows of a tone."""
        return "\n\n".join(_write(block, width, heading, paint) for block in self.blocks)

    def __repr__(self) -> str:
        return self.as_text()

    def _repr_html_(self) -> str:
        """Write it as HTML without scripts, in colours that suit a light and a dark page."""
        return html(_part("div", "max-width: 60em; line-height: 1.5", *map(_draw, self.blocks)))


def _write(block: Block, width: int, heading: Style, paint: Paint | None) -> str:
    match block:
        case Heading(text):
            return heading(one_line(text, longest=LONGEST))
        case Paragraph(text):
            return "\n".join(
                textwrap.fill(line, max(width, 20)) for line in sanitize(text, longest=LONGEST).splitlines()
            )
        case Code(text):
            return sanitize(text.rstrip(), longest=LONGEST)
        case Grid():
            head, *lines = _align(block, width)
            tones = [tone for tone, _ in block.list_toned()]
            painted = [paint(*pair) for pair in zip(tones, lines, strict=True)] if paint else lines
            return "\n".join([head, *painted])


def _align(grid: Grid, width: int) -> list[str]:
    """Write a table as lines, its headings first."""
    rows = [[one_line(cell) for cell in row] for row in (grid.headings, *grid.rows)]
    widths = [max(map(len, column)) for column in zip_longest(*rows, fillvalue="")]
    if grid.yields is not None:
        excess = sum(widths) + len(_GAP) * (len(widths) - 1) - width
        widths[grid.yields] = max(widths[grid.yields] - max(excess, 0), _NARROWEST)
        for row in rows:
            row[grid.yields] = _cut(row[grid.yields], widths[grid.yields])
    return [
        _GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()
        for row in rows
    ]


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def _draw(block: Block) -> Part:
    match block:
        case Heading(text):
            return _part("p", "margin: .6em 0 .3em", _part("strong", "", text))
        case Paragraph(text):
            return _part("p", "margin: .3em 0; white-space: pre-line", *_mark_code(text))
        case Code(text):
            style = f"{_CODE}; padding: .6em .8em; overflow-x: auto; text-align: left"
            return _part("pre", style, text.rstrip())
        case Grid(headings):
            head = _part("tr", "", *(_part("th", _CELL, heading, scope="col") for heading in headings))
            return _part(
                "table",
                "border-collapse: collapse; margin: .4em 0",
                head,
                *starmap(_draw_row, block.list_toned()),
            )


def _draw_row(tone: Tone, row: Sequence[str]) -> Part:
    style = f"{_CELL}; border-top: {_BORDER}{_TONES[tone]}"
    return _part("tr", "", *(_part("td", style, *_mark_code(cell)) for cell in row))


def _mark_code(text: str) -> Iterator[Content]:
    return mark_code(text, f"{_CODE}; padding: 0 .2em", longest=LONGEST)


def _part(name: str, style: str, *content: Content, **attributes: str) -> Part:
    return make_part(name, style, content, attributes, longest=LONGEST)
