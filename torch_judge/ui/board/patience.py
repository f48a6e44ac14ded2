"""How often something may be done in a minute: show a wrong token from an address, or run an example."""

from __future__ import annotations

import time
from collections import deque
from typing import Final

from torch_judge.service.queue import SECONDS_OF_A_RATE

MOST_KEYS: Final = 10_000


class Patience:
    """What was done of late, by who did it; of too many the oldest is forgotten."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._done: dict[str, deque[float]] = {}

    def note(self, key: str) -> None:
        """Note that it was done once more."""
        times = self._done.pop(key, None) or deque(maxlen=self._per_minute)
        times.append(time.monotonic())
        self._done[key] = times
        if len(self._done) > MOST_KEYS:
            del self._done[next(iter(self._done))]

    def count_seconds(self, key: str) -> int:
        """Count the seconds until it may be done again; 0 where it may be now."""
        times = self._done.get(key)
        if times is None or len(times) < self._per_minute:
            return 0
        left = times[0] + SECONDS_OF_A_RATE - time.monotonic()
        return max(1, round(left)) if left > 0 else 0
