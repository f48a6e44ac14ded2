"""Judge a file again whenever it is saved, and answer keys meanwhile; leaves the terminal as it was.

Three threads put what happens into one queue: one that watches the folder, one that reads keys, one that judges. The main
thread takes it out, decides and draws. A save during a check ends that check: only the latest text counts.
"""

from __future__ import annotations

import time
from contextlib import ExitStack, suppress
from pathlib import Path
from queue import SimpleQueue

from rich.console import Console, Group
from rich.text import Text

from torch_judge.judging.background import (
    BackgroundJudge,
    Broken,
    Events,
    Judged,
    Looked,
    Pressed,
    Request,
    Resumed,
)
from torch_judge.learning.attempt import name_bank
from torch_judge.learning.hints import may_see_solution
from torch_judge.learning.history import History, find_history
from torch_judge.learning.standing import next_problem
from torch_judge.learning.workspace import compose_starter, lay_out, locate_file
from torch_judge.model.errors import ProgressError, TorchJudgeError
from torch_judge.model.isolation import Layer
from torch_judge.model.problem import Bank, Problem
from torch_judge.model.report import Report
from torch_judge.model.sanitize import one_line
from torch_judge.ui.document import Document
from torch_judge.ui.learning_pages import Place, make_hint_page, make_solution_page
from torch_judge.ui.text import as_rich, as_text

from .events import ended_by_signals, keys, saves

KEYS = "h hint · s solution · n next problem · Enter judge again · q quit"
_AGAIN = {"\n", "\r"}
Signature = tuple[int, int, int]


class Watch:
    """One session: what is watched, what was said last, and what a key does."""

    def __init__(
        self,
        bank: Bank,
        problem: Problem,
        path: Path,
        *,
        rounds: BackgroundJudge,
        events: Events,
        progress: History,
        keys: bool,
    ) -> None:
        self._bank, self._problem, self._path = bank, problem, path
        self._rounds, self._events, self._progress, self._keys = rounds, events, progress, keys
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
            self._rounds.cancel()
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
        self._rounds.ask(Request(self._ticket, self._problem, self._path))

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
                self._show(make_hint_page(self._problem, self._progress, place=Place.TERMINAL))
            elif key == "s":
                self._offer_solution(confirmed=confirmed)
            elif key == "n":
                self._go_on()
        except TorchJudgeError as error:
            self._below = [str(error)]
            self._draw()

    def _show(self, sheet: Document) -> None:
        self._progress.notices.clear()  # the sheet says them
        self._below = [sheet.as_text(width=min(self._console.width, 100))]
        self._draw()

    def _offer_solution(self, *, confirmed: bool) -> None:
        if confirmed or may_see_solution(self._problem, self._progress):
            self._show(
                make_solution_page(self._problem, self._progress, place=Place.TERMINAL, is_given_up=confirmed)
            )
            return
        self._confirming = True
        self._below = [
            f"You have not solved {self._problem.slug} yet. Press s again to see the solution, any other key to go on."
        ]
        self._draw()

    def _go_on(self) -> None:
        """Turn to the next problem that is not solved; its file is laid out unless it is there."""
        standings = {}
        with suppress(ProgressError):
            standings = self._progress.tally(name_bank(self._problem))
        following = next_problem(self._bank.problems(), standings, after=self._problem.slug)
        if following is None:
            self._below = ["Every other problem is solved."]
            self._draw()
            return
        path = locate_file(following, self._path.parent)
        if not path.exists():
            lay_out(path, compose_starter(following))
        self._problem, self._path, self._signature, self._report, self._gone = (
            following,
            path,
            None,
            None,
            False,
        )
        self._look()

    def _draw(self) -> None:
        """Show the last report and what was said below it; in a terminal on a cleared screen."""
        if not self._keys:
            parts = [as_text(as_rich(self._report))] if self._report is not None else []
            print("\n".join([*parts, *self._below, ""]), flush=True)  # noqa: T201 - showing is what it is for
            return
        self._console.clear()
        heading = Text(
            f"{self._problem.slug}: {one_line(str(self._path))}, {time.strftime('%H:%M:%S')}", style="dim"
        )
        report = [as_rich(self._report, folded=True)] if self._report is not None else []
        below = [Text(f"\n{each}") for each in self._below]
        self._console.print(Group(heading, *report, *below, Text(f"\n{KEYS}", style="dim")))


def watch_file(bank: Bank, problem: Problem, path: Path, *, required: frozenset[Layer], keep: bool) -> int:
    """Watch a file until a key or a signal ends it; return the exit status."""
    events: Events = SimpleQueue()
    with ExitStack() as stack:
        stack.enter_context(ended_by_signals())
        pressed = stack.enter_context(keys(events))
        rounds = stack.enter_context(BackgroundJudge(events, required=required, keep=keep))
        watch = Watch(
            bank, problem, path, rounds=rounds, events=events, progress=find_history(), keys=pressed
        )
        stack.enter_context(saves(lambda: watch.path, events))
        watch.run()
    return 0


def _signature(path: Path) -> Signature | None:
    """Return what changes when a file is saved; None if there is no such file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
