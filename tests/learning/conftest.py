"""A learner's history and a small problem to try."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.packages import write_package
from torch_judge.learning.history import History, find_history
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Problem


@pytest.fixture
def problem(tmp_path: Path) -> Problem:
    write_package(tmp_path / "bank")
    return find_bank(tmp_path / "bank").load("double")


@pytest.fixture
def history(home: Path) -> History:
    return find_history()
