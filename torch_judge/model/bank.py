"""A bank: a folder of problems, flat or grouped by topic. Finding a problem parses no other."""

from __future__ import annotations

import itertools
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .errors import BankError, UsageError
from .files import find_own_bank, refuse_way_out
from .problem import Problem
from .suggestion import suggest
from .topic import Topic

BANK_VARIABLE: Final = "TORCH_JUDGE_BANK"
_SLUG = re.compile(r"[a-z][a-z0-9_]{0,63}")
_NUMBER = re.compile(r"[0-9]{1,9}")
_MANIFESTS: Final = ("*/problem.toml", "*/*/problem.toml")


@dataclass(frozen=True, slots=True)
class Bank:
    """A folder of problems: `<bank>/<slug>/`, or `<bank>/<topic>/<slug>/`."""

    folder: Path

    def names(self) -> tuple[str, ...]:
        """List the slugs of the problems, sorted."""
        return tuple(sorted(self._find_folders()))

    def load(self, name: str) -> Problem:
        """Read the facts of one problem, which goes by its name or by its number.

        Raises UsageError for a name that is no problem, BankError for a package that is broken.
        """
        if _NUMBER.fullmatch(name):
            return self._load_number(int(name))
        folders = self._find_folders()
        if name not in folders and not self._is_unfinished(name):
            raise UsageError(f"no problem {name!r}{suggest(name, self.names())}")
        return self._read(folders.get(name, self.folder / name))

    def _load_number(self, number: int) -> Problem:
        folders = self.find_number(number)
        if not folders:
            raise UsageError(f"no problem has the number {number}; torch-judge list shows them all")
        if len(folders) > 1:
            raise UsageError(f"number {number} is that of {' and '.join(path.name for path in folders)}")
        return self._read(folders[0])

    def problems(self) -> tuple[Problem, ...]:
        """Read every problem's facts, in the order of their numbers.

        Raises BankError for a package that is broken, and for two of the same number.
        """
        problems = sorted(map(self._read, self._find_folders().values()), key=_order)
        for problem, following in itertools.pairwise(problems):
            if problem.number == following.number:
                raise BankError(f"{following.folder}: number {problem.number} is taken by {problem.folder}")
        return tuple(problems)

    def find_number(self, number: int) -> tuple[Path, ...]:
        """Find the folders of the problems of a number; broken packages are passed over."""
        folders = []
        for folder in self._find_folders().values():
            with suppress(BankError):
                if self._read(folder).number == number:
                    folders.append(folder)
        return tuple(folders)

    def _read(self, folder: Path) -> Problem:
        # Late, because it brings in msgspec: a kernel that imports torch_judge reads no problem yet.
        from .manifest import read_problem

        if not _SLUG.fullmatch(folder.name):
            raise BankError(f"{folder}: a problem's name is made of small letters, digits and underscores")
        for path in (folder.parent, folder):
            refuse_way_out(path, self.folder)
        topic = None if folder.parent == self.folder else Topic(folder.parent.name)
        return read_problem(folder, bank=self.folder, topic=topic)

    def _find_folders(self) -> dict[str, Path]:
        """Find the folder of each problem by its slug; none is read."""
        folders: dict[str, Path] = {}
        for folder in sorted(path.parent for pattern in _MANIFESTS for path in self.folder.glob(pattern)):
            if folder.parent != self.folder and folder.parent.name not in list(Topic):
                raise BankError(f"{folder.parent}: is no topic; there are: {', '.join(Topic)}")
            if other := folders.get(folder.name):
                raise BankError(f"{folder}: there is a problem of this name already, {other}")
            folders[folder.name] = folder
        return folders

    def _is_unfinished(self, name: str) -> bool:
        """Tell whether a name is that of a folder whose facts are yet to be written; a topic's is not."""
        return bool(_SLUG.fullmatch(name)) and name not in list(Topic) and (self.folder / name).is_dir()


def _order(problem: Problem) -> tuple[int, str]:
    return problem.number, problem.slug


def find_bank(folder: str | Path | None = None) -> Bank:
    """Find the bank in `folder`, else in $TORCH_JUDGE_BANK, else the one that ships with the package."""
    given = folder or os.environ.get(BANK_VARIABLE)
    if not given:
        return Bank(find_own_bank())
    path = Path(given).expanduser().resolve()
    if not path.is_dir():
        raise BankError(f"{path}: no such bank folder")
    if not any(any(path.glob(pattern)) for pattern in _MANIFESTS):
        raise BankError(f"{path}: a bank holds folders with a problem.toml, this one holds none")
    return Bank(path)


def is_own_bank(folder: Path) -> bool:
    """Tell whether a folder is the bank that ships with the package."""
    return folder.resolve() == find_own_bank().resolve()
