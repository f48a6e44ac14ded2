"""How often an address may show a wrong token: as often in a minute as a user may submit."""

from __future__ import annotations

import time
from collections import deque
from typing import Final

from torch_judge.service.queue import SECONDS_OF_A_RATE

MOST_ADDRESSES: Final = 10_000


class Patience:
    """The wrong tokens of late, by address; of too many addresses the oldest is forgotten."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._wrong: dict[str, deque[float]] = {}

    def note_wrong(self, address: str) -> None:
        """Note that an address has shown a wrong token."""
        times = self._wrong.pop(address, None) or deque(maxlen=self._per_minute)
        times.append(time.monotonic())
        self._wrong[address] = times
        if len(self._wrong) > MOST_ADDRESSES:
            del self._wrong[next(iter(self._wrong))]

    def count_seconds(self, address: str) -> int:
        """Count the seconds until an address may try again; 0 where it may now."""
        times = self._wrong.get(address)
        if times is None or len(times) < self._per_minute:
            return 0
        left = times[0] + SECONDS_OF_A_RATE - time.monotonic()
        return max(1, round(left)) if left > 0 else 0
