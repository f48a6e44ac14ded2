"""What was perhaps meant by a name that is not there."""

from __future__ import annotations

import difflib
from collections.abc import Collection


def suggest(name: str, known: Collection[str]) -> str:
    """Say, after what is not there, what was perhaps meant, or what there is."""
    return suggest_near(name, known) or f"; there are: {', '.join(known)}"


def suggest_near(name: str, known: Collection[str]) -> str:
    """Say, after what is not there, what was perhaps meant; nothing where that cannot be guessed."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else ""
