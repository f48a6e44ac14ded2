"""Judge a file again whenever it is saved, and listen to keys meanwhile; leaves the terminal as it was.

Three threads put what happens into one queue: one that watches the folder, one that reads keys, one that judges. The main
thread takes it out, decides and draws. A save during a check ends that check: only the latest text counts.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from types import FrameType
from typing import Any, Self

from rich.console import Console, Group
from rich.text import Text

from .attempt import bank_of
from .coach import Place, give_hint, may_see_solution, next_problem, show_solution
from .desk import file_of, lay_out, starter_file
from .errors import ProgressError, TorchJudgeError, UsageError
from .isolation import Layer
from .judge import judge
from .plain import one_line
from .problem import Bank, Framework, Problem
from .progress import Progress, find_progress, record
from .render import as_rich, as_text
from .server import Child, Confinement, Server
from .sheet import Sheet
from .submission import Submission, from_path
from .verdict import CaseResult, Report

STEP_MS, DEBOUNCE_MS, LOOK_MS = 15, 60, 500
SECONDS_BETWEEN_KEYS = 0.1
SECONDS_TO_STOP = 5.0
PAUSES = 3
SECONDS_OF_PAUSE = 0.05
"""An editor that empties a file before it fills it is given so many pauses."""
KEYS = "h hint · s solution · n next problem · Enter judge again · q quit"
_AGAIN = {"\n", "\r"}
_LONGEST_PRESS = 64
Signature = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Looked:
    """The file may have changed."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """A key was pressed."""

    key: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A check ended: its number, its report, and what could not be kept of it."""

    ticket: int
    report: Report
    said: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A thread cannot go on."""

    ticket: int
    error: Exception


@dataclass(frozen=True, slots=True)
class Resumed:
    """The process goes on after it was stopped by Ctrl-Z."""


Event = Looked | Pressed | Judged | Broken | Resumed
Events = SimpleQueue[Event]


class _Cancelled(Exception):  # noqa: N818 - a state of a check, which nobody sees
    """The check is not wanted any more."""


class Leash(Server):
    """A warm server whose running check can be ended from another thread."""

    def __init__(self, framework: Framework) -> None:
        super().__init__(framework)
        self._held: list[Child] = []
        self._cancelled = False
        self._hold = threading.Lock()

    def start(self, role: str, confinement: Confinement | None = None) -> Child:
        """Start a child, unless the check is not wanted any more."""
        self.heed()
        child = super().start(role, confinement)
        with self._hold:
            self._held.append(child)
        self.heed()
        return child

    def heed(self) -> None:
        """Raise if the check is not wanted any more."""
        if self._cancelled:
            raise _Cancelled

    def begin(self) -> None:
        """Forget earlier checks."""
        with self._hold:
            self._held, self._cancelled = [], False

    def cancel(self) -> None:
        """End the check that is running."""
        with self._hold:
            self._cancelled, held = True, self._held[-2:]
        for child in held:
            with suppress(TorchJudgeError, OSError, KeyError):
                child.kill()


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be judged."""

    ticket: int
    problem: Problem
    path: Path


class Desk:
    """A thread that judges what was asked for last; a context manager."""

    def __init__(self, events: Events, *, required: frozenset[Layer], keep: bool) -> None:
        self._events, self._required, self._keep = events, required, keep
        self._wanted: Wish | None = None
        self._open = True
        self._change = threading.Condition()
        self._servers: dict[Framework, Leash] = {}
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._change:
            self._open, self._wanted = False, None
            self._change.notify()
        self.cancel()
        self._thread.join(SECONDS_TO_STOP)
        for server in self._servers.values():
            server.close()

    def ask(self, wish: Wish) -> None:
        """Have something judged, instead of whatever is being judged."""
        server = self._servers.get(wish.problem.framework)
        if server is None:
            server = self._servers[wish.problem.framework] = Leash(wish.problem.framework)
            server.warm_up()
        with self._change:
            self._wanted = wish
            self.cancel()
            self._change.notify()

    def cancel(self) -> None:
        """End the check that is running."""
        for server in self._servers.values():
            server.cancel()

    def _work(self) -> None:
        while (wish := self._next()) is not None:
            try:
                self._judge(wish)
            except _Cancelled:
                pass
            except Exception as error:  # the main thread says what it was
                self._events.put(Broken(wish.ticket, error))

    def _next(self) -> Wish | None:
        with self._change:
            self._change.wait_for(lambda: self._wanted is not None or not self._open)
            wish, self._wanted = self._wanted, None
            if wish is not None:
                self._servers[wish.problem.framework].begin()
            return wish

    def _judge(self, wish: Wish) -> None:
        server = self._servers[wish.problem.framework]

        def on_case(_result: CaseResult) -> None:
            server.heed()

        submission = _read(wish.path)
        report = judge(wish.problem, submission, server=server, required=self._required, on_case=on_case)
        server.heed()
        said = record(wish.problem, submission, report) if self._keep else ""
        self._events.put(Judged(wish.ticket, report, said))


def _read(path: Path) -> Submission:
    """Read a file; one that holds nothing may be in the middle of being written."""
    for _ in range(PAUSES):
        with suppress(OSError, UsageError):
            if path.stat().st_size:
                return from_path(path)
        time.sleep(SECONDS_OF_PAUSE)
    return from_path(path)


class Watch:
    """One session: what is watched, what was said last, and what a key does."""

    def __init__(self, bank: Bank, problem: Problem, path: Path, *, desk: Desk, events: Events, progress: Progress, keys: bool) -> None:
        self._bank, self._problem, self._path = bank, problem, path
        self._desk, self._events, self._progress, self._keys = desk, events, progress, keys
        self._console = Console(highlight=False)
        self._signature: Signature | None = None
        self._gone = False
        self._ticket = 0
        self._report: Report | None = None
        self._below: list[str] = []
        self._confirming = False

    @property
    def path(self) -> Path:
        """Return the file that is watched now."""
        return self._path

    def run(self) -> None:
        """Answer what happens until a key ends it."""
        self._look()
        while True:
            event = self._events.get()
            match event:
                case Looked():
                    self._look()
                case Judged(ticket, report, said) if ticket == self._ticket:
                    self._report, self._below = report, [said] if said else []
                    self._draw()
                case Broken(ticket, error) if ticket in {self._ticket, 0}:
                    self._break(error)
                case Resumed():
                    self._draw()
                case Pressed("q"):
                    return
                case Pressed(key):
                    self._press(key)

    def _look(self) -> None:
        """Judge the file if it is another one than the one that was judged last."""
        signature = _signature(self._path)
        if signature is None and not self._gone:
            self._gone, self._signature, self._report = True, None, None
            self._ticket += 1
            self._desk.cancel()
            self._below = [f"{one_line(self._path.name)} is not there; waiting for it"]
            self._draw()
        elif signature is not None and signature != self._signature:
            self._gone, self._signature = False, signature
            self._judge()

    def _judge(self) -> None:
        self._ticket += 1
        self._confirming = False
        if self._keys:
            self._console.print(Text(f"judging {one_line(str(self._path))} ...", style="dim"))
        self._desk.ask(Wish(self._ticket, self._problem, self._path))

    def _break(self, error: Exception) -> None:
        """Say why a check did not end; what a person can mend is waited for, anything else is raised."""
        if not isinstance(error, TorchJudgeError):
            raise error
        self._report, self._below = None, [str(error)]
        self._draw()

    def _press(self, key: str) -> None:
        confirmed, self._confirming = self._confirming, False
        try:
            if key in _AGAIN and not self._gone:
                self._judge()
            elif key == "h":
                self._show(give_hint(self._problem, self._progress, place=Place.TERMINAL))
            elif key == "s":
                self._offer_solution(confirmed=confirmed)
            elif key == "n":
                self._go_on()
        except TorchJudgeError as error:
            self._below = [str(error)]
            self._draw()

    def _show(self, sheet: Sheet) -> None:
        self._progress.notices.clear()  # the sheet says them
        self._below = [sheet.as_text(width=min(self._console.width, 100))]
        self._draw()

    def _offer_solution(self, *, confirmed: bool) -> None:
        if confirmed or may_see_solution(self._problem, self._progress):
            self._show(show_solution(self._problem, self._progress, place=Place.TERMINAL, give_up=confirmed))
            return
        self._confirming = True
        self._below = [f"You have not solved {self._problem.slug} yet. Press s again to see the solution, any other key to go on."]
        self._draw()

    def _go_on(self) -> None:
        """Turn to the next problem that is not solved; its file is laid out unless it is there."""
        standings = {}
        with suppress(ProgressError):
            standings = self._progress.standings(bank_of(self._problem))
        following = next_problem(self._bank.problems(), standings, after=self._problem.slug)
        if following is None:
            self._below = ["Every other problem is solved."]
            self._draw()
            return
        path = file_of(following, self._path.parent)
        if not path.exists():
            lay_out(path, starter_file(following))
        self._problem, self._path, self._signature, self._report, self._gone = following, path, None, None, False
        self._look()

    def _draw(self) -> None:
        """Show the last report and what was said below it; in a terminal on a cleared screen."""
        if not self._keys:
            parts = [as_text(as_rich(self._report))] if self._report is not None else []
            print("\n".join([*parts, *self._below, ""]), flush=True)  # noqa: T201 - showing is what it is for
            return
        self._console.clear()
        heading = Text(f"{self._problem.slug}: {one_line(str(self._path))}, {time.strftime('%H:%M:%S')}", style="dim")
        report = [as_rich(self._report, folded=True)] if self._report is not None else []
        below = [Text(f"\n{each}") for each in self._below]
        self._console.print(Group(heading, *report, *below, Text(f"\n{KEYS}", style="dim")))


def watch_file(bank: Bank, problem: Problem, path: Path, *, required: frozenset[Layer], keep: bool) -> int:
    """Watch a file until a key or a signal ends it; return the exit status."""
    events: Events = SimpleQueue()
    with ExitStack() as stack:
        stack.enter_context(_ended_by_signals())
        keys = stack.enter_context(_keys(events))
        desk = stack.enter_context(Desk(events, required=required, keep=keep))
        watch = Watch(bank, problem, path, desk=desk, events=events, progress=find_progress(), keys=keys)
        stack.enter_context(_saves(lambda: watch.path, events))
        watch.run()
    return 0


def _signature(path: Path) -> Signature | None:
    """Return what changes when a file is saved; None if there is no such file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


@contextmanager
def _saves(path: Callable[[], Path], events: Events) -> Iterator[None]:
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
def _keys(events: Events) -> Iterator[bool]:
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
def _ended_by_signals() -> Iterator[None]:
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
