"""Make the submission's words safe to show: bounded, and without characters that move, hide or reorder text."""

from __future__ import annotations

import unicodedata
from typing import Final

LONGEST_MESSAGE: Final = 600
LONGEST_OUTPUT: Final = 4096
_HARMLESS = {"\n", "\t"}
_UNSAFE_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def plain(text: str, *, longest: int = LONGEST_MESSAGE) -> str:
    """Return a text cut to a length; control, bidirectional, zero-width and unpaired characters become escapes."""
    cut = text[:longest] + (f"[... {len(text) - longest} more characters]" if len(text) > longest else "")
    if cut.isascii() and cut.isprintable():
        return cut
    return "".join(each if _is_safe(each) else _escaped(each) for each in cut)


def _is_safe(character: str) -> bool:
    return character in _HARMLESS or unicodedata.category(character) not in _UNSAFE_CATEGORIES


def _escaped(character: str) -> str:
    return repr(character)[1:-1]
