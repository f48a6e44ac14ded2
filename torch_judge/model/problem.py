"""Find and read a problem package; runs none of its code."""

from __future__ import annotations

import difflib
import keyword
import math
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TypeVar

from .errors import BankError, UsageError
from .operator_families import FAMILIES
from .report import Verdict
from .version import PACKAGE

LARGEST_FILE = 1 << 20
LARGEST_TOML = 8 << 10
"""A dotted key takes time that grows with the square of its length: of this much, a fifth of a second."""
BANK_VARIABLE = "TORCH_JUDGE_BANK"
_SLUG = re.compile(r"[a-z][a-z0-9_]{0,63}")

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class Difficulty(StrEnum):
    """How hard a problem is."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


class Framework(StrEnum):
    """What a problem is written in; a NumPy problem is judged by processes that never import torch."""

    NUMPY = "numpy"
    TORCH = "torch"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a submission may use."""

    seconds_per_case: float = 5.0
    seconds_in_all: float = 20.0
    memory_mib: int = 2048


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem package: its facts, and its files read on demand."""

    slug: str
    folder: Path
    bank: Path
    title: str
    number: int
    difficulty: Difficulty
    entry_point: str
    framework: Framework
    tags: tuple[str, ...]
    forbidden: tuple[str, ...]
    forbidden_rule: str
    limits: Limits
    equivalents: Mapping[str, str] = field(default_factory=dict)
    """Gotchas that behave exactly as another one does, and that other one, which is the diagnosis of both."""

    @property
    def statement(self) -> str:
        """Return what the learner is asked to write, in Markdown."""
        return self.read("statement.md")

    @property
    def starter(self) -> str:
        """Return the text that a learner starts from."""
        return self.read("starter.py")

    @property
    def cases(self) -> str:
        """Return the text of the hidden suite."""
        return self.read("cases.py")

    @property
    def solution(self) -> str:
        """Return the text of the jury solution."""
        return self.read("solution.py")

    @property
    def debug(self) -> str:
        """Return what the template's debug cell does with the learner's function."""
        return self.read("debug.py")

    @property
    def hints(self) -> tuple[str, ...]:
        """Return the hints, from gentle to plain."""
        return tuple(
            part.strip() for part in re.split(r"(?m)^---\s*$", self.read("hints.md")) if part.strip()
        )

    def read(self, name: str) -> str:
        """Return the text of one file of the package."""
        return read_text(self.folder / name, within=self.folder)

    def samples(self, verdict: Verdict) -> tuple[Path, ...]:
        """Return the sample submissions that claim a verdict, by name."""
        found = sorted((self.folder / "submissions" / verdict.folder).glob("*.py"))
        for path in found:
            _stay_within(path, self.folder)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Bank:
    """A folder of problems."""

    folder: Path

    def names(self) -> tuple[str, ...]:
        """Return the slugs of the problems, sorted."""
        return tuple(sorted(self._folders()))

    def load(self, name: str) -> Problem:
        """Read one problem's facts.

        Raises UsageError for a name that is no problem, BankError for a package that is broken.
        """
        folders = self._folders()
        if not _SLUG.fullmatch(name) and name in folders:
            raise BankError(
                f"{folders[name]}: a problem's name is made of small letters, digits and underscores"
            )
        if name not in folders:
            raise UsageError(f"no problem {name!r}{_suggest(name, self.names())}")
        _stay_within(folders[name], self.folder)
        return _parse(name, folders[name], self.folder)

    def _folders(self) -> dict[str, Path]:
        """Return the folder of each problem by its slug: in the bank, or in a topic's folder of it."""
        found: dict[str, Path] = {}
        for path in sorted([*self.folder.glob("*/problem.toml"), *self.folder.glob("*/*/problem.toml")]):
            folder = path.parent
            if other := found.get(folder.name):
                raise BankError(f"{folder}: there is a problem of this name already, {other}")
            found[folder.name] = folder
        return found

    def problems(self) -> tuple[Problem, ...]:
        """Read every problem's facts, in the order of their numbers."""
        return tuple(sorted(map(self.load, self.names()), key=lambda each: (each.number, each.slug)))


def find_bank(folder: str | Path | None = None) -> Bank:
    """Return the bank in `folder`, else in $TORCH_JUDGE_BANK, else the one that ships with the package."""
    given = folder or os.environ.get(BANK_VARIABLE)
    if not given:
        return Bank(_own_bank())
    path = Path(given).expanduser().resolve()
    if not path.is_dir():
        raise BankError(f"{path}: no such bank folder")
    if not any(path.glob("*/problem.toml")) and not any(path.glob("*/*/problem.toml")):
        raise BankError(f"{path}: a bank holds folders with a problem.toml, this one holds none")
    return Bank(path)


def is_own_bank(folder: Path) -> bool:
    """Tell whether a folder is the bank that ships with the package."""
    return folder.resolve() == _own_bank().resolve()


@cache
def _own_bank() -> Path:
    for folder in (PACKAGE / "problems", PACKAGE.parent / "problems"):
        if folder.is_dir():
            return folder
    raise BankError(
        f"{PACKAGE / 'problems'}: the bank that ships with torch_judge is missing; install it again"
    )


def read_text(path: Path, *, within: Path, largest: int = LARGEST_FILE) -> str:
    """Return the text of a file in a folder of a bank.

    BankError names the file if it is not there, lies elsewhere, is no plain file, too large or not UTF-8.
    """
    try:
        _stay_within(path, within)
        if path.exists() and not path.is_file():
            raise BankError(f"{path}: not a plain file")
        with path.open("rb") as file:
            raw = file.read(largest + 1)
        if len(raw) > largest:
            raise BankError(
                f"{path}: larger than {f'{largest >> 20} MiB' if largest >> 20 else f'{largest >> 10} KiB'}"
            )
        return raw.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except FileNotFoundError:
        raise BankError(f"{path}: the file is missing") from None
    except OSError as error:
        raise BankError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise BankError(f"{path}: not UTF-8 at byte {error.start}") from None


def _stay_within(path: Path, folder: Path) -> None:
    """Refuse a link that leads out of a bank; the one that ships with the package lies where the installer put it."""
    if not path.is_symlink() or _own_bank() in folder.parents or folder == _own_bank():
        return
    if not path.resolve().is_relative_to(folder.resolve()):
        raise BankError(f"{path}: leads to {path.resolve()}, outside the bank")


def _suggest(name: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else f"; there are: {', '.join(known)}"


def _parse(slug: str, folder: Path, bank: Path) -> Problem:
    path = folder / "problem.toml"
    try:
        table = tomllib.loads(read_text(path, within=folder, largest=LARGEST_TOML))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BankError(f"{path}: {error}") from None
    facts = _Facts(path, table)
    limits = _Facts(path, facts.take("limits", dict, {}), prefix="limits.")
    problem = Problem(
        slug=slug,
        folder=folder,
        bank=bank,
        title=facts.take("title", str),
        number=facts.take("number", int),
        difficulty=facts.member("difficulty", Difficulty),
        entry_point=facts.identifier("entry_point"),
        framework=facts.member("framework", Framework),
        tags=facts.words("tags"),
        forbidden=(*facts.identifiers("forbidden"), *facts.families("forbidden_families")),
        forbidden_rule=facts.take("forbidden_rule", str, ""),
        limits=Limits(
            seconds_per_case=limits.positive("seconds_per_case", Limits().seconds_per_case),
            seconds_in_all=limits.positive("seconds_in_all", Limits().seconds_in_all),
            memory_mib=math.ceil(limits.positive("memory_mib", Limits().memory_mib)),
        ),
        equivalents=facts.names("equivalents"),
    )
    facts.finish()
    limits.finish()
    return problem


class _Facts:
    """The keys of a table, each taken once; what is left over is a typo."""

    def __init__(self, path: Path, table: Mapping[str, object], *, prefix: str = "") -> None:
        self._path, self._left, self._prefix = path, dict(table), prefix

    def take(self, key: str, kind: type[T], default: T | None = None) -> T:
        """Return a value of exactly this type."""
        if key not in self._left and default is None:
            raise self._complaint(key, "is missing")
        value = self._left.pop(key, default)
        if type(value) is not kind:
            raise self._complaint(key, f"expected {kind.__name__}, found {value!r}")
        return value

    def member(self, key: str, words: type[E]) -> E:
        """Return a member of a closed set of words."""
        value = self.take(key, str)
        if value not in list(words):
            raise self._complaint(key, f"expected one of {', '.join(words)}, found {value!r}")
        return words(value)

    def identifier(self, key: str) -> str:
        """Return a Python name."""
        value = self.take(key, str)
        if not value.isidentifier() or keyword.iskeyword(value):
            raise self._complaint(key, f"expected a Python name, found {value!r}")
        return value

    def words(self, key: str) -> tuple[str, ...]:
        """Return a list of strings, empty if absent."""
        values: list[object] = self.take(key, list, [])
        words = tuple(each for each in values if isinstance(each, str))
        if len(words) < len(values):
            raise self._complaint(key, f"expected a list of strings, found {values!r}")
        return words

    def identifiers(self, key: str) -> tuple[str, ...]:
        """Return a list of Python names, empty if absent."""
        for word in (words := self.words(key)):
            if not word.isidentifier():
                raise self._complaint(key, f"expected Python names, found {word!r}")
        return words

    def families(self, key: str) -> tuple[str, ...]:
        """Return the names that some families hold, none if absent."""
        for word in (words := self.words(key)):
            if word not in FAMILIES:
                raise self._complaint(key, f"expected names of {', '.join(FAMILIES)}, found {word!r}")
        return tuple(name for word in words for name in FAMILIES[word])

    def names(self, key: str) -> Mapping[str, str]:
        """Return a table from Python names to Python names, empty if absent."""
        table: dict[str, object] = self.take(key, dict, {})
        found = {
            name: value
            for name, value in table.items()
            if isinstance(value, str) and value.isidentifier() and value != name
        }
        if len(found) < len(table) or found.keys() & set(found.values()):
            raise self._complaint(
                key, f"expected a table from gotchas to the ones they are the same as, found {table!r}"
            )
        return found

    def positive(self, key: str, default: float) -> float:
        """Return a number above zero."""
        value = self._left.pop(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
            raise self._complaint(key, f"expected a number above zero, found {value!r}")
        return value

    def finish(self) -> None:
        """Refuse what nobody took."""
        for key in self._left:
            raise self._complaint(key, "is no key of problem.toml")

    def _complaint(self, key: str, says: str) -> BankError:
        name = self._prefix + key
        line = next(
            (
                n
                for n, text in enumerate(_lines(self._path), 1)
                if re.match(rf"\s*\[?{re.escape(key)}(?!\w)", text)
            ),
            None,
        )
        return BankError(f"{self._path}{f':{line}' if line else ''}: {name} {says}")


def _lines(path: Path) -> list[str]:
    return read_text(path, within=path.parent).splitlines()
