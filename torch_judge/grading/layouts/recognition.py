"""Which layout an export has, by its signs; a teacher may say it instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from torch_judge.model.errors import UsageError

from .canvas import arrange_canvas, recognise_canvas
from .files import Export
from .gradescope import arrange_gradescope, recognise_gradescope
from .moodle import arrange_moodle, recognise_moodle
from .nbgrader import arrange_nbgrader, recognise_nbgrader
from .pattern import arrange_by_pattern
from .plain import arrange_otter, arrange_plain, is_of_otter
from .submitted import Arranged


class Layout(StrEnum):
    """How a system leaves what was handed in; those with the surest signs first."""

    GRADESCOPE = "gradescope"
    MOODLE = "moodle"
    NBGRADER = "nbgrader"
    CANVAS = "canvas"
    OTTER = "otter"
    PLAIN = "plain"

    @property
    def example(self) -> str:
        """Show what it looks like."""
        return _EXAMPLES[self]


_EXAMPLES: Final = {
    Layout.GRADESCOPE: "submission_metadata.yml and submission_123/FILE",
    Layout.MOODLE: "Name Surname_1327627_assignsubmission_file_/FILE",
    Layout.NBGRADER: "submitted/STUDENT/ASSIGNMENT/FILE",
    Layout.CANVAS: "lastfirst_USERID_SUBMISSIONID_FILE",
    Layout.OTTER: "a .zip, .ipynb or .py for each student",
    Layout.PLAIN: "STUDENT/FILE or STUDENT.py",
}
_SIGNS: Final[dict[Layout, Callable[[Export], bool]]] = {
    Layout.GRADESCOPE: recognise_gradescope,
    Layout.MOODLE: recognise_moodle,
    Layout.NBGRADER: recognise_nbgrader,
    Layout.CANVAS: recognise_canvas,
    Layout.OTTER: is_of_otter,
}
_WAYS: Final[dict[Layout, Callable[[Export], Arranged]]] = {
    Layout.GRADESCOPE: arrange_gradescope,
    Layout.MOODLE: arrange_moodle,
    Layout.NBGRADER: arrange_nbgrader,
    Layout.CANVAS: arrange_canvas,
    Layout.OTTER: arrange_otter,
    Layout.PLAIN: arrange_plain,
}


def recognise(export: Export) -> Layout:
    """Tell which layout an export has; plain, where there are no signs of another."""
    return next((layout for layout, has_signs in _SIGNS.items() if has_signs(export)), Layout.PLAIN)


def arrange(
    export: Export, *, layout: Layout | None = None, pattern: re.Pattern[str] | None = None
) -> tuple[str, Arranged]:
    """Put an export in order, by its signs or as a teacher says; and say by which layout.

    Raises UsageError where nothing in it fits.
    """
    if pattern is not None:
        return "the pattern", arrange_by_pattern(export, pattern)
    chosen = layout or recognise(export)
    arranged = _WAYS[chosen](export)
    if not any(submitted.files for submitted in arranged.submitted):
        raise UsageError(_say_nothing_fits(export, layout))
    return chosen.value, arranged


def _say_nothing_fits(export: Export, layout: Layout | None) -> str:
    if not any(file.may_hold_code for file in export.files):
        return f"{export.name}: holds no .py, no .ipynb and no .zip file, so there is nothing to grade"
    if layout is not None:
        return f"{export.name}: nothing in it is as {layout} has it: {layout.example}"
    known = "; ".join(f"{layout} ({layout.example})" for layout in Layout)
    return f"{export.name}: fits no layout: {known}. --pattern says how its paths name the students"
