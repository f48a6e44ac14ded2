"""One of several conventions: a checker names at least one other."""

from __future__ import annotations

import pytest

from torch_judge.authoring.checkers import one_of


def test_the_other_entry_points_are_kept_by_name() -> None:
    assert one_of("by_tanh", "exact").names == ("by_tanh", "exact")


def test_without_another_convention_there_is_nothing_to_check() -> None:
    with pytest.raises(ValueError, match=r"^one_of names no other entry point"):
        one_of()
