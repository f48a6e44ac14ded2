"""Records are gathered beside those that are done, and an interruption says how to go on."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from torch_judge.grading.records import Record
from torch_judge.ui.cli.gathering import gather_records


def record(sample: str) -> Record:
    return Record("double", sample, passed=True, verdict="accepted", score=1.0)


def test_what_comes_is_added_to_what_is_done() -> None:
    judged = (record(sample) for sample in ("1", "2"))
    records = gather_records(judged, [record("0")], total=3, output=Path("r.jsonl"))
    assert [each.sample_id for each in records.values()] == ["0", "1", "2"]


def test_an_interruption_ends_the_judging_and_says_how_to_go_on() -> None:
    ended: list[str] = []

    def judge() -> Generator[Record]:
        try:
            yield record("1")
            raise KeyboardInterrupt
        finally:
            ended.append("by then")

    with pytest.raises(KeyboardInterrupt, match=r"2 of 5 answers are in r\.jsonl; go on with .* --resume"):
        gather_records(judge(), [record("0")], total=5, output=Path("r.jsonl"))
    assert ended == ["by then"]
