"""Patience with wrong tokens: it ends for one address and comes back with time."""

from __future__ import annotations

import pytest

from torch_judge.ui.board import patience
from torch_judge.ui.board.patience import Patience


def test_one_address_is_refused_and_another_is_not() -> None:
    known = Patience(2)
    for _ in range(2):
        assert known.count_seconds("a") == 0
        known.note("a")
    assert known.count_seconds("a") > 0
    assert known.count_seconds("b") == 0


def test_it_comes_back_when_the_minute_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    known = Patience(1)
    known.note("a")
    monkeypatch.setattr(patience, "SECONDS_OF_A_RATE", 0.0)
    assert known.count_seconds("a") == 0


def test_of_too_many_addresses_the_oldest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "MOST_KEYS", 2)
    known = Patience(1)
    for address in "abc":
        known.note(address)
    assert [known.count_seconds(address) > 0 for address in "abc"] == [False, True, True]
