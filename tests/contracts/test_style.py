"""Lint, format and types hold for the whole project."""

from __future__ import annotations

import subprocess
import sys

from tests.support import ROOT


def tool(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_lint_is_clean() -> None:
    done = tool("ruff", "check", ".")
    assert done.returncode == 0, done.stdout


def test_the_format_is_the_formatters() -> None:
    done = tool("ruff", "format", "--check", "torch_judge", "tests")
    assert done.returncode == 0, done.stdout


def test_types_are_strict() -> None:
    done = tool("mypy")
    assert done.returncode == 0, done.stdout
