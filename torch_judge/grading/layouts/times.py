"""When something was handed in, as systems write it, and when it was due."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

_IN_NAMES: Final = (
    "%Y-%m-%d-%H-%M-%S",
    "%Y_%m_%dT%H_%M_%S_%f",
    "%Y-%m-%d_%H-%M-%S",
    "%Y-%m-%d %H-%M-%S",
    "%Y%m%d%H%M%S",
    "%Y%m%d_%H%M%S",
    "%Y%m%d-%H%M%S",
    "%Y-%m-%dT%H%M%S",
    "%Y-%m-%d %H:%M:%S %Z",
)


def parse_time(text: str) -> datetime | None:
    """Read a time; None where it is none. One without a zone is this machine's local time."""
    text = " ".join(text.split()).removesuffix(" UTC+00:00")
    for attempt in (_parse_iso, _parse_with_zone, _parse_in_a_name):
        with suppress(ValueError, KeyError, OSError, OverflowError):
            if found := attempt(text):
                return found.astimezone(UTC)
    return None


def _parse_iso(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _parse_with_zone(text: str) -> datetime:
    """Read what nbgrader and Ruby write: the zone stands behind, as a name or as +01:00."""
    time, _, zone = text.rpartition(" ")
    time = time[:26]  # nine places of a second are more than Python reads
    if zone[:1] in {"+", "-"}:
        return datetime.fromisoformat(f"{time}{zone}")
    return datetime.fromisoformat(time).replace(tzinfo=UTC if zone == "Z" else ZoneInfo(zone))


def _parse_in_a_name(text: str) -> datetime | None:
    for form in _IN_NAMES:
        with suppress(ValueError):
            return datetime.strptime(text, form).astimezone()
    return None
