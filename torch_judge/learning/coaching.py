"""Coaching: which help a learner had with a problem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from .fields import Slug, Word

MOST_HINTS = 1000


@dataclass(frozen=True, slots=True)
class Coaching:
    """How many hints of a problem were shown, and whether its solution was asked for before it was solved."""

    bank: Word
    problem: Slug
    hints: Annotated[int, Meta(ge=0, le=MOST_HINTS, description=f"a whole number from 0 to {MOST_HINTS}")] = 0
    given_up: Annotated[bool, Meta(description="true or false")] = False
