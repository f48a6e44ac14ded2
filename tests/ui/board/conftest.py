"""A class on a server, where one small problem is judged in a queue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="the extra serve is not installed")

from tests.support.board import Class, open_class
from torch_judge.model.reveals import Reveals


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Class]:
    with open_class(tmp_path) as opened:
        yield opened


@pytest.fixture(params=[Reveals.VERDICTS, Reveals.DIAGNOSIS])
def strict_school(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Class]:
    with open_class(tmp_path, request.param) as opened:
        yield opened
