"""The file of records: whole lines, one writer, and what a kill leaves is mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from torch_judge.grading.records import Record, open_results
from torch_judge.model.errors import UsageError


def record(sample: str) -> Record:
    return Record("double", sample, passed=True, verdict="accepted", score=1.0, cases={"a": "accepted"})


def test_a_record_comes_back_as_it_was_written() -> None:
    given = Record(
        "double",
        "\u2028 a",
        passed=None,
        verdict="judge error",
        score=None,
        diagnosis=("adds",),
        message="line\nline",
        seed=2**32 - 1,
    )
    line = given.to_json()
    assert "\n" not in line and line.isascii()
    assert Record.from_json(line) == given


def test_what_was_appended_is_read_when_a_run_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    with open_results(path, resume=False) as file:
        file.append(record("0"))
    with open_results(path, resume=True) as file:
        assert [each.sample_id for each in file.read()] == ["0"]
        file.append(record("1"))
    assert path.read_bytes().count(b"\n") == 2


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_a_torn_last_line_is_cut_off_before_anything_is_added(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "r.jsonl"
    with open_results(path, resume=False) as file:
        file.append(record("0"))
        file.append(record("1"))
    path.write_bytes(path.read_bytes()[:-cut])
    with open_results(path, resume=True) as file:
        assert [each.sample_id for each in file.read()] == ["0"]
        file.append(record("2"))
        assert [each.sample_id for each in file.read()] == ["0", "2"]


def test_results_are_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text("mine\n")
    with pytest.raises(UsageError, match="--resume goes on"), open_results(path, resume=False):
        pass
    assert path.read_text() == "mine\n"


def test_two_runs_do_not_write_to_one_file(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    with (
        open_results(path, resume=True),
        pytest.raises(UsageError, match="another run"),
        open_results(path, resume=True),
    ):
        pass
    with open_results(path, resume=True) as file:
        file.append(record("0"))


@pytest.mark.parametrize("line", ["{}", "no", '{"schema": 1, "task_id": 3}', '{"schema": 9}'])
def test_a_line_that_is_no_record_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text(f"{record('0').to_json()}\n{line}\n")
    with open_results(path, resume=True) as file, pytest.raises(UsageError, match=r"r\.jsonl, line 2: "):
        list(file.read())


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"), open_results(tmp_path, resume=False):
        pass
