"""The bank that ships: every package is sound by the full `torch-judge verify`, as README says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import pytest

from tests.support import ROOT
from torch_judge.model.bank import find_bank

BANK = find_bank(ROOT / "problems")
COLUMNS = ("cases", "accepted", "gotchas", "mutants", "killed", "equivalent")


@pytest.fixture(scope="module")
def verified() -> dict[str, dict[str, Any]]:
    """Return what verify finds out about each package; one run for all, as a person would make it."""
    command = [sys.executable, "-m", "torch_judge", "verify", "--format", "json", "--bank", "problems"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    facts = {verified["problem"]: verified for verified in map(json.loads, done.stdout.splitlines())}
    assert done.returncode == int(not all(verified["sound"] for verified in facts.values())), done.stderr
    return facts


@pytest.mark.parametrize("name", BANK.names())
def test_every_package_is_sound(name: str, verified: dict[str, dict[str, Any]]) -> None:
    assert verified[name]["complaints"] == []
    assert verified[name]["sound"]
    assert verified[name]["counts"]["survivors"] == 0
    assert verified[name]["seeds"] >= 50


@pytest.mark.parametrize("name", BANK.names())
def test_every_package_has_what_a_learner_needs(name: str, verified: dict[str, dict[str, Any]]) -> None:
    problem, counts = BANK.load(name), verified[name]["counts"]
    assert counts["accepted"] - 1 >= 4, "right samples beside the jury solution"
    assert counts["gotchas"] >= 10
    assert len(problem.read_hints()) >= 3
    assert "@counterexample(" in problem.read_cases()
    assert not [note for note in verified[name]["notes"] if "space of small inputs" in note]


def test_the_table_in_the_readme_is_what_was_found(verified: dict[str, dict[str, Any]]) -> None:
    """There is a row for each problem and one with the sums; the assertion shows what has to be."""
    counts = {name: [facts["counts"][column] for column in COLUMNS] for name, facts in verified.items()}
    rows = [[f"`{name}`", *map(str, numbers)] for name, numbers in counts.items()]
    rows.append(
        [f"{len(counts)} problems", *(str(sum(column)) for column in zip(*counts.values(), strict=True))]
    )
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    found = re.search(
        r"^\| problem \|.*\n\|[-: |]+\|\n((?:\|.*\n)+)",
        (ROOT / "README.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert found
    assert found[1].strip() == table
