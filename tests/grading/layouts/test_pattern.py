"""A teacher's own pattern finds in a path whose file it is, which attempt, and when."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.classes import write_files
from torch_judge.grading.layouts.files import open_exports
from torch_judge.grading.layouts.pattern import compile_pattern
from torch_judge.grading.layouts.recognition import arrange
from torch_judge.grading.layouts.submitted import Arranged
from torch_judge.model.errors import UsageError


def arrange_by(folder: Path, pattern: str, *names: str) -> Arranged:
    write_files(folder, dict.fromkeys(names, "x = 1\n"))
    with open_exports([str(folder)]) as (export,):
        return arrange(export, pattern=compile_pattern(pattern))[1]


def test_all_groups_are_read(tmp_path: Path) -> None:
    pattern = (
        r"(?P<assignment>hw\d)/(?P<student>\w+?)_(?P<attempt>\d)_(?P<timestamp>[\d-]+)"
        r"(?P<late>_late)?_(?P<file>.+)"
    )
    names = ("hw1/ada_2_2026-11-20-12-00-00_late_a.py", "hw1/ada_2_2026-11-20-12-00-00_late_b.py", "other.py")
    arranged = arrange_by(tmp_path, pattern, *names)
    (found,) = arranged.submitted
    assert (found.students[0].key, found.assignment, found.attempt, found.late) == ("ada", "hw1", 2, True)
    assert found.timestamp == datetime(2026, 11, 20, 12).astimezone().astimezone(UTC)
    assert [name for name, _ in found.files] == ["a.py", "b.py"]
    assert arranged.refused == [("other.py", "does not fit the pattern")]


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(", "is no regular expression"),
        ("(.+).py", r"has no group \(\?P<student>"),
        ("(?P<student>.)(?P<grade>.)", "no group 'grade' is known"),
        ("(?P<student>zzz)", "--pattern fits none of its 1 files"),
        ("(?P<student>a)(?P<attempt>da)", "the attempt 'da' is no number"),
        ("(?P<student>a)(?P<timestamp>da)", "the timestamp 'da' is no time"),
    ],
)
def test_a_pattern_that_is_of_no_use_is_said(tmp_path: Path, pattern: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        arrange_by(tmp_path, pattern, "ada.py")
