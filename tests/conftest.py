"""What every test needs: a home of its own, so that no test touches the developer's history."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that this test's learner keeps their progress in; processes started from here find it."""
    folder = tmp_path_factory.mktemp("home") / "progress"
    monkeypatch.setenv("TORCH_JUDGE_HOME", str(folder))
    return folder
