"""One clean script for each student and problem, for a plagiarism tool of the teacher's choice."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from torch_judge.model.problem import Problem
from torch_judge.model.submission import Submission

from .classwork import Work

GIVEN: Final = "given"
"""The folder of what all were given, which such tools leave out."""
_MAGIC: Final = re.compile(r"^[ \t]*(?:%[%A-Za-z]|[!?])", re.MULTILINE)


def collect(
    works: Sequence[Work], problems: Sequence[Problem], names: Mapping[str, str], folder: Path
) -> int:
    """Write `PROBLEM/STUDENT.py` for each work into a folder, and the starters; return how many works."""
    for problem in problems:
        (folder / problem.slug).mkdir(parents=True, exist_ok=True)
        (folder / GIVEN).mkdir(exist_ok=True)
        (folder / GIVEN / f"{problem.slug}.py").write_text(problem.read_starter(), encoding="utf-8")
    written = 0
    for work in works:
        if work.submission is not None:
            path = folder / work.task_id / f"{names[work.student.key]}.py"
            path.write_text(write_script(work.submission), encoding="utf-8", errors="replace")
            written += 1
    return written


def write_script(submission: Submission) -> str:
    """Write a submission as one script: its code cells, then the modules that it brings along.

    Magics and shell lines become comments, so that any parser of Python reads it.
    """
    cells = (cell.source for cell in submission.cells if cell.source.strip())
    parts = [_comment_magics(source) if submission.notebook else source for source in cells]
    parts += [
        f"# {name}.py\n{module.source}"
        for name, module in sorted(submission.modules.items())
        if module.source
    ]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _comment_magics(source: str) -> str:
    if source.lstrip().startswith("%%"):  # what the magic of a cell makes of it may be no Python
        return "\n".join(f"# {line}" for line in source.splitlines())
    return _MAGIC.sub(lambda found: f"# {found[0]}", source)
