"""The package as a whole: what its wheel carries."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(into),
        str(ROOT),
    ]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = into.glob("*.whl")
    return built


def test_the_wheel_carries_the_bank_and_the_types(wheel: Path) -> None:
    assert wheel.name.startswith("torch_judge-1.0.0-py3-none-any")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "torch_judge/py.typed",
        "torch_judge/problems/batchnorm/problem.toml",
        "torch_judge/problems/batchnorm/solution.py",
    } <= names
    problems = [path.parent for path in (ROOT / "problems").glob("*/problem.toml")]
    bank = {
        str(path.relative_to(ROOT))
        for each in problems
        for path in each.rglob("*")
        if path.suffix in {".py", ".md", ".toml", ".json"}
    }
    assert {f"torch_judge/{name}" for name in bank} <= names
    assert not [name for name in names if name.startswith(("tests", "templates", "problems"))]


def test_an_installed_wheel_finds_its_bank_and_judges(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    sample = site / "torch_judge" / "problems" / "batchnorm" / "solution.py"
    environment = {**os.environ, "PYTHONPATH": str(site)}
    command = [sys.executable, "-m", "torch_judge", "run", "batchnorm", str(sample), "--format", "json"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    assert '"verdict": "accepted"' in done.stdout
