"""What a watch notices: saves of a file, keys in a terminal, and signals; each for as long as its block runs."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from torch_judge.judging.background import SECONDS_TO_STOP, Broken, Events, Looked, Pressed, Resumed
from torch_judge.model.errors import UsageError

STEP_MS, DEBOUNCE_MS, LOOK_MS = 15, 60, 500
SECONDS_BETWEEN_KEYS = 0.1
_LONGEST_PRESS = 64


@contextmanager
def saves(path: Callable[[], Path], events: Events) -> Iterator[None]:
    """Put an event for each change of a file into a queue; its folder is watched, since editors save by renaming.

    Every half second the file is looked at anyway: not every file system tells of changes.
    """
    import watchfiles

    stop = threading.Event()
    folder = path().parent.absolute()

    def work() -> None:
        try:
            for _ in watchfiles.watch(
                folder,
                watch_filter=lambda _change, name: Path(name).name == path().name,
                debounce=DEBOUNCE_MS,
                step=STEP_MS,
                rust_timeout=LOOK_MS,
                stop_event=stop,
                yield_on_timeout=True,
                raise_interrupt=False,
                recursive=False,
            ):
                events.put(Looked())
        except Exception as error:  # the main thread says what it was
            events.put(Broken(0, UsageError(f"{folder} cannot be watched: {error}")))

    yield from _while_working(work, stop)


@contextmanager
def keys(events: Events) -> Iterator[bool]:
    """Put each key that is pressed into a queue, if there is a terminal; it is as it was when the block ends."""
    if sys.platform == "win32" or not (sys.stdin.isatty() and sys.stdout.isatty()):
        yield False
        return
    import termios
    import tty

    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    stop = threading.Event()

    def resume(_number: int, _frame: FrameType | None) -> None:
        tty.setcbreak(descriptor)
        events.put(Resumed())

    continued = signal.signal(signal.SIGCONT, resume)
    try:
        tty.setcbreak(descriptor)
        with contextmanager(_while_working)(lambda: _read_keys(descriptor, events, stop), stop):
            yield True
    finally:
        signal.signal(signal.SIGCONT, continued)
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _read_keys(descriptor: int, events: Events, stop: threading.Event) -> None:
    while not stop.is_set():
        if not select.select([descriptor], [], [], SECONDS_BETWEEN_KEYS)[0]:
            continue
        try:
            raw = os.read(descriptor, _LONGEST_PRESS)
        except OSError:
            raw = b""
        if not raw:  # the terminal is gone
            events.put(Pressed("q"))
            return
        if not raw.startswith(b"\x1b"):  # an arrow, say
            for key in raw.decode("utf-8", "replace"):
                events.put(Pressed(key.lower()))


def _while_working(work: Callable[[], None], stop: threading.Event) -> Iterator[None]:
    """Run a thread while a block runs."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(SECONDS_TO_STOP)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let a signal that ends a process unwind it, so that nothing is left behind."""

    def end(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before: dict[int, Any] = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
