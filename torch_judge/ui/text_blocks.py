"""Texts on a terminal that cannot pass for ours, whoever wrote them: cleaned, standing in from the left."""

from __future__ import annotations

from typing import Final

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from torch_judge.model.sanitize import sanitize

INDENT: Final = 6
PRINTED: Final = "printed | "
NARROWEST: Final = 20
_LONGEST_PART: Final = 1 << 16


def make_text(text: str, style: str = "") -> Text:
    """Make a text that cannot steer the terminal, whoever wrote it: a file's name is the learner's too."""
    return Text(sanitize(text, longest=_LONGEST_PART), style=style)


def wrap(text: Text, console: Console, width: int, *, by: int = 0) -> list[Text]:
    """Wrap a text that stands in from the left so that no line is wider than `width`."""
    room = max(width - by, NARROWEST)
    lines: list[Text] = []
    for line in text.split(allow_blank=True):
        lines += [line] if line.cell_len <= room else line.wrap(console, room)
    for line in lines:
        line.rstrip()
    return [Text.assemble(" " * by, line) for line in lines]


class Indented:
    """A text that stands in from the left, wrapped lines too.

    rich's Padding does the same at ten times the cost.
    """

    def __init__(self, text: Text, *, by: int = INDENT) -> None:
        self._text, self._by = text, by

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from self.list_lines(console, options.max_width)

    def list_lines(self, console: Console, width: int) -> list[Text]:
        """List its lines, none wider than `width`."""
        return wrap(self._text, console, width, by=self._by)


class Hanging:
    """A line of ours that ends with the submission's words.

    Where it is wrapped, what follows stands in from the left, so that it cannot pass for a line of ours.
    """

    def __init__(self, text: Text) -> None:
        self._text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from self.list_lines(console, options.max_width)

    def list_lines(self, console: Console, width: int) -> list[Text]:
        """List its lines, none wider than `width`."""
        if self._text.cell_len <= width and "\n" not in self._text.plain:
            return [self._text]
        first, *others = self._text.wrap(console, max(width - INDENT, NARROWEST))
        return [first, *(Text.assemble(" " * INDENT, other) for other in others)]


class Printed:
    """The submission's own prints: each line is marked, wrapped ones too, so that none passes for ours."""

    def __init__(self, text: str) -> None:
        self._lines = [sanitize(line, longest=_LONGEST_PART) for line in text.splitlines()]

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        yield from self.list_lines(options.max_width)

    def list_lines(self, width: int) -> list[Text]:
        """List its lines, none wider than `width`."""
        room = max(width - len(PRINTED) - INDENT, NARROWEST)
        return [
            Text(" " * INDENT + PRINTED + line[start : start + room], style="dim", no_wrap=True)
            for line in self._lines
            for start in range(0, max(len(line), 1), room)
        ]
