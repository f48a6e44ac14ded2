"""What every test needs: a home of its own, and a place apart when several run at a time (`pytest -n 2`)."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from xdist.remote import Producer

    from tests.support.scheduling import RoomScheduling


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Choose where this test's learner keeps their progress; processes started from here find it.

    So no test touches a developer's history.
    """
    folder = tmp_path_factory.mktemp("home") / "progress"
    monkeypatch.setenv("TORCH_JUDGE_HOME", str(folder))
    return folder


def pytest_configure(config: pytest.Config) -> None:
    """Give each of several test processes a folder of its own for temporary files.

    The attacks' tests look at what a check leaves in /tmp: another process's servers must not be seen there.
    """
    if hasattr(config, "workerinput"):
        folder = Path(tempfile.mkdtemp(prefix="apart_"))
        folder.chmod(0o1777)  # as /tmp is: some tests start programs as another user
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> RoomScheduling:
    """Choose which tests may run at the same time, whatever `--dist` says."""
    from tests.support.scheduling import RoomScheduling

    return RoomScheduling(config, log)
