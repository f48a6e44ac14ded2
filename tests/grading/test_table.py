"""Records as a table: a row each, with columns that a reader can rely on."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from torch_judge.grading.records import Record
from torch_judge.grading.table import find_table, write_table
from torch_judge.model.errors import UsageError

RIGHT = Record(
    "double", "0", passed=True, verdict="accepted", score=1.0, cases={"a": "accepted"}, seed=2**32 - 1
)
FAILED = Record("double", "1", passed=None, verdict="judge error", score=None, message="why", run_seed=2**63)
WITHOUT = importlib.util.find_spec("pyarrow") is None


def test_lines_of_json_need_no_table(tmp_path: Path) -> None:
    assert find_table(tmp_path / "r.jsonl") == (tmp_path / "r.jsonl", None)


@pytest.mark.skipif(not WITHOUT, reason="pyarrow is installed")
def test_without_pyarrow_a_table_is_refused_before_anything_is_judged(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"r\.parquet: pyarrow is not installed; pip install .*\[parquet\]"):
        find_table(tmp_path / "r.parquet")
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(WITHOUT, reason="pyarrow is not installed")
def test_a_table_has_a_row_for_each_record(tmp_path: Path) -> None:
    lines, table = find_table(tmp_path / "r.parquet")
    assert (lines, table) == (tmp_path / "r.jsonl", tmp_path / "r.parquet")
    write_table([RIGHT, FAILED], tmp_path / "r.parquet")
    first, second = read_rows(tmp_path / "r.parquet")
    assert (first["passed"], second["passed"], second["score"]) == (True, None, None)
    assert (first["cases"], second["cases"]) == ([{"name": "a", "verdict": "accepted"}], [])
    assert (first["seed"], second["run_seed"], second["message"]) == (2**32 - 1, 2**63, "why")
    assert [path.name for path in tmp_path.iterdir()] == ["r.parquet"]


@pytest.mark.skipif(WITHOUT, reason="pyarrow is not installed")
def test_a_table_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        write_table([RIGHT], tmp_path / "no folder" / "r.parquet")


def read_rows(path: Path) -> list[dict[str, Any]]:
    parquet: Any = importlib.import_module("pyarrow.parquet")
    rows: list[dict[str, Any]] = parquet.read_table(path).to_pylist()
    return rows
