"""A teacher's CSV file, in which single cells are filled and no other byte changes."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from torch_judge.model.errors import UsageError

LARGEST: Final = 64 << 20
_DELIMITERS: Final = (",", ";", "\t")
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(slots=True)
class TableFile:
    """The rows of a CSV file as they were written: each cell with its quotes, each line with its end."""

    name: str
    _rows: list[list[str]]
    _ends: list[str]
    _delimiter: str
    _encoding: str
    _bom: bytes

    @classmethod
    def read(cls, raw: bytes, name: str) -> Self:
        """Read a file. Raises UsageError where it is no table of text."""
        bom, encoding = next(((bom, coding) for bom, coding in _BOMS if raw.startswith(bom)), (b"", "utf-8"))
        try:
            text = raw[len(bom) :].decode(encoding)
        except UnicodeDecodeError:
            if bom:
                raise UsageError(f"{name}: is no text") from None
            encoding = "latin-1"  # of an old spreadsheet; any byte comes back as it was
            text = raw.decode(encoding)
        if "\0" in text or len(raw) > LARGEST:
            raise UsageError(f"{name}: is no CSV file")
        delimiter = _find_delimiter(text)
        rows, ends = _split(text, delimiter)
        if not rows or len(rows[0]) == 1:
            raise UsageError(f"{name}: is no CSV file: its first line has no columns")
        return cls(name, rows, ends, delimiter, encoding, bom)

    def to_bytes(self) -> bytes:
        """Write the file: all as it was, but for the cells that were set."""
        lines = (f"{self._delimiter.join(row)}{end}" for row, end in zip(self._rows, self._ends, strict=True))
        return self._bom + "".join(lines).encode(self._encoding, "replace")

    @property
    def headings(self) -> list[str]:
        """Return the first row."""
        return [_unquote(cell).strip() for cell in self._rows[0]]

    @property
    def lines(self) -> range:
        """Return the numbers of the rows below the headings that hold anything."""
        return range(1, len(self._rows))

    def get(self, line: int, column: int | None) -> str:
        """Return the text of a cell; empty where a row is shorter, and where there is no such column."""
        row = self._rows[line]
        return _unquote(row[column]).strip() if column is not None and column < len(row) else ""

    def set(self, line: int, column: int, text: str) -> None:
        """Set the text of a cell, in quotes where it had them or needs them."""
        row = self._rows[line]
        if column >= len(row):
            return
        needs = any(mark in text for mark in (self._delimiter, '"', "\n", "\r"))
        quoted = row[column].startswith('"') or needs
        row[column] = '"' + text.replace('"', '""') + '"' if quoted else text

    def find(self, *names: str) -> int | None:
        """Find the column of one of several names, in whatever letters."""
        headings = [heading.casefold() for heading in self.headings]
        return next((headings.index(name.casefold()) for name in names if name.casefold() in headings), None)

    def choose(self, asked: str, among: Sequence[int], *, is_named: str) -> int:
        """Choose the column to fill: the one that is asked for, or the only one. Raises UsageError."""
        names = [self.headings[column] for column in among]
        if asked:
            chosen = [column for column, name in zip(among, names, strict=True) if _is_meant(name, asked)]
            if len(chosen) == 1:
                return chosen[0]
            found = "several columns are" if chosen else "no column is"
            raise UsageError(
                f"{self.name}: {found} called {asked!r}; there are: {', '.join(names) or 'none'}"
            )
        if not among:
            raise UsageError(f"{self.name}: has no column to fill: {is_named}")
        if len(among) > 1:
            listed = ", ".join(repr(name) for name in names)
            raise UsageError(f"{self.name}: several columns may be meant: {listed}; --column names one")
        return among[0]


def _is_meant(name: str, asked: str) -> bool:
    """Tell whether a column is meant by its name, or by it without the number behind."""
    return asked.casefold() in {name.casefold(), re.sub(r"\s*\(\d+\)$", "", name).casefold()}


def _find_delimiter(text: str) -> str:
    first = re.sub(r'"[^"]*"', "", text[: 1 << 16]).splitlines()[:1] or [""]
    return max(_DELIMITERS, key=first[0].count)


def _split(text: str, delimiter: str) -> tuple[list[list[str]], list[str]]:
    """Split a text into rows of cells as they are written, and the ends of the lines."""
    mark = re.escape(delimiter)
    cell = re.compile(rf'("(?:[^"]|"")*"(?=[{mark}\r\n]|\Z)|[^{mark}\r\n]*)({mark}|\r\n|\r|\n|\Z)')
    rows: list[list[str]] = []
    ends: list[str] = []
    row: list[str] = []
    place, end = 0, ""
    while place < len(text) or end == delimiter:
        found = cell.match(text, place)
        assert found is not None  # noqa: S101 - a cell may be empty, so there is always one
        row.append(found[1])
        place, end = found.end(), found[2]
        if end != delimiter:
            rows.append(row)
            ends.append(end)
            row = []
    return rows, ends


def _unquote(cell: str) -> str:
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        return cell[1:-1].replace('""', '"')
    return cell
