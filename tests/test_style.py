"""Lint and types hold for the whole project, and every problem package is sound."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from torch_judge.problem import find_bank

ROOT = Path(__file__).resolve().parent.parent


def tool(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_lint_is_clean() -> None:
    done = tool("ruff", "check", ".")
    assert done.returncode == 0, done.stdout


def test_the_format_is_the_formatters() -> None:
    done = tool("ruff", "format", "--check", "torch_judge", "tests")
    assert done.returncode == 0, done.stdout


def test_types_are_strict() -> None:
    done = tool("mypy")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", find_bank(ROOT / "problems").names())
def test_every_problem_package_is_sound(name: str) -> None:
    done = tool("torch_judge", "verify", name, "--format", "json", "--bank", "problems")
    found = json.loads(done.stdout)
    assert found["complaints"] == []
    assert found["sound"]
    assert done.returncode == 0
