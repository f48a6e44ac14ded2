"""The actors of Ray: a worker for each core, and what must hold before one is given work.

They come back after they are killed, and what they were asked then is asked again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from torch_judge.model.errors import JudgeError
from torch_judge.model.isolation import Layer

from .ray_connection import CONTROL, Connection, word_error
from .ray_worker import RayWorker, explain_difference, find_versions

SECONDS_TO_START: Final = 180.0


class RayActors:
    """A connection to Ray with a worker for each core; those that are slow to start join later.

    Raises UsageError where no Ray answers, JudgeError where it has no core.
    """

    def __init__(
        self, ray: Any, address: str, *, count: int | None, required: frozenset[Layer] | None
    ) -> None:
        self.ray = ray
        self.all: list[Any] = []
        self._connection = Connection(ray, address, count)
        try:
            self._start(required)
        except BaseException:
            self.close()
            raise
        if not self.all:
            self.close()
            raise JudgeError(f"Ray has no core at {address}")

    def _start(self, required: frozenset[Layer] | None) -> None:
        remote = self.ray.remote(
            num_cpus=1, max_restarts=-1, max_task_retries=-1, concurrency_groups={CONTROL: 1}
        )(RayWorker)
        for _ in range(self._connection.count):
            self.all.append(remote.remote(self._connection.folder, required))

    def wait_for_first(self, introductions: Sequence[Any]) -> list[Any]:
        """Wait for the first actors to introduce themselves. Raises JudgeError where none does."""
        arrived: list[Any]
        arrived, _ = self.ray.wait(list(introductions), timeout=SECONDS_TO_START)
        if not arrived:
            raise JudgeError(
                f"Ray has started no worker within {SECONDS_TO_START:g} seconds: no core is free"
            )
        return arrived

    def close(self) -> None:
        """End the actors, and the Ray that was started for them."""
        self._connection.close(self.all)


def welcome(ray: Any, introduction: Any) -> int:
    """Return the process of an actor that has introduced itself.

    Raises UsageError where it judges by other releases.
    """
    try:
        place, pid, versions = ray.get(introduction)
    except ray.exceptions.RayError as error:
        raise word_error(error) from None
    if difference := explain_difference(place, there=versions, here=find_versions()):
        raise difference
    return int(pid)
