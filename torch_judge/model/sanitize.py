"""Make the submission's words safe to show: bounded, without characters that move, hide or reorder text."""

from __future__ import annotations

import json
import unicodedata
from typing import Final

LONGEST_MESSAGE: Final = 600
LONGEST_OUTPUT: Final = 4096
_HARMLESS: Final = {"\n", "\t"}
_UNSAFE_CATEGORIES: Final = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_SELECTORS: Final = {*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}
_INVISIBLE: Final = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0} | _SELECTORS
"""Letters and marks that Unicode lets a display ignore."""


def sanitize(text: str, *, longest: int = LONGEST_MESSAGE) -> str:
    """Cut a text to a length, and escape its control, bidirectional, zero-width and unpaired characters."""
    cut = text[:longest] + (f"[... {len(text) - longest} more characters]" if len(text) > longest else "")
    # Nearly every message is plain ASCII; to look up each character's category takes forty times as long.
    if cut.isascii() and cut.isprintable():
        return cut
    return "".join(character if _is_safe(character) else _escape(character) for character in cut)


def one_line(text: str, *, longest: int = LONGEST_MESSAGE) -> str:
    """Sanitize a text and keep it on one line.

    A file's name may hold an end of line, and would go on as if it were a line of ours.
    """
    return sanitize(text, longest=longest).replace("\n", "\\n").replace("\t", "\\t")


class TextBudget:
    """What the texts of one report may take together, as JSON: the first ones whole, the last ones cut."""

    def __init__(self, size: int) -> None:
        self._left = size

    def take(self, text: str) -> str:
        """Take as much of a text as is left for it, and say how much was cut."""
        taken = text
        # The size as JSON is up to twelve times the length, and differs along the text: half of what seems to
        # fit is kept each time, so that this ends after a few steps.
        while taken and (size := len(json.dumps(taken))) > self._left:
            taken = taken[: len(taken) * self._left // (2 * size)]
        self._left = max(self._left - len(json.dumps(taken)), 0)
        return taken if len(taken) == len(text) else f"{taken}[... {len(text) - len(taken)} more characters]"


def _is_safe(character: str) -> bool:
    if character in _HARMLESS:
        return True
    return unicodedata.category(character) not in _UNSAFE_CATEGORIES and ord(character) not in _INVISIBLE


def _escape(character: str) -> str:
    return ascii(character)[1:-1]
