"""`submissions/mistakes.toml`, mistakes as named edits of right samples, read strictly."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec

from .edits import Edit
from .errors import BankError
from .files import find_tables, parse_toml, read_text
from .report import Verdict
from .sample import JURY_SOLUTION, Change, Sample

FILE: Final = "submissions/mistakes.toml"
LARGEST_FILE: Final = 256 << 10
MOST_DOTS: Final = 200
"""A key of many dots takes time that grows with the square of their number; no line needs as many."""


class _Edit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    before: str
    after: str


class _Variant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    base: str
    edits: tuple[_Edit, ...]


class _Mistake(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    says: str
    edits: tuple[_Edit, ...]
    base: str = JURY_SOLUTION
    variants: tuple[_Variant, ...] = ()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    mistake: tuple[_Mistake, ...] = ()


_A_TABLE: Final = "a table"
_A_TEXT: Final = "a text"
_EXPECTED: Final[Mapping[str, str]] = {
    "mistake": "tables [[mistake]]",
    "name": "a Python name",
    "says": "a text, which a learner reads",
    "base": f"{JURY_SOLUTION!r}, or the name of a sample in accepted/",
    "edits": "a list of tables with before and after, one at least",
    "variants": "tables [[mistake.variants]]",
    "before": f"{_A_TEXT} that occurs once in the base",
    "after": f"{_A_TEXT} other than before",
}


def read_mistakes(folder: Path) -> tuple[Sample, ...]:
    """Read the mistakes of the package in a folder, each followed by its variants. Raises BankError.

    No edit is applied here: a sample reads its base when it is asked for its text.
    """
    path = folder / FILE
    if not path.exists():
        return ()
    return _parse(path, read_text(path, within=folder, largest=LARGEST_FILE))


@lru_cache(maxsize=16)
def _parse(path: Path, text: str) -> tuple[Sample, ...]:
    table = _read_table(path, text)
    places = _Places(path, text, table)
    try:
        entries = msgspec.convert(table, _File, strict=True).mistake
    except msgspec.ValidationError as error:
        raise places.explain(str(error)) from None
    for complaint in _find_faults(entries, places):
        raise complaint
    return tuple(
        sample for number, entry in enumerate(entries) for sample in _list_samples(entry, number, places)
    )


def _read_table(path: Path, text: str) -> dict[str, Any]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > MOST_DOTS:
            raise BankError(f"{path}:{number}: more than {MOST_DOTS} dots in one line")
    return parse_toml(text, path)


def _list_samples(entry: _Mistake, number: int, places: _Places) -> Iterator[Sample]:
    says, hands = entry.says.strip(), Counter[str]()
    change = Change(entry.name, says, entry.base, _convert(entry.edits), places.find_line(number))
    yield Sample(places.path, Verdict.WRONG_ANSWER, change)
    for index, variant in enumerate(entry.variants):
        hands[variant.base] += 1
        # two in the same hand are told apart by a number
        hand = variant.base if hands[variant.base] == 1 else f"{variant.base}_{hands[variant.base]}"
        line = places.find_line(number, index)
        change = Change(entry.name, says, variant.base, _convert(variant.edits), line, hand)
        yield Sample(places.path, Verdict.WRONG_ANSWER, change)


def _convert(edits: tuple[_Edit, ...]) -> tuple[Edit, ...]:
    return tuple(Edit(edit.before, edit.after) for edit in edits)


def _find_faults(entries: tuple[_Mistake, ...], places: _Places) -> Iterator[BankError]:
    """Find what a type cannot say."""
    known: dict[str, int] = {}
    for number, entry in enumerate(entries):
        if not entry.name.isidentifier():
            yield places.complain(f"expected {_EXPECTED['name']}, found {entry.name!r}", "name", number)
        if entry.name in known:
            line = places.find_line(known[entry.name])
            yield places.complain(f"{entry.name!r} is the name of the mistake in line {line} too", "", number)
        known[entry.name] = number
        if not entry.says.strip():
            yield places.complain("is empty: say what the learner's code does", "says", number)
        yield from _find_faults_of_hand(entry, places, number, None)
        for index, variant in enumerate(entry.variants):
            yield from _find_faults_of_hand(variant, places, number, index)


def _find_faults_of_hand(
    hand: _Mistake | _Variant, places: _Places, number: int, variant: int | None
) -> Iterator[BankError]:
    if not hand.base.isidentifier():  # it becomes a part of a path
        yield places.complain(f"expected {_EXPECTED['base']}, found {hand.base!r}", "base", number, variant)
    if not hand.edits:
        yield places.complain(f"expected {_EXPECTED['edits']}, found none", "edits", number, variant)
    for edit in hand.edits:
        if not edit.before.strip():
            yield places.complain(
                f"expected {_EXPECTED['before']}, found {edit.before!r}", "before", number, variant
            )
        if edit.before == edit.after:
            yield places.complain("is the same as before", "after", number, variant)


_FIELD: Final = re.compile(r"(missing|unknown).* field `(.*?)`", re.DOTALL)
_STEP: Final = re.compile(r"(\w+)|\[(\d+)\]")


class _Places:
    """Where in the file each entry stands, and how it is spoken of."""

    def __init__(self, path: Path, text: str, table: Mapping[str, Any]) -> None:
        self.path, self._table = path, table
        entries = table.get("mistake")
        self._entries: list[Any] = entries if isinstance(entries, list) else []
        self._variants = [_count_variants(entry) for entry in self._entries]
        self._lines = find_tables(text, "mistake", len(self._entries))
        self._variant_lines = find_tables(text, "mistake.variants", sum(self._variants))

    def find_line(self, number: int, variant: int | None = None) -> int | None:
        """Find the line in which an entry begins; None where it is not written as a table of its own."""
        if variant is not None and self._variant_lines:
            return self._variant_lines[sum(self._variants[:number]) + variant]
        return self._lines[number] if self._lines else None

    def complain(
        self, says: str, key: str, number: int | None = None, variant: int | None = None
    ) -> BankError:
        """Make a complaint about a key of an entry, or of the file."""
        if number is None:
            return BankError(f"{self.path}: {' '.join(filter(None, (key, says)))}")
        line = self.find_line(number, variant)
        entry = self._entries[number]
        name = entry.get("name") if isinstance(entry, dict) else None
        subject = f"mistake {name!r}" if isinstance(name, str) and name else f"mistake {number + 1}"
        if variant is not None:
            subject += f", variant {variant + 1}"
        where = f"{self.path}:{line}" if line else str(self.path)
        return BankError(f"{where}: {subject}: {' '.join(filter(None, (key, says)))}")

    def explain(self, message: str) -> BankError:
        """Say in our words what msgspec says; its path leads to the entry and to the value."""
        _, _, trail = message.partition(" - at `$")
        steps = [int(step[2]) if step[2] else step[1] for step in _STEP.finditer(trail.rstrip("`"))]
        number = next((step for step in steps[:2] if isinstance(step, int)), None)
        variant = next((step for step in steps[3:4] if isinstance(step, int)), None)
        if steps[2:3] != ["variants"]:
            variant = None
        if field := _FIELD.search(message):
            says = "is missing" if field[1] == "missing" else f"is no key of {Path(FILE).name}"
            return self.complain(says, field[2], number, variant)
        value: Any = self._table
        for step in steps:
            value = value[step]
        keys = [step for step in steps if isinstance(step, str)]
        key = keys[-1] if keys else ""
        expected = _A_TABLE if steps and isinstance(steps[-1], int) else _EXPECTED.get(key, _A_TABLE)
        return self.complain(f"expected {expected}, found {value!r}", key, number, variant)


def _count_variants(entry: object) -> int:
    variants = entry.get("variants") if isinstance(entry, dict) else None
    return len(variants) if isinstance(variants, list) else 0
