"""The watched file: what tells of a save, and that a half-written one is waited for."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.support.packages import SOLUTION
from torch_judge.model.errors import UsageError
from torch_judge.model.submission import Submission
from torch_judge.ui.watch.file import read_whole, state_of


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "double.py"
    path.write_text(SOLUTION)
    return path


def text_of(submission: Submission) -> str:
    return submission.cells[0].source


def test_a_file_that_nobody_saved_keeps_its_state(path: Path) -> None:
    assert state_of(path) == state_of(path)


def test_a_save_of_the_same_length_at_the_same_time_by_renaming_changes_the_state(path: Path) -> None:
    before, status = state_of(path), path.stat()
    other = path.with_name("double.py.swp")
    other.write_text(SOLUTION.replace("*", "+"))
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.rename(path)
    assert state_of(path) != before


def test_a_longer_text_at_the_same_time_changes_the_state(path: Path) -> None:
    before, status = state_of(path), path.stat()
    path.write_text(SOLUTION + "#")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert state_of(path) != before


def test_a_file_that_is_not_there_has_no_state(tmp_path: Path) -> None:
    assert state_of(tmp_path / "double.py") is None


def test_a_whole_file_is_read_as_a_submission(path: Path) -> None:
    assert text_of(read_whole(path)) == SOLUTION


def test_an_emptied_file_is_waited_for_until_it_is_filled(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_text("")
    monkeypatch.setattr(time, "sleep", lambda _seconds: path.write_text(SOLUTION))
    assert text_of(read_whole(path)) == SOLUTION


def test_a_file_that_is_away_for_a_moment_is_waited_for(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    away = path.rename(path.with_name("away"))
    monkeypatch.setattr(time, "sleep", lambda _seconds: away.rename(path))
    assert text_of(read_whole(path)) == SOLUTION


def test_a_file_that_stays_empty_is_a_submission_that_holds_no_code(path: Path) -> None:
    path.write_text("")
    assert "holds no code" in read_whole(path).fault


def test_a_file_that_stays_away_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        read_whole(tmp_path / "double.py")
