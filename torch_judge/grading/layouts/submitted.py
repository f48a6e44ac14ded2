"""What was handed in, whatever system it came through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from .files import File


@dataclass(frozen=True, slots=True)
class Student:
    """A student: `key` is what the system calls them by, an id, a user's or a folder's name."""

    key: str
    name: str = ""
    email: str = ""

    @property
    def label(self) -> str:
        """Return what a person finds them by: name and key."""
        return f"{self.name} {self.key}" if self.name and self.name != self.key else self.key


@dataclass(frozen=True, slots=True)
class Submitted:
    """What one student, or a group, handed in at once: files by the names that they had there.

    `attempt` counts from 1 where the system counts; `late` is None where it does not say.
    """

    students: tuple[Student, ...]
    files: tuple[tuple[str, File], ...]
    assignment: str = ""
    attempt: int | None = None
    timestamp: datetime | None = None
    late: bool | None = None


@dataclass(frozen=True, slots=True)
class Arranged:
    """An export in its parts, and what in it is nobody's: a path and the reason."""

    submitted: Sequence[Submitted]
    refused: Sequence[tuple[str, str]] = ()
