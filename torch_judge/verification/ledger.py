"""The ledger of clean runs: which packages were sound, by what they and the judge were made of then.

It lies outside every repository, in the user's cache folder, for it says nothing that `verify` could not find
out anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from torch_judge.model.problem import Problem
from torch_judge.model.version import PACKAGE

from .findings import Effort, Verification

HOME_VARIABLE: Final = "TORCH_JUDGE_HOME"
"""Where a learner's history lies too; set and empty, nothing is kept."""
FILE: Final = "verified.json"
SCHEMA: Final = 1
LIBRARIES: Final = ("torch", "numpy", "hypothesis", "cosmic-ray")
"""What a verdict, a counterexample or a mutant may depend on besides the code of the judge."""
_SHIPPED: Final = "problems"


@dataclass(frozen=True, slots=True)
class CleanRun:
    """A run that found nothing: what was tried, by digest, and how hard."""

    digest: str
    effort: Effort

    def covers(self, other: CleanRun) -> bool:
        """Tell whether a run would find nothing that this one did not."""
        return (
            self.digest == other.digest
            and self.effort.seeds >= other.effort.seeds
            and self.effort.mutants >= other.effort.mutants
            and self.effort.faults >= other.effort.faults
        )


class Ledger:
    """The clean runs by package, in a file that is read once and replaced as a whole.

    A file that is missing or damaged counts as empty. Without a folder, or where it cannot be written, it
    remembers nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self._path = None if folder is None else folder / FILE
        self._runs = {} if self._path is None else _read(self._path)

    def is_clean(self, problem: Problem, run: CleanRun) -> bool:
        """Tell whether the package was sound in a run that covers this one."""
        known = self._runs.get(_name(problem))
        return known is not None and known.covers(run)

    def note(self, problem: Problem, run: CleanRun, verification: Verification) -> None:
        """Note a run that is over; one that found anything forgets the clean one before it."""
        if verification.judge_failed or not verification.is_sound:
            self._runs.pop(_name(problem), None)
        elif not self.is_clean(problem, run):  # a quick run takes nothing from a thorough one
            self._runs[_name(problem)] = run
        if self._path is not None:
            self._write(self._path)

    def _write(self, path: Path) -> None:
        there = (name for name in sorted(self._runs) if Path(name).is_dir())
        text = json.dumps(
            {"schema": SCHEMA, "runs": {name: asdict(self._runs[name]) for name in there}}, indent=1
        )
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            # another verify may read meanwhile: it sees the old file or the new one
            with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
                file.write(text)
            Path(file.name).replace(path)


def describe_run(problem: Problem, effort: Effort, *, template: Path | None = None) -> CleanRun:
    """Describe a run by all that its findings depend on.

    To be asked before the run: what is edited meanwhile was not verified.
    """
    parts = (digest_judge(), *_digest_files(problem.folder), *_digest_file(template))
    return CleanRun(hashlib.sha256("\n".join(parts).encode()).hexdigest(), effort)


@cache
def digest_judge() -> str:
    """Digest what judges: our own files, Python, and the libraries that are used."""
    versions = [platform.python_implementation(), platform.python_version(), platform.system()]
    versions += [f"{name} {_find_version(name)}" for name in LIBRARIES]
    return hashlib.sha256("\n".join([*versions, *_digest_files(PACKAGE)]).encode()).hexdigest()


def find_cache_folder() -> Path | None:
    """Find the folder in $TORCH_JUDGE_HOME, which switches it off if empty, else the user's cache folder.

    None for a user without a home.
    """
    given = os.environ.get(HOME_VARIABLE)
    with contextlib.suppress(RuntimeError):
        if given is not None:
            return Path(given).expanduser() if given else None
        import platformdirs

        return Path(platformdirs.user_cache_dir("torch_judge", appauthor=False))
    return None


def _name(problem: Problem) -> str:
    return str(problem.folder.resolve())


def _find_version(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return "none"


def _digest_files(folder: Path) -> Iterator[str]:
    """Digest each file below a folder, but for what Python caches and an installed bank."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if "__pycache__" not in parts and not (folder == PACKAGE and parts[0] == _SHIPPED):
            yield from (f"{'/'.join(parts)} {digest}" for digest in _digest_file(path))


def _digest_file(path: Path | None) -> Iterable[str]:
    return [hashlib.sha256(path.read_bytes()).hexdigest()] if path is not None and path.is_file() else []


def _read(path: Path) -> dict[str, CleanRun]:
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        if facts["schema"] != SCHEMA:
            return {}
        return {str(name): _read_run(run) for name, run in facts["runs"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _read_run(facts: dict[str, Any]) -> CleanRun:
    effort = facts["effort"]
    return CleanRun(
        str(facts["digest"]),
        Effort(int(effort["seeds"]), mutants=bool(effort["mutants"]), faults=bool(effort["faults"])),
    )
