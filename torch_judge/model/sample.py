"""A sample: a submission of the package's own, a file or a named edit, and the verdict that it claims."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .edits import Edit, EditError, edit_module
from .errors import BankError
from .files import read_text
from .report import Verdict
from .submission import Submission, from_path, from_source
from .suggestion import suggest

JURY_SOLUTION: Final = "solution"
"""What a change calls the jury solution as its base."""


@dataclass(frozen=True, slots=True)
class Change:
    """How a sample that has no file of its own comes of a right one."""

    mistake: str
    says: str
    """What a learner reads; the sample's docstring."""
    base: str
    """The jury solution, or the name of an accepted sample."""
    edits: tuple[Edit, ...]
    line: int | None
    """Where its entry begins, in the file of mistakes."""
    variant: str = ""
    """Empty for the mistake itself; else in whose hand it is, which is its base's name."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A submission of the package: where it stands, its claim, and its change where it is no file."""

    path: Path
    claim: Verdict | None
    """None for the starter: any verdict but accepted."""
    change: Change | None = None

    @property
    def name(self) -> str:
        """The sample's name: of a variant `mistake@variant`."""
        if self.change is None:
            return self.path.stem
        return f"{self.mistake}@{self.change.variant}" if self.change.variant else self.mistake

    @property
    def mistake(self) -> str:
        """The name under which it is diagnosed and by which cases reject it."""
        return self.path.stem if self.change is None else self.change.mistake

    @property
    def is_variant(self) -> bool:
        """Whether it is a mistake of another name in another hand."""
        return self.change is not None and bool(self.change.variant)

    @property
    def label(self) -> str:
        """The folder that stands for its claim, and its name."""
        folder = self.path.parent.name
        if self.change and self.claim:
            folder = self.claim.folder
        return f"{folder}/{self.name}"

    @property
    def where(self) -> str:
        """Where an author finds it: the file, or the line of the file of mistakes, and the name."""
        if self.change is None:
            return str(self.path)
        line = f":{self.change.line}" if self.change.line else ""
        return f"{self.path}{line}: {self.name}"

    def read_text(self) -> str:
        """Read its whole text. Raises BankError, for an edit that does not apply too."""
        if self.change is None:
            return read_text(self.path, within=self.path.parent)
        base = self._find_base(self.change)
        text = read_text(base, within=base.parent)
        try:
            return edit_module(text, base.name, self.change.says, self.change.edits)
        except EditError as error:
            raise BankError(f"{self.where}: {error}") from None

    def read_base(self) -> str:
        """Read the text that its change is made of; of a file its own. Raises BankError."""
        path = self.path if self.change is None else self._find_base(self.change)
        return read_text(path, within=path.parent)

    def compose_with(self, other: Sample) -> str | None:
        """Make both samples' edits in their base; None where they share none, or the edits touch each other.

        Raises BankError for a base that cannot be read.
        """
        if self.change is None or other.change is None or self.change.base != other.change.base:
            return None
        edits = self.change.edits + other.change.edits
        try:
            return edit_module(self.read_base(), self.change.base, "Two mistakes.", edits)
        except EditError:
            return None

    def read_diagnosis(self) -> str:
        """Read what a learner is told who made this mistake. Raises BankError."""
        says = (
            self.change.says
            if self.change
            else ast.get_docstring(ast.parse(read_text(self.path, within=self.path.parent))) or ""
        )
        return " ".join(says.split())

    def read_submission(self) -> Submission:
        """Make a submission of it. Raises BankError where an edit does not apply."""
        if self.change is None:
            return from_path(self.path)
        return from_source(self.read_text(), name=f"{self.name}.py")

    def _find_base(self, change: Change) -> Path:
        submissions = self.path.parent
        accepted = submissions / Verdict.ACCEPTED.folder
        if change.base == JURY_SOLUTION:
            return submissions.parent / "solution.py"
        base = accepted / f"{change.base}.py"
        if not base.is_file():
            bases = [JURY_SOLUTION, *sorted(path.stem for path in accepted.glob("*.py"))]
            hint = suggest(change.base, bases)
            raise BankError(f"{self.where}: no right sample {change.base!r} to start from{hint}")
        return base
