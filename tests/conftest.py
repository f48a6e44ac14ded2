"""What every test needs: a home of its own, and a place apart when several run at a time (`pytest -n 2`)."""

from __future__ import annotations

import compileall
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from torch_judge.model.problem import Framework
from torch_judge.model.version import PACKAGE

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.workermanage import WorkerController

    from tests.support.scheduling import RoomScheduling

settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
"""How long an example takes says how busy the machine is, and nothing of the code."""

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # a shell's background jobs ignore Ctrl-C, and so would all that the tests start and interrupt
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Choose where this test's learner keeps their progress; processes started from here find it.

    So no test touches a developer's history.
    """
    folder = tmp_path_factory.mktemp("home") / "progress"
    monkeypatch.setenv("TORCH_JUDGE_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True, scope="module")
def _notebook_servers_end_with_the_module() -> Iterator[None]:
    """End the warm servers that `check` and `judge` keep for a session: the next module counts processes."""
    yield
    if check := sys.modules.get("torch_judge.ui.notebook.check"):
        for framework in Framework:
            check.warm_server(framework).close()
        check.warm_server.cache_clear()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: WorkerController) -> None:
    """Make a folder for the temporary files of one of several test processes, and remove it in the end.

    The attacks' tests look at what a check leaves in /tmp: another process's servers must not be seen there.
    """
    folder = Path(tempfile.mkdtemp(prefix="apart_"))
    folder.chmod(0o1777)  # as /tmp is: some tests start programs as another user
    node.workerinput["apart"] = str(folder)
    node.config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def pytest_configure(config: pytest.Config) -> None:
    """Use the folder that was made for this test process, if it is one of several, for pytest's own too.

    The first of them compiles our package: tests start hundreds of processes, and where Python is told to
    write no bytecode, each would compile it anew.
    """
    if hasattr(config, "workerinput"):
        folder = config.workerinput["apart"]
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        config.option.basetemp = Path(folder) / "pytest"
    else:
        compileall.compile_dir(PACKAGE, quiet=2)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> RoomScheduling:
    """Choose which tests may run at the same time, whatever `--dist` says."""
    from tests.support.scheduling import RoomScheduling

    return RoomScheduling(config, log)
