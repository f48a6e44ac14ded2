"""The bank that ships: every package is sound under the full `torch-judge verify`.

The README's numbers are those that it found.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from typing import Any

import pytest

from tests.support import ROOT
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Problem

pytestmark = pytest.mark.bank
BANK = find_bank(ROOT / "problems")
COLUMNS = ("cases", "accepted", "gotchas", "subsuming", "mutants", "killed", "equivalent")
FAULTS = ("conditions", "met", "faults", "rejected", "allowed", "open")


PROBLEMS = [BANK.load(name) for name in BANK.names()]
BY_TOPIC = sorted(PROBLEMS, key=lambda problem: problem.topic)
"""Problems of a topic stand together, and are verified in one run: its servers start once for all of them."""


@pytest.fixture(scope="module", params=BY_TOPIC, ids=lambda problem: f"{problem.topic}-{problem.slug}")
def verified(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Verify a package; its tests share the outcome."""
    problem: Problem = request.param
    calls = [item.callspec for item in request.session.items if hasattr(item, "callspec")]
    chosen = {call.params["verified"].slug for call in calls if "verified" in call.params}
    together = [each.slug for each in BY_TOPIC if each.slug in chosen and each.topic is problem.topic]
    return verify_together(tuple(together))[problem.slug]


@cache
def verify_together(names: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Run verify on packages, as a person would."""
    verify = [sys.executable, "-m", "torch_judge", "verify", "--format", "json", "--bank", "problems"]
    # verify keeps two cores busy: it gives way to the tests beside it, some of which have deadlines to keep.
    done = subprocess.run(["nice", *verify, *names], cwd=ROOT, capture_output=True, text=True, check=False)
    verified = {facts["problem"]: facts for facts in map(json.loads, done.stdout.splitlines())}
    assert list(verified) == list(names), done.stderr
    assert done.returncode == int(not all(facts["sound"] for facts in verified.values())), done.stderr
    return verified


def test_every_package_is_sound(verified: dict[str, Any]) -> None:
    assert verified["complaints"] == []
    assert verified["sound"]
    assert verified["counts"]["survivors"] == 0
    assert verified["seeds"] >= 50


def test_every_package_has_what_a_learner_needs(verified: dict[str, Any]) -> None:
    problem, counts = BANK.load(verified["problem"]), verified["counts"]
    assert counts["accepted"] - 1 >= 4, "right samples beside the jury solution"
    assert counts["gotchas"] >= 10
    assert len(problem.read_hints()) >= 3
    assert any(made in problem.read_cases() for made in ("@counterexample(", "describe("))
    assert not [note for note in verified["notes"] if "space of small inputs" in note]


def test_the_row_in_the_readme_is_what_was_found(verified: dict[str, Any]) -> None:
    """On a difference the assertion shows the row as it has to be."""
    for head, columns in (("problem", COLUMNS), ("conditional faults", FAULTS)):
        row = [f"`{verified['problem']}`", *(str(verified["counts"][column]) for column in columns)]
        assert f"| {' | '.join(row)} |" in table_rows(head)


@pytest.mark.parametrize("head", ["problem", "conditional faults"])
def test_the_tables_in_the_readme_have_a_row_for_each_problem_and_the_sums(head: str) -> None:
    *rows, sums = [[cell.strip() for cell in row.strip("|").split("|")] for row in table_rows(head)]
    assert sorted(row[0].strip("`") for row in rows) == sorted(BANK.names())
    columns = zip(*([int(cell) for cell in row[1:]] for row in rows), strict=True)
    assert sums == [f"{len(rows)} problems", *(str(sum(column)) for column in columns)]


def table_rows(head: str) -> list[str]:
    """Find the rows of the README's table that begins so."""
    table = re.search(
        rf"^\| {head} \|.*\n\|[-: |]+\|\n((?:\|.*\n)+)",
        (ROOT / "README.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert table
    return table[1].splitlines()
