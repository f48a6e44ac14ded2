"""The files of a problem package, for a place that has no bank."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from torch_judge.model.files import refuse_way_out
from torch_judge.model.problem import Problem


def list_package_files(problem: Problem) -> Iterator[Path]:
    """List the files of a package, without caches and hidden ones. Raises BankError for a link out of it."""
    for path in sorted(problem.folder.rglob("*")):
        inside = path.relative_to(problem.folder).parts
        if path.is_file() and not any(part.startswith((".", "__pycache__")) for part in inside):
            refuse_way_out(path, problem.folder)
            yield path
