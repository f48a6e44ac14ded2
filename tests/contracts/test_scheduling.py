"""Tests that would disturb each other never run at the same time under `pytest -n 2`."""

from __future__ import annotations

import re

import pytest

from tests.support import ROOT
from tests.support.scheduling import BANK, MACHINE, rank_of, unit_of

FIXED = re.compile(r"TCP_PORT\b|disk_usage\(|process_iter\(")
"""What a test looks at that all processes of a machine share."""


def test_whatever_looks_at_the_whole_machine_runs_in_one_process() -> None:
    files = [path for path in (ROOT / "tests").rglob("test_*.py") if path.name != "test_scheduling.py"]
    looking = [path.relative_to(ROOT) for path in files if FIXED.search(path.read_text(encoding="utf-8"))]
    assert len(looking) >= 2
    assert [path for path in looking if unit_of(f"{path.as_posix()}::test_it") != MACHINE] == []


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ("tests/attacks/test_attacks.py::test_one[c01]", "tests/sandbox/test_scratch.py::test_two", True),
        ("tests/model/test_report.py::test_one[a]", "tests/model/test_report.py::test_two", True),
        ("tests/model/test_report.py::test_one", "tests/model/test_problem.py::test_one", False),
        (f"{BANK}::test_one[normalisation-rmsnorm]", f"{BANK}::test_two[normalisation-layernorm]", True),
        (f"{BANK}::test_one[normalisation-rmsnorm]", f"{BANK}::test_one[losses-cross_entropy]", False),
    ],
)
def test_tests_that_share_a_server_run_in_one_process(first: str, second: str, *, together: bool) -> None:
    assert (unit_of(first) == unit_of(second)) == together


def test_the_longest_start_first() -> None:
    units = ["tests/model/test_report.py", f"{BANK}[normalisation]", MACHINE]
    assert sorted(units, key=rank_of) == units[::-1]
    assert (ROOT / BANK).is_file()
