"""Users: their names, their roles, and the tokens of which only hashes are kept."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from torch_judge.model.errors import UsageError

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_PREFIX: Final = "tj_"
"""So that a token which lies about somewhere is known for what it is."""


class Role(StrEnum):
    """What a user may do; a teacher sees the class too."""

    LEARNER = "learner"
    TEACHER = "teacher"


@dataclass(frozen=True, slots=True)
class User:
    """Someone who may ask for verdicts."""

    id: int
    name: str
    role: Role

    @property
    def is_teacher(self) -> bool:
        """Tell whether they see the class."""
        return self.role is Role.TEACHER


def check_name(name: str) -> str:
    """Return a user's name; raise UsageError where it can be none."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} can be no user's name: it has letters, digits, and . _ @ - after the first, 64 at most"
        )
    return name


def draw_token() -> str:
    """Draw a token of 256 random bits."""
    return _PREFIX + secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return what is kept of a token.

    A plain hash is enough: 256 random bits cannot be guessed, however fast one tries.
    """
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
