"""A spare: a worker that is told of a problem before there is a submission, which then need not wait.

It holds what any worker holds before it is sent a submission, and serves one.
"""

from __future__ import annotations

import time
from contextlib import suppress

from torch_judge.execution.forkserver.channel import Child, HungUp, OutOfTime
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.execution.forkserver.requests import Confinement
from torch_judge.execution.protocol.messages import Preparation, write
from torch_judge.model.errors import JudgeError

SECONDS_TO_PREPARE = 60.0
"""How long it may take to start a process, on a machine that is busy."""


class Spare:
    """A worker in waiting for submissions to one problem."""

    def __init__(self, server: ForkServer, preparation: Preparation, confinement: Confinement) -> None:
        self._made_for = preparation, confinement
        self._child: Child | None = start_prepared(server, preparation, confinement)

    def fits(self, preparation: Preparation, confinement: Confinement) -> bool:
        """Tell whether the worker is there, and was told of this problem."""
        is_there = self._child is not None and not self._child.has_hung_up()
        return is_there and self._made_for == (preparation, confinement)

    def take(self, preparation: Preparation, confinement: Confinement) -> Child | None:
        """Hand the worker over, once; None where it does not fit."""
        if not self.fits(preparation, confinement):
            return None
        child, self._child = self._child, None
        return child

    def end(self) -> None:
        """End the worker, unless it was handed over; with its server it has ended already."""
        child, self._child = self._child, None
        if child is not None:
            with suppress(JudgeError):
                child.end()


def start_prepared(server: ForkServer, preparation: Preparation, confinement: Confinement) -> Child:
    """Start a worker and tell it of the problem; whoever waits for its answer finds out if that failed."""
    child = server.start("worker", confinement)
    try:
        with suppress(HungUp, OutOfTime):
            child.send(*write(preparation), deadline=time.monotonic() + SECONDS_TO_PREPARE)
    except BaseException:
        child.end()
        raise
    return child
