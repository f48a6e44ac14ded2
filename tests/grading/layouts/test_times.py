"""Times as systems write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from torch_judge.grading.layouts.times import parse_time

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T12:00:00Z",
        "2026-11-20 13:00:00+01:00",
        "2026-11-20 12:00:00.000000 UTC",
        "2026-11-20 04:00:00.000000 America/Los_Angeles",
        "2026-11-20 04:00:00.000000000 -08:00",
    ],
)
def test_a_time_with_a_zone_is_read(text: str) -> None:
    assert parse_time(text) == NOON


@pytest.mark.parametrize(
    "text", ["2026-11-20T12:00", "2026-11-20-12-00-00", "2026_11_20T12_00_00_000000", "20261120120000"]
)
def test_a_time_without_a_zone_is_local(text: str) -> None:
    assert parse_time(text) == datetime(2026, 11, 20, 12).astimezone()


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "12:00", "2026-11-20 12:00:00 Nowhere/Else"])
def test_what_is_no_time_is_none(text: str) -> None:
    assert parse_time(text) is None
