"""The fork server's program, as a conductor sees it through its line."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from torch_judge.execution.forkserver import requests
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.execution.forkserver.program import MOST_SANDBOXES
from torch_judge.execution.forkserver.requests import Confinement
from torch_judge.model.isolation import Layer
from torch_judge.model.problem import Framework


@pytest.fixture
def server() -> Iterator[ForkServer]:
    with ForkServer(Framework.NUMPY) as server:
        yield server


def test_what_it_describes_is_every_layer(server: ForkServer) -> None:
    described = server.describe()
    assert {*described.layers, *described.missing} == set(Layer)
    assert set(described.layers).isdisjoint(described.missing)
    assert described.scratch


def test_a_child_that_is_killed_is_ended_all_the_same(server: ForkServer) -> None:
    with server.child("checker") as child:
        child.kill()
        assert child.end(grace=5.0) == -9


def test_a_child_that_nobody_started_is_neither_killed_nor_ended(server: ForkServer) -> None:
    """Not even this process, whose number it is told."""
    server.warm_up()
    ask = server._programs[0].ask
    assert ask(requests.Kill((os.getpid(),)), requests.Killed) == requests.Killed(())
    assert ask(requests.End(os.getpid(), 0.0), requests.Ended) == requests.Ended(None, "")


def test_a_child_that_hangs_up_by_itself_says_how_it_ended(server: ForkServer) -> None:
    """A checker whose conductor hangs up has nothing left to do."""
    child = server.start("checker")
    child._channel.close()
    assert child.end(grace=5.0) == 0


def test_it_ends_when_its_line_does(server: ForkServer) -> None:
    server.warm_up()
    program = server._programs[0]
    process = psutil.Process(program._process.pid)
    program._control.close()
    deadline = time.monotonic() + 20
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(0.01)
    assert program._process.wait(timeout=5) == 0


def test_a_server_of_many_banks_keeps_shutting_its_children_in(server: ForkServer, tmp_path: Path) -> None:
    """What is worked out for each bank is not kept for ever, and the last is shut in as the first was."""
    descriptors = []
    for n in range(2 * MOST_SANDBOXES + 8):
        confinement = Confinement(bank=str(tmp_path / f"bank_{n}"), required=("files",))
        with server.child("checker", confinement):
            descriptors.append(psutil.Process(server._programs[0]._process.pid).num_fds())
    assert descriptors[-1] == descriptors[MOST_SANDBOXES + 4]


def test_no_sandbox_lies_where_a_child_has_its_channel(server: ForkServer, tmp_path: Path) -> None:
    """The first is tried while no child's descriptors are there; a later bank's gets what it gives back."""
    server.describe()
    for n in range(MOST_SANDBOXES + 2):
        child = server.start("checker", Confinement(bank=str(tmp_path / f"bank_{n}")))
        child._channel.close()
        assert child.end(grace=5.0) == 0, child.printed()
