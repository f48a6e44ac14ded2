"""Gradescope's file on the submissions, as its Ruby writes it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.classes import write_files
from torch_judge.grading.layouts.files import open_exports
from torch_judge.grading.layouts.gradescope import METADATA, arrange_gradescope
from torch_judge.grading.layouts.submitted import Arranged, Student
from torch_judge.model.errors import UsageError

NOON = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
RUBY = """\
---
submission_11: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
  :submitters:
  - :name: Ada Lovelace
    :sid: '0100'
    :email: ada@example.org
  - :name: Alan Turing
    :sid:
    :email: alan@example.org
  :created_at: {time}
  :history:
  - :id: 1
  - :id: 2
submission_12:
  :submitters: []
"""
TIMES = {
    "YAML": "2026-11-20 12:00:00 -08:00",
    "text": "'2026-11-20 12:00:00.123456789 -08:00'",
    "Rails": "!ruby/object:ActiveSupport::TimeWithZone\n    utc: 2026-11-20 20:00:00.0 Z\n    zone: x",
}


def arrange(folder: Path, metadata: str) -> Arranged:
    write_files(
        folder, {METADATA: metadata, "submission_11/hw.py": "x = 1\n", "submission_99/hw.py": "x = 1\n"}
    )
    with open_exports([str(folder)]) as (export,):
        return arrange_gradescope(export)


@pytest.mark.parametrize("time", TIMES.values(), ids=TIMES)
def test_submitters_attempt_and_time_are_read(tmp_path: Path, time: str) -> None:
    arranged = arrange(tmp_path, RUBY.replace("{time}", time))
    first, second = arranged.submitted
    assert first.students == (
        Student("0100", "Ada Lovelace", "ada@example.org"),
        Student("alan@example.org", "Alan Turing", "alan@example.org"),
    )
    assert first.attempt == 3 and first.timestamp and first.timestamp.replace(microsecond=0) == NOON
    assert second.students == (Student("submission_12"),) and second.files == ()


def test_a_folder_that_is_not_named_is_nobodys(tmp_path: Path) -> None:
    assert arrange(tmp_path, RUBY).refused == [("submission_99", f"{METADATA} does not name it")]


@pytest.mark.parametrize("text", ["a: [", "- 1\n", "!!python/object:os.system [x", "\x00"])
def test_a_file_that_is_none_is_said(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match=METADATA):
        arrange(tmp_path, text)


def test_no_tag_makes_an_object(tmp_path: Path) -> None:
    text = "submission_11: !!python/object/apply:os.system ['touch gone']\n"
    with pytest.raises(UsageError, match="cannot be read"):
        arrange(tmp_path, text)
