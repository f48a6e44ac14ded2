"""A bell: those who wait in this process hear at once that there is work, or news of a submission.

It only saves time. Whoever waits looks at the database now and then, since another process may have written.
"""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Listener:
    """Someone who waits for news in an event loop."""

    loop: asyncio.AbstractEventLoop
    news: asyncio.Event

    async def wait(self, seconds: float) -> None:
        """Wait until there is news, or for so long."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.news.wait(), seconds)
        self.news.clear()


class Bell:
    """What judges and streams of events wait at."""

    def __init__(self) -> None:
        self._work = threading.Condition()
        self._is_work = False
        self._listeners: defaultdict[str, set[Listener]] = defaultdict(set)
        self._lock = threading.Lock()
        self.is_over = False
        """Nobody listens any longer: the server ends."""

    def call_judges(self) -> None:
        """Say that there is work, or that it is over."""
        with self._work:
            self._is_work = True
            self._work.notify_all()

    def wait_for_work(self, seconds: float) -> None:
        """Wait until there may be work, or for so long."""
        with self._work:
            self._work.wait_for(lambda: self._is_work, seconds)
            self._is_work = False

    def ring(self, identity: str) -> None:
        """Say that there is news of a submission."""
        with self._lock:
            listeners = list(self._listeners.get(identity, ()))
        for listener in listeners:
            with suppress(RuntimeError):  # the loop has ended, and nobody waits there
                listener.loop.call_soon_threadsafe(listener.news.set)

    def end(self) -> None:
        """Have all that listen leave."""
        self.is_over = True
        with self._lock:
            identities = list(self._listeners)
        for identity in identities:
            self.ring(identity)

    @contextmanager
    def listen(self, identity: str) -> Iterator[Listener]:
        """Hear of a submission for a block: what is rung meanwhile is not missed."""
        listener = Listener(asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._listeners[identity].add(listener)
        try:
            yield listener
        finally:
            with self._lock:
                self._listeners[identity].discard(listener)
                if not self._listeners[identity]:
                    del self._listeners[identity]
