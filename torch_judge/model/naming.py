"""How names are put into words for a person: of mistakes, cases and topics, and several in a row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

LONGEST_TITLE: Final = 60
"""Of a case: what stands in one line of a terminal beside a mark and a verdict. `verify` holds it."""


def spell(name: str) -> str:
    """Spell a name as a person does: without underscores."""
    return name.replace("_", " ")


def enumerate_names(names: Iterable[str]) -> str:
    """Write one name or several as a sentence has them: a, b and c."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
