"""Patience: a deadline for a child that is not charged for the time which a busy machine gave to others."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

MOST_WAITED: Final = 3.0
"""So many times its limit a child may wait for a processor, for one answer and in all."""
LEAST_GRANTED: Final = 0.02
"""For less nobody goes on waiting: whoever is never let run would have us look again and again."""
NANOSECONDS: Final = 1e-9
USER_TIME, SYSTEM_TIME = 11, 12
"""The places of a process's times in its statistics, behind its name."""


class Patience:
    """A deadline that moves on by the time in which the child could have run and was not let."""

    def __init__(self, seconds: float, read_waiting: Callable[[], float], most: float = math.inf) -> None:
        self._read_waiting = read_waiting
        self._deadline, self._most = time.monotonic() + seconds, min(seconds * MOST_WAITED, most)
        self._before = read_waiting()

    def measure_left(self) -> float:
        """Return how many seconds are left, none if it is over."""
        left = self._deadline - time.monotonic()
        if left > 0:
            return left
        left += self.measure_waiting()
        return left if left > LEAST_GRANTED else 0.0

    def measure_waiting(self) -> float:
        """Return for how many seconds the child has waited for a processor, as far as that counts."""
        return min(max(0.0, self._read_waiting() - self._before), self._most)


def read_seconds_of_waiting(pid: int) -> float:
    """Read for how long since its start a process could have run and was not let; 0 where nobody counts that.

    It is what the kernel says of the first thread, the one that runs a submission, without what other threads
    of the process ran meanwhile: who is in one's own way has nobody to wait for.
    """
    try:
        ran, waited = (int(word) * NANOSECONDS for word in _read(pid, "schedstat").split()[:2])
        times = _read(pid, "stat").rpartition(")")[2].split()
        of_all = (int(times[USER_TIME]) + int(times[SYSTEM_TIME])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return 0.0
    return max(0.0, waited - max(0.0, of_all - ran))


def _read(pid: int, name: str) -> str:
    return Path(f"/proc/{pid}/{name}").read_text(errors="replace")
