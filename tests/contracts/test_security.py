"""SECURITY.md: each test that it names is there, so that no claim outlives what holds it."""

from __future__ import annotations

import ast
import re

from tests.support import ROOT

CLAIMS = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / "SECURITY.md").read_text(encoding="utf-8"))


def functions_of(file: str) -> set[str]:
    """Return the names of the tests in a file."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_test_that_is_named_is_there() -> None:
    assert len(CLAIMS) > 40
    assert [f"{file}::{name}" for file, name in CLAIMS if name not in functions_of(file)] == []


def test_every_section_but_the_honest_ones_names_its_tests() -> None:
    sections = re.split(r"(?m)^## ", (ROOT / "SECURITY.md").read_text(encoding="utf-8"))[1:]
    without = [section.partition("\n")[0] for section in sections if "::test_" not in section]
    assert without == ["Measured", "Report a hole"]
