"""`.ci/constraints.txt`: one release of each package that pyproject.toml names, for every machine."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support import ROOT

LINES = (ROOT / ".ci" / "constraints.txt").read_text(encoding="utf-8").splitlines()
PINS = {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in LINES)}
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
REQUIREMENTS = {
    requirement
    for requirements in (
        PYPROJECT["build-system"]["requires"],
        PYPROJECT["project"]["dependencies"],
        *PYPROJECT["project"]["optional-dependencies"].values(),
        ["editables"],  # hatchling asks for it when it builds an editable wheel
    )
    for requirement in requirements
}


@pytest.mark.parametrize("requirement", sorted(REQUIREMENTS))
def test_every_requirement_has_a_pin_that_it_allows(requirement: str) -> None:
    """Where one has none: `.ci/pin` writes the file anew."""
    wanted = Requirement(requirement)
    assert PINS[canonicalize_name(wanted.name)] in wanted.specifier


def test_a_pin_holds_on_every_machine() -> None:
    """No local version such as +cpu, no address of a file, no marker."""
    pins = [line for line in LINES if not line.startswith("#")]
    assert len(pins) > 100
    assert [line for line in pins if not re.fullmatch(r"[\w.-]+==[\w.!]+", line)] == []


def test_the_readme_has_both_its_installations_pinned_and_their_builds() -> None:
    """Since pip 25.3 the second variable holds for what builds our wheel; before, the first does."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    installs = re.findall(r"(?m)^(.*)\.venv/bin/pip install", readme)
    assert installs == ["PIP_CONSTRAINT=$pins PIP_BUILD_CONSTRAINT=$pins "] * 2
