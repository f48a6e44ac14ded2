"""Make the submission's words safe to show: bounded, and without characters that move, hide or reorder text."""

from __future__ import annotations

import json
import unicodedata
from typing import Final

LONGEST_MESSAGE: Final = 600
LONGEST_OUTPUT: Final = 4096
_HARMLESS = {"\n", "\t"}
_UNSAFE_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_SELECTORS = {*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}
_INVISIBLE = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0} | _SELECTORS
"""Letters and marks that Unicode lets a display ignore."""


def plain(text: str, *, longest: int = LONGEST_MESSAGE) -> str:
    """Return a text cut to a length; control, bidirectional, zero-width and unpaired characters become escapes."""
    cut = text[:longest] + (f"[... {len(text) - longest} more characters]" if len(text) > longest else "")
    if cut.isascii() and cut.isprintable():
        return cut
    return "".join(each if _is_safe(each) else _escaped(each) for each in cut)


def one_line(text: str, *, longest: int = LONGEST_MESSAGE) -> str:
    """Return a text as `plain` does, on one line: a file's name may hold an end of line, and go on as one of our lines."""
    return plain(text, longest=longest).replace("\n", "\\n").replace("\t", "\\t")


class TextBudget:
    """What the texts of one report may take together, as JSON: the first ones whole, the last ones cut."""

    def __init__(self, size: int) -> None:
        self._left = size

    def take(self, text: str) -> str:
        """Return as much of a text as there is room for."""
        taken = text
        while taken and (size := len(json.dumps(taken))) > self._left:
            taken = taken[: len(taken) * self._left // (2 * size)]
        self._left = max(self._left - len(json.dumps(taken)), 0)
        return taken if len(taken) == len(text) else f"{taken}[... {len(text) - len(taken)} more characters]"


def _is_safe(character: str) -> bool:
    if character in _HARMLESS:
        return True
    return unicodedata.category(character) not in _UNSAFE_CATEGORIES and ord(character) not in _INVISIBLE


def _escaped(character: str) -> str:
    return ascii(character)[1:-1]
