"""The learner's files: a starter is laid out, put back, and never written over anything."""

from __future__ import annotations

import os
from contextlib import suppress
from itertools import count
from pathlib import Path

from torch_judge.model.errors import UsageError
from torch_judge.model.problem import Problem


def locate_file(problem: Problem, folder: Path) -> Path:
    """Tell where a problem's answer lies in a folder."""
    return folder / f"{problem.slug}.py"


def compose_starter(problem: Problem) -> str:
    """Compose the text of a file to work in: the statement as a comment, then the starter."""
    lines = [f"# {line}".rstrip() for line in problem.read_statement().strip().splitlines()]
    return "\n".join([*lines, "", "", problem.read_starter().strip(), ""])


def lay_out(path: Path, text: str) -> None:
    """Write a file that is not there yet; UsageError where something is."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            try:
                file.write(text)
                file.flush()
            except BaseException:
                path.unlink()  # half a file is none
                raise
    except FileExistsError:
        raise UsageError(f"{path} is there already, and is left as it is") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


def put_back(path: Path, text: str) -> Path | None:
    """Put a file's first text back and keep what it held under the next free name.

    Return that name, None where the file is as it was.
    """
    try:
        if not path.exists() and not path.is_symlink():
            lay_out(path, text)
            return None
        if path.read_text(encoding="utf-8", errors="replace") == text:
            return None
        # written beside it first: on a full disk the old answer is still where it was
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        lay_out(fresh, text)
        try:
            kept = _link_aside(path)
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{path} cannot be put back: {error.strerror}") from None
    return kept


def _link_aside(path: Path) -> Path:
    """Give a file a second name, the next one that is free; it stays where it is until it is replaced."""
    for number in count(1):
        kept = path.with_name(f"{path.stem}.{number}{path.suffix}")
        with suppress(FileExistsError):
            try:
                os.link(path, kept, follow_symlinks=False)
            except (PermissionError, NotImplementedError, AttributeError):  # a file system without links
                with kept.open("xb") as file:
                    file.write(path.read_bytes())
            return kept
    raise AssertionError("numbers do not end")
