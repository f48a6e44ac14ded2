"""Take in what a class handed in: open exports, put them in order, read what counts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from torch_judge.grading.layouts.files import open_exports
from torch_judge.grading.layouts.recognition import Layout, arrange
from torch_judge.grading.layouts.submitted import Submitted

from .classwork import Handin, list_handins


@dataclass(frozen=True, slots=True)
class Intake:
    """What counts of each student, the files that are nobody's, and each export with its layout."""

    handins: tuple[Handin, ...]
    refused: tuple[tuple[str, str], ...]
    layouts: tuple[tuple[str, str], ...]


def take_in(
    paths: Sequence[str],
    *,
    layout: Layout | None = None,
    pattern: re.Pattern[str] | None = None,
    due: datetime | None = None,
) -> Intake:
    """Read exports. Raises UsageError where one cannot be opened, or fits no layout."""
    submitted: list[Submitted] = []
    refused: list[tuple[str, str]] = []
    layouts = []
    with open_exports(paths) as exports:
        for export in exports:
            name, arranged = arrange(export, layout=layout, pattern=pattern)
            layouts.append((export.name, name))
            submitted += arranged.submitted
            refused += [*export.refused, *arranged.refused]
        return Intake(tuple(list_handins(submitted, due=due)), tuple(refused), tuple(layouts))
