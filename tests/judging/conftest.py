"""What most of these tests judge, and the warm server that they share in a module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.packages import write_package
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Framework, Problem


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    with ForkServer(Framework.TORCH) as server:
        yield server


@pytest.fixture
def problem(tmp_path: Path) -> Problem:
    write_package(tmp_path)
    return find_bank(tmp_path).load("double")
