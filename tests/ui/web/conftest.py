"""A bank with one small NumPy problem, served on loopback, and a visitor who was let in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="the extra web is not installed")

from tests.support.loopback import Visitor, serve
from tests.support.packages import give_time, write_package
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Problem
from torch_judge.ui.web.serve import WebServer

HINTS = "fits: returns_x\nIs it twice as much?\n---\nMultiply `x` by *scale*.\n---\nWrite `x * scale`.\n"
DEBUG = "import numpy as np\n\nprint('twice', double(np.ones(2)))\ndouble(np.arange(3.0))\n"


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """Write a bank whose checks may take longer than a test waits."""
    folder = tmp_path / "bank"
    give_time(write_package(folder, framework="numpy", hints=HINTS, debug=DEBUG), 600)
    return folder


@pytest.fixture
def problem(bank: Path) -> Problem:
    return find_bank(bank).load("double")


@pytest.fixture
def server(bank: Path) -> Iterator[WebServer]:
    with serve(bank) as server:
        yield server


@pytest.fixture
def visitor(server: WebServer) -> Visitor:
    return Visitor(server.port).enter(server)
