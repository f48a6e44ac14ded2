"""A text made of another by edits: each names a stretch that occurs once, and what takes its place."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

_LONGEST_QUOTE: Final = 60


@dataclass(frozen=True, slots=True)
class Edit:
    """A stretch of a text, and what takes its place."""

    before: str
    after: str


class EditError(ValueError):
    """An edit that does not apply; its text is a sentence without its subject's name."""


@lru_cache(maxsize=512)
def edit_module(text: str, name: str, docstring: str, edits: tuple[Edit, ...]) -> str:
    """Apply edits to a module's text, and give it another docstring. Raises EditError.

    The text's own docstring goes, so nothing is looked for in it. `name` is what a complaint calls the text.
    """
    start, end = _locate_docstring(text, name)
    found = ((_find(edit, text, name, start=end), edit) for edit in edits)
    pieces = sorted(found, key=lambda piece: piece[0])
    _refuse_overlap(pieces, text, name)
    for place, edit in reversed(pieces):  # from the end, so that places stay true
        text = text[:place] + edit.after + text[place + len(edit.before) :]
    gap = "" if end else "\n\n\n"
    return text[:start] + _quote_docstring(docstring) + gap + text[end:]


def _find(edit: Edit, text: str, name: str, *, start: int) -> int:
    places = list(_find_all(edit.before, text, start))
    quote = _shorten(edit.before)
    if not places:
        raise EditError(f"{quote} does not occur in {name}{_suggest_line(edit.before, text)}")
    if len(places) > 1:
        lines = ", ".join(str(_count_line(text, place)) for place in places)
        raise EditError(f"{quote} occurs {len(places)} times in {name}, in lines {lines}; make it longer")
    return places[0]


def _find_all(part: str, text: str, start: int) -> Iterator[int]:
    place = text.find(part, start)
    while place >= 0:
        yield place
        place = text.find(part, place + 1)


def _refuse_overlap(pieces: Sequence[tuple[int, Edit]], text: str, name: str) -> None:
    for (place, edit), (following, other) in pairwise(pieces):
        if following < place + len(edit.before):
            line = _count_line(text, following)
            raise EditError(
                f"{_shorten(edit.before)} and {_shorten(other.before)} overlap in line {line} of {name}; "
                "make one edit of them"
            )


def _count_line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def _shorten(text: str) -> str:
    line = next((line.strip() for line in text.splitlines() if line.strip()), text)
    cut = line if len(line) <= _LONGEST_QUOTE else f"{line[:_LONGEST_QUOTE]}..."
    return f"`{cut}`"


def _suggest_line(part: str, text: str) -> str:
    """Name the line that is most like the first one of what was not found."""
    first = next((line.strip() for line in part.splitlines() if line.strip()), "")
    lines = {line.strip(): number for number, line in reversed(list(enumerate(text.splitlines(), 1)))}
    near = difflib.get_close_matches(first, lines, n=1, cutoff=0.6)
    return f"; line {lines[near[0]]} is {_shorten(near[0])}" if near else ""


def _locate_docstring(text: str, name: str) -> tuple[int, int]:
    """Find where a module's docstring begins and ends; both are 0 where it has none."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        raise EditError(f"{name} is no Python: {error.args[0]}") from None
    if ast.get_docstring(tree, clean=False) is None:
        return 0, 0
    node, lines = tree.body[0], text.split("\n")

    def locate(line: int, column: int) -> int:
        return sum(len(before) + 1 for before in lines[: line - 1]) + len(
            lines[line - 1].encode()[:column].decode()
        )

    return locate(node.lineno, node.col_offset), locate(node.end_lineno or 1, node.end_col_offset or 0)


def _quote_docstring(docstring: str) -> str:
    escaped = docstring.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    end = "\n" if "\n" in escaped or escaped.endswith('"') else ""
    return f'"""{escaped}{end}"""'
