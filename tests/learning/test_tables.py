"""Rows: what goes in comes out again, and a damaged row is no attempt."""

from __future__ import annotations

import sqlite3
from datetime import date

import pytest

from tests.support.attempts import an_attempt
from torch_judge.learning.coaching import Coaching
from torch_judge.learning.tables import (
    COACH,
    COLUMNS,
    INSERT,
    SELECT,
    TABLES,
    Unfit,
    find_coaching,
    make_coaching_row,
    make_row,
    read_coaching,
    read_day,
    read_row,
)


@pytest.fixture
def connection() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.executescript(TABLES)
    return connection


def test_an_attempt_comes_out_of_its_table_as_it_went_in(connection: sqlite3.Connection) -> None:
    attempts = [an_attempt(), an_attempt(verdict=None, seed=None, failed=(), code="\x00 ü \u2028")]
    for attempt in attempts:
        connection.execute(INSERT, make_row(attempt))
        connection.execute(INSERT, make_row(attempt))  # the same one is kept once
    assert [read_row(row) for row in connection.execute(f"{SELECT} ORDER BY number")] == attempts


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("code", b"noise"),
        ("code", None),
        ("code", "noise"),
        ("failed", "[1"),
        ("verdict", "perfect"),
        ("at", None),
        ("day", "soon"),
    ],
)
def test_a_damaged_row_is_no_attempt(column: str, value: object) -> None:
    row = dict(zip(COLUMNS.split(", "), make_row(an_attempt()), strict=True)) | {column: value}
    with pytest.raises(Unfit):
        read_row(tuple(row.values()))
    with pytest.raises(Unfit):
        read_row(tuple(row.values())[:-1])


def test_a_day_that_is_none_is_damage() -> None:
    assert read_day("2026-11-21") == date(2026, 11, 21)
    with pytest.raises(Unfit):
        read_day("2026-02-30")


def test_coaching_only_grows(connection: sqlite3.Connection) -> None:
    assert find_coaching(connection, "b", "p") == Coaching("b", "p")
    for coaching in (Coaching("b", "p", 3), Coaching("b", "p", 1, given_up=True), Coaching("a", "q", 2)):
        connection.execute(COACH, make_coaching_row(coaching))
    assert find_coaching(connection, "b", "p") == Coaching("b", "p", 3, given_up=True)
    assert list(read_coaching(connection)) == [Coaching("a", "q", 2), Coaching("b", "p", 3, given_up=True)]
