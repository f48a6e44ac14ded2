"""Patience: a deadline for a child that is not charged for the time which a busy machine gave to others."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

MOST_WAITED: Final = 3.0
"""So many times its limit a child may wait for a processor: threads of its own could keep it waiting."""
LEAST_WAITED: Final = 0.02
NANOSECONDS: Final = 1e-9


class Patience:
    """A deadline that moves on by the time in which the child could have run and was not let."""

    def __init__(self, seconds: float, read_waiting: Callable[[], float]) -> None:
        self._read_waiting = read_waiting
        self._deadline, self._most = time.monotonic() + seconds, seconds * MOST_WAITED
        self._before, self._granted = read_waiting(), 0.0

    def measure_left(self) -> float:
        """Return how many seconds are left, none if it is over."""
        left = self._deadline + self._granted - time.monotonic()
        if left <= 0 and (more := self.measure_waiting() - self._granted) > LEAST_WAITED:
            self._granted += more
            left += more
        return left

    def measure_waiting(self) -> float:
        """Return for how many seconds the child has waited for a processor, as far as that counts."""
        return min(max(0.0, self._read_waiting() - self._before), self._most)


def read_seconds_of_waiting(pid: int) -> float:
    """Read for how long since its start a process could have run and was not let; 0 where nobody counts that.

    It is what the kernel says of the first thread, the one that runs a submission.
    """
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) * NANOSECONDS
    except (OSError, ValueError, IndexError):
        return 0.0
