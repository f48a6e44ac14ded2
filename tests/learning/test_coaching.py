"""Coaching: as it is read from somebody's archive."""

from __future__ import annotations

import pytest

from torch_judge.learning.coaching import Coaching
from torch_judge.learning.fields import read_fields
from torch_judge.model.errors import ProgressError

GIVEN = {"bank": "torch_judge", "problem": "batchnorm", "hints": 2, "given_up": True}


def test_coaching_is_read_from_its_fields() -> None:
    assert read_fields(Coaching, GIVEN, noun="coaching") == Coaching(
        "torch_judge", "batchnorm", 2, given_up=True
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("hints", -1),
        ("hints", 1001),
        ("hints", True),
        ("given_up", 1),
        ("problem", "../x"),
        ("bank", "\ud800"),
    ],
)
def test_coaching_that_is_none_is_refused_by_its_field(key: str, value: object) -> None:
    with pytest.raises(ProgressError, match=f"^{key}: expected "):
        read_fields(Coaching, {**GIVEN, key: value}, noun="coaching")
