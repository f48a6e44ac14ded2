"""Judge a file again whenever it is saved, and answer keys meanwhile; leaves the terminal as it was.

Three threads put what happens into one queue: one watches the folder, one reads keys, one judges. The main
thread takes it out, decides and draws. A save during a check ends that check: only the latest text counts.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from pathlib import Path
from queue import SimpleQueue

from torch_judge.judging.background import BackgroundJudge, Request
from torch_judge.learning.hints import is_solved, may_see_solution
from torch_judge.learning.history import History, find_history, record
from torch_judge.learning.standing import find_following
from torch_judge.learning.workspace import find_answer, lay_out, locate_notebook
from torch_judge.model.bank import Bank
from torch_judge.model.errors import TorchJudgeError
from torch_judge.model.isolation import Layer
from torch_judge.model.problem import Problem
from torch_judge.model.report import Report
from torch_judge.model.sanitize import one_line
from torch_judge.model.submission import Submission
from torch_judge.ui.document import Document
from torch_judge.ui.learning_pages import Place, list_solved, make_hint_page, make_solution_page
from torch_judge.ui.notebook.templates import compose_text
from torch_judge.ui.signals import unwind_on_signals

from .events import (
    Broken,
    Event,
    Events,
    Judged,
    Looked,
    Pressed,
    Resumed,
    watch_keys,
    watch_saves,
)
from .file import FileState, read_whole, state_of
from .screen import Screen

_AGAIN = {"\n", "\r"}


class Watch:
    """One session: what is watched, what was said last, and what a key does."""

    def __init__(
        self,
        bank: Bank,
        problem: Problem,
        path: Path,
        *,
        judge: BackgroundJudge,
        events: Events,
        history: History,
        screen: Screen,
    ) -> None:
        self._bank, self._problem, self._path = bank, problem, path
        self._judge, self._events, self._history, self._screen = judge, events, history, screen
        self._state: FileState | None = None
        self._gone = False
        self._request: Request | None = None
        self._report: Report | None = None
        self._below: list[str] = []
        self._confirming = ""
        """The key that is to be pressed once more."""

    @property
    def path(self) -> Path:
        """Return the file that is watched now."""
        return self._path

    def run(self) -> None:
        """Answer what happens until a key ends it."""
        self._look()
        while (event := self._events.get()) != Pressed("q"):
            self._answer(event)

    def _answer(self, event: Event) -> None:
        match event:
            case Looked():
                self._look()
            case Judged(request, report, unkept) if request is self._request:
                opened = list_solved(self._problem, report, place=Place.WATCH)
                self._report, self._below = report, list(filter(None, [unkept, "\n".join(opened)]))
                self._draw()
            case Broken(request, error) if request is None or request is self._request:
                self._break(error)
            case Resumed():
                self._draw()
            case Pressed(key):
                self._press(key)

    def _look(self) -> None:
        """Judge the file if it is another one than the one that was judged last."""
        state = state_of(self._path)
        if state is None and not self._gone:
            self._gone, self._state, self._report, self._request = True, None, None, None
            self._judge.cancel()
            self._below = [f"{one_line(self._path.name)} is not there; waiting for it"]
            self._draw()
        elif state is not None and state != self._state:
            self._gone, self._state = False, state
            self._ask()

    def _ask(self) -> None:
        """Have the file judged, instead of what is being judged."""
        self._confirming = ""
        self._screen.announce(self._path)
        self._request = Request(self._problem, partial(read_whole, self._path))
        self._judge.ask(self._request)

    def _break(self, error: Exception) -> None:
        """Say why a check did not end; what a person can mend is waited for, anything else is raised."""
        if not isinstance(error, TorchJudgeError):
            raise error
        self._report, self._below = None, [str(error)]
        self._draw()

    def _press(self, key: str) -> None:
        is_confirmed, self._confirming = key == self._confirming, ""
        try:
            if key in _AGAIN and not self._gone:
                self._ask()
            elif key == "h":
                self._show(make_hint_page(self._problem, self._history, place=Place.WATCH))
            elif key == "s":
                self._offer_solution(is_confirmed=is_confirmed)
            elif key == "n":
                self._go_on(is_confirmed=is_confirmed)
        except TorchJudgeError as error:
            self._say(str(error))

    def _say(self, text: str) -> None:
        """Say something below the report."""
        self._below = [text]
        self._draw()

    def _show(self, sheet: Document) -> None:
        self._history.notices.clear()  # the sheet says them
        self._say(sheet.as_text(width=self._screen.width))

    def _confirm(self, key: str, what: str) -> None:
        """Ask for a key once more, since the problem is not solved yet."""
        self._confirming = key
        question = f"Press {key} again to {what}, any other key to go on."
        self._say(f"You have not solved {self._problem.slug} yet. {question}")

    def _offer_solution(self, *, is_confirmed: bool) -> None:
        if not is_confirmed and not may_see_solution(self._problem, self._history):
            self._confirm("s", "see the solution")
            return
        self._show(
            make_solution_page(self._problem, self._history, place=Place.WATCH, is_given_up=is_confirmed)
        )

    def _go_on(self, *, is_confirmed: bool) -> None:
        """Turn to the next problem that is not solved; its file is laid out unless it is there.

        From a problem that is not solved itself only after a second press.
        """
        following = find_following(self._bank, self._problem, self._history)
        if following is None:
            self._say("Every other problem is solved.")
            return
        if not is_confirmed and not is_solved(self._problem, self._history):
            self._confirm("n", f"leave it for {following.slug}")
            return
        path = self._find_place(following)
        if not path.exists():
            lay_out(path, compose_text(following, path))
        self._problem, self._path = following, path
        self._state, self._report, self._gone = None, None, False
        self._look()

    def _find_place(self, problem: Problem) -> Path:
        """Find where a problem's answer is, or is to be: a notebook beside a notebook."""
        path = find_answer(problem, self._path.parent)
        if path.exists() or self._path.suffix != ".ipynb":
            return path
        return locate_notebook(problem, self._path.parent)

    def _draw(self) -> None:
        self._screen.draw(self._problem.slug, self._path, self._report, self._below)


def watch_file(bank: Bank, problem: Problem, path: Path, *, required: frozenset[Layer], keep: bool) -> int:
    """Watch a file until a key or a signal ends it; return the exit status."""
    events: Events = SimpleQueue()

    def on_report(request: Request, submission: Submission, report: Report) -> None:
        unkept = record(request.problem, submission, report) if keep else ""
        events.put(Judged(request, report, unkept))

    def on_error(request: Request, error: Exception) -> None:
        events.put(Broken(request, error))

    with ExitStack() as stack:
        # Signals outermost: one that comes while the rest starts or ends unwinds it all the same. The judge
        # inside the keys: nothing of it runs any more when the terminal is given back.
        stack.enter_context(unwind_on_signals())
        screen = Screen(is_terminal=stack.enter_context(watch_keys(events)))
        judge = stack.enter_context(
            BackgroundJudge(on_report=on_report, on_error=on_error, required=required)
        )
        watch = Watch(bank, problem, path, judge=judge, events=events, history=find_history(), screen=screen)
        stack.enter_context(watch_saves(lambda: watch.path, events))
        watch.run()
    return 0
