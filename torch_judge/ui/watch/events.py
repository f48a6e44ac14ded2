"""What happens while a file is watched: events in one queue, and blocks that put them there."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from types import FrameType

from torch_judge.judging.background import SECONDS_TO_STOP, Request
from torch_judge.model.errors import UsageError
from torch_judge.model.report import Report

STEP_MS, DEBOUNCE_MS, LOOK_MS = 15, 60, 500
SECONDS_BETWEEN_KEYS = 0.1
_LONGEST_PRESS = 64


@dataclass(frozen=True, slots=True)
class Looked:
    """The file may have changed."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """A key was pressed."""

    key: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A check ended: what was asked for, its report, and why it is not kept, if it is not."""

    request: Request
    report: Report
    unkept: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A thread cannot go on: the one that judges with a request, or else the one that looks for saves."""

    request: Request | None
    error: Exception


@dataclass(frozen=True, slots=True)
class Resumed:
    """The process goes on after it was stopped by Ctrl-Z."""


Event = Looked | Pressed | Judged | Broken | Resumed
Events = SimpleQueue[Event]


@contextmanager
def watch_saves(path: Callable[[], Path], events: Events) -> Iterator[None]:
    """Put an event for each change of a file into a queue.

    Its folder is watched, since editors save by renaming. Every half second the file is looked at anyway: not
    every file system tells of changes.
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
            events.put(Broken(None, UsageError(f"{folder} cannot be watched: {error}")))

    with _run_beside(work, stop):
        yield


@contextmanager
def watch_keys(events: Events) -> Iterator[bool]:
    """Put each key that is pressed into a queue, and say whether there is a terminal that has keys.

    When the block ends, the terminal is as it was.
    """
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

    # A shell that takes the terminal back while we are stopped sets it as it likes.
    handler = signal.signal(signal.SIGCONT, resume)
    try:
        tty.setcbreak(descriptor)
        with _run_beside(lambda: _read_keys(descriptor, events, stop), stop):
            yield True
    finally:
        signal.signal(signal.SIGCONT, handler)
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _read_keys(descriptor: int, events: Events, stop: threading.Event) -> None:
    while not stop.is_set():
        if not select.select([descriptor], [], [], SECONDS_BETWEEN_KEYS)[0]:
            continue
        try:
            raw = os.read(descriptor, _LONGEST_PRESS)
        except OSError:
            raw = b""
        if not raw:  # the terminal is gone, and with it whoever could press q
            events.put(Pressed("q"))
            return
        if not raw.startswith(
            b"\x1b"
        ):  # an arrow key sends more than one byte, among which may be our letters
            for key in raw.decode("utf-8", "replace"):
                events.put(Pressed(key.lower()))


@contextmanager
def _run_beside(work: Callable[[], None], stop: threading.Event) -> Iterator[None]:
    """Run a thread beside a block."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(SECONDS_TO_STOP)
