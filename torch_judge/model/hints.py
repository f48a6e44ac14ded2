"""The hints of a package, `hints.md`: from gentle to plain, each with the mistakes and cases it fits.

A line `---` separates them. A hint may begin with a line `fits: unbiased_variance, returns_zeros`, which
names gotchas or cases; a learner never sees that line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .errors import BankError

FILE: Final = "hints.md"
_SEPARATOR: Final = re.compile(r"---\s*")
_FITS: Final = re.compile(r"fits\s*:(.*)", re.IGNORECASE)
_NAME: Final = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class WrittenHint:
    """A hint as its author wrote it: its text, what it fits, and the line on which that stands."""

    text: str
    fits: tuple[str, ...] = ()
    """The names of gotchas and cases."""
    line: int = 1


def parse_hints(text: str, where: object) -> tuple[WrittenHint, ...]:
    """Read the hints of a text; `where` is its file. Raises BankError, which names the line."""
    return tuple(_parse_hints(text, where))


def _parse_hints(text: str, where: object) -> Iterator[WrittenHint]:
    for first, part in _split(text):
        said = part.strip()
        line = first + part[: len(part) - len(part.lstrip())].count("\n")
        head, _, rest = said.partition("\n")
        if (named := _FITS.fullmatch(head.strip())) is None:
            if said:
                yield WrittenHint(said, line=line)
            continue
        fits = _read_names(named[1], f"{where}:{line}")
        if not rest.strip():
            raise BankError(f"{where}:{line}: no hint follows this line; write one, or take the line away")
        yield WrittenHint(rest.strip(), fits, line)


def _split(text: str) -> Iterator[tuple[int, str]]:
    """Split a text at its separators; with each part comes the number of its first line."""
    first, part = 1, list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        if _SEPARATOR.fullmatch(line):
            yield first, "\n".join(part)
            first, part = number + 1, []
        else:
            part.append(line)
    yield first, "\n".join(part)


def _read_names(text: str, where: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if not _NAME.fullmatch(name):
            raise BankError(
                f"{where}: expected names of gotchas or cases with commas between, found {name!r}"
            )
    if doubled := next((name for name in names if names.count(name) > 1), None):
        raise BankError(f"{where}: {doubled} is named twice")
    return names
