"""What a student handed in, as submissions: notebooks and scripts, each with the modules beside it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Final

from torch_judge.grading.extraction import defines
from torch_judge.grading.layouts.files import ZIP, File, UnreadableError, open_zip_in
from torch_judge.grading.layouts.submitted import Submitted
from torch_judge.model.errors import UsageError
from torch_judge.model.submission import SUFFIXES, Submission, from_path

MOST_FILES_OF_ONE: Final = 500
LARGEST_OF_ONE: Final = 256 << 20
"""What one student may hand in, in bytes."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The files of one student that may hold answers, and those that cannot be read, with the reason.

    A submission goes by the file's name as the student gave it.
    """

    submissions: tuple[Submission, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()

    def find(self, entry_point: str) -> tuple[Submission, ...]:
        """Find the files that answer a problem, the likeliest first: a notebook before a script.

        Where none defines the entry point at the outermost level, those that name it are asked.
        """
        defining = [each for each in self.submissions if _defines(each, entry_point)]
        return tuple(defining or [each for each in self.submissions if _names(each, entry_point)])

    def defines(self, entry_point: str) -> bool:
        """Tell whether a file defines an entry point at the outermost level."""
        return any(_defines(each, entry_point) for each in self.submissions)


def read_contents(submitted: Submitted) -> Contents:
    """Read what was handed in; whatever is wrong with a file is said in `refused`."""
    refused: list[tuple[str, str]] = []
    submissions: list[Submission] = []
    with tempfile.TemporaryDirectory(prefix="torch_judge_") as name:
        folder = Path(name)
        paths = set(_write_all(submitted.files, folder, refused))
        for path in sorted(paths, key=lambda path: (path.suffix != ".ipynb", len(path.parts), path)):
            shown = path.relative_to(folder).as_posix()
            try:
                submission = replace(from_path(path), name=shown)
            except UsageError as error:
                refused.append((shown, str(error).removeprefix(f"{path}: ")))
                continue
            if submission.fault:
                refused.append((shown, submission.fault.removeprefix(f"{path.name} ")))
            else:
                submissions.append(submission)
    return Contents(tuple(submissions), tuple(refused))


def _write_all(
    files: Sequence[tuple[str, File]], folder: Path, refused: list[tuple[str, str]]
) -> Iterator[Path]:
    """Write scripts and notebooks into a folder of this student's own, so that one can import another."""
    left = LARGEST_OF_ONE
    for number, (name, file) in enumerate(_open_zips(files, refused)):
        try:
            raw = file.read()
            left -= len(raw)
            if left < 0 or number >= MOST_FILES_OF_ONE:
                raise UnreadableError(  # noqa: TRY301 - a file that is too much is like one that cannot be read
                    f"more than {MOST_FILES_OF_ONE} files or {LARGEST_OF_ONE >> 20} MiB were handed in"
                )
            path = folder.joinpath(*_split(name))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
        except UnreadableError as error:
            refused.append((name, str(error)))
        except (OSError, ValueError):  # a name that this system cannot write, or that a file has already
            refused.append((name, "its name cannot be used here"))
        else:
            yield path


def _split(name: str) -> tuple[str, ...]:
    parts = PurePosixPath(name).parts
    if not parts or parts[0] == "/" or ".." in parts:
        raise UnreadableError("its name leads outside the folder")
    return parts


def _open_zips(
    files: Sequence[tuple[str, File]], refused: list[tuple[str, str]]
) -> Iterator[tuple[str, File]]:
    """List scripts and notebooks, those in a zip too that a student handed in; not those in a zip in it."""
    for name, file in files:
        if not name.lower().endswith(ZIP):
            yield name, file
            continue
        try:
            inner = open_zip_in(file)
        except (UnreadableError, UsageError) as error:
            refused.append((name, str(error)))
            continue
        refused += ((f"{name}/{path}", why) for path, why in inner.refused)
        yield from (
            (each.path, each) for each in inner.files if each.may_hold_code and each.suffix in SUFFIXES
        )


def _defines(submission: Submission, name: str) -> bool:
    return any(defines(cell.source, name) for cell in submission.cells)


def _names(submission: Submission, name: str) -> bool:
    word = re.compile(rf"(?<![\w.]){re.escape(name)}(?!\w)")
    return any(word.search(cell.source) for cell in submission.cells)
