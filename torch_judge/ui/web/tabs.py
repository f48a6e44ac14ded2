"""The tabs of the browser: what each has judged, and the events that tell its page.

A tab has one check at a time, the newest. All of this runs in the server's event loop but for what is said
to; the judges' threads hand over what they have to tell.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Protocol

from markupsafe import escape

from torch_judge.model.problem import Problem
from torch_judge.model.report import CaseResult, Report
from torch_judge.model.submission import Submission
from torch_judge.ui.card import CheckStage, CheckState, as_progress
from torch_judge.ui.wording import word_ahead

from .bench import Commission, Docket
from .card_styles import move_styles

if TYPE_CHECKING:
    from torch_judge.judging.background import Request
    from torch_judge.judging.example import ExampleRun

MOST_TABS: Final = 64
SECONDS_OF_GRACE: Final = 10.0
"""A tab that reloads is gone for a moment; what is judged for one that does not come back is ended."""
SECONDS_BETWEEN_SIGNS: Final = 15.0
SECONDS_BETWEEN_PICTURES: Final = 0.03
"""Cases that come faster than a screen shows them are shown together."""
LAST: Final = "last"


class Kind(StrEnum):
    """What a tab asked for."""

    SUBMIT = "submit"
    RUN = "run"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a page is told."""

    name: str
    data: Mapping[str, Any]

    def encode(self, number: int, place: int | str) -> str:
        """Write it as a server-sent event; it is one line, whatever its texts hold."""
        data = json.dumps({"request": number, **self.data})
        return f"id: {number}-{place}\nevent: {self.name}\ndata: {data}\n\n"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a tab asked for last: its number in this tab, and on which problem."""

    number: int
    kind: Kind
    problem: Problem


class Tab:
    """One tab: what it asked for last, how far that is, and whoever listens."""

    def __init__(self, name: str, bench: Docket, *, grace: float = SECONDS_OF_GRACE) -> None:
        self.name = name
        self.asked: Asked | None = None
        self._bench, self._grace = bench, grace
        self._commission: Commission | None = None
        self._state: CheckState | None = None
        self._final: Event | None = None
        self._listeners = 0
        self._changed = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._is_closed = False

    @property
    def is_running(self) -> bool:
        """Tell whether something is asked for that has not ended."""
        return self.asked is not None and self._final is None

    @property
    def is_idle(self) -> bool:
        """Tell whether nothing runs and nobody listens."""
        return not self.is_running and not self._listeners

    def ask(self, commission: Commission) -> int:
        """Have something judged in the place of what this tab had before; return its number."""
        from torch_judge.judging.background import ExampleRequest  # late: the pages answer before

        self._drop()
        problem = commission.request.problem
        kind = Kind.RUN if isinstance(commission.request, ExampleRequest) else Kind.SUBMIT
        number = 1 if self.asked is None else self.asked.number + 1
        self.asked = Asked(number, kind, problem)
        self._state = CheckState(problem.slug, f"{problem.slug}.py") if kind is Kind.SUBMIT else None
        self._final = None
        self._commission = commission
        self._bench.ask(commission)
        self._wake()
        self._count_grace()
        return number

    async def stop(self) -> bool:
        """Have what runs ended; False where nothing does."""
        if self._commission is None:
            return False
        await self._bench.stop(self._commission)
        return True

    def leave(self) -> None:
        """Tell of what runs no more than what becomes of it."""
        if self._commission is not None:
            self._end(self._make_stopped(self._drop()))

    def was_told(self, last: str) -> bool:
        """Tell whether a page whose last event was this one knows how it ended."""
        return self.asked is not None and self._final is not None and last == f"{self.asked.number}-{LAST}"

    def close(self) -> None:
        """End what runs, and whatever listens."""
        self._drop()
        self._is_closed = True
        self._wake()

    def _drop(self) -> str:
        if self._commission is None:
            return ""
        commission, self._commission = self._commission, None
        return self._bench.leave(commission)

    def _make_stopped(self, says: str) -> Event:
        is_check = self.asked is not None and self.asked.kind is Kind.SUBMIT
        state = (
            replace(self._state, stage=CheckStage.INTERRUPTED, ahead=None)
            if self._state and is_check
            else None
        )
        card = move_styles(as_progress(state, why=says)) if state else _say_in_a_box(says)
        return Event("stopped", {"html": card, "say": says})

    # --- what the judges tell ---

    def note_ahead(self, commission: Commission, ahead: int | None) -> None:
        """Note how many are before it, or that its turn has come."""
        if commission is not self._commission or (ahead is None and self._state is None):
            return
        slug = commission.request.problem.slug
        stage = CheckStage.STARTING if ahead is None else CheckStage.WAITING
        state = replace(self._state or CheckState(slug, f"{slug}.py"), stage=stage, ahead=ahead)
        if state != self._state:
            self._state = state
            self._wake()

    def note_stopped(self, commission: Commission, says: str) -> None:
        """Note that it was ended without a result."""
        self.note_end(commission, self._make_stopped(says))

    def note_suite(self, commission: Commission, cases: Sequence[CaseResult]) -> None:
        """Note which cases there are."""
        if commission is self._commission and self._state is not None:
            self._state = replace(
                self._state, stage=CheckStage.RUNNING, cases=tuple(cases), decided={}, ahead=None
            )
            self._wake()

    def note_case(self, commission: Commission, case: CaseResult) -> None:
        """Note what became of a case."""
        if commission is self._commission and self._state is not None:
            decided = {**self._state.decided, case.name: case}
            is_last = len(decided) == len(self._state.cases)
            stage = CheckStage.EXPLAINING if is_last else CheckStage.RUNNING
            self._state = replace(self._state, stage=stage, decided=decided)
            self._wake()

    def note_end(self, commission: Commission, event: Event) -> None:
        """Note how it ended."""
        if commission is self._commission:
            self._commission = None
            self._end(event)

    def _end(self, event: Event) -> None:
        self._final = event
        self._cancel_timer()
        self._wake()

    # --- whoever listens ---

    async def listen(self) -> AsyncIterator[str]:
        """Tell what this tab asked for last from its beginning on, until the newest has ended."""
        self._listeners += 1
        self._cancel_timer()
        try:
            async for text in self._tell():
                yield text
        finally:
            self._listeners -= 1
            self._count_grace()

    async def _tell(self) -> AsyncIterator[str]:
        told = shown = None
        place = 0
        while not self._is_closed:
            changed, asked = self._changed, self.asked
            if asked is None:
                return
            if asked is not told:
                told, shown, place = asked, None, 0
                yield _make_begin(asked).encode(asked.number, place)
            if self._final is not None:
                yield self._final.encode(asked.number, LAST)
                if self.asked is asked:
                    return
                continue
            if self._state is not None and self._state is not shown:
                shown, place = self._state, place + 1
                yield _make_progress(shown, asked.kind).encode(asked.number, place)
                await asyncio.sleep(SECONDS_BETWEEN_PICTURES)
            try:
                await asyncio.wait_for(changed.wait(), SECONDS_BETWEEN_SIGNS)
            except TimeoutError:
                yield ": it goes on\n\n"

    def _wake(self) -> None:
        """Have every listener look again."""
        self._changed.set()
        self._changed = asyncio.Event()

    def _count_grace(self) -> None:
        """Where nobody listens to what runs, end it unless somebody does soon."""
        self._cancel_timer()
        if self.is_running and not self._listeners and not self._is_closed:
            is_check = self.asked is not None and self.asked.kind is Kind.SUBMIT
            grace = self._grace if is_check else min(self._grace, SECONDS_OF_GRACE)
            self._timer = asyncio.get_running_loop().call_later(grace, self.leave)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _make_begin(asked: Asked) -> Event:
    says = "Judging" if asked.kind is Kind.SUBMIT else "Running the example"
    return Event("begin", {"kind": asked.kind, "problem": asked.problem.slug, "say": f"{says} ..."})


def _say_in_a_box(sentence: str) -> str:
    return f'<p class="waiting">{escape(sentence)}</p>'


def _make_progress(state: CheckState, kind: Kind) -> Event:
    says = word_ahead(state.ahead) if state.ahead is not None else ""
    if kind is Kind.RUN:
        box = _say_in_a_box(f"{says[:1].upper()}{says[1:]}." if says else "Running the example ...")
        return Event("progress", {"html": box, "say": says})
    failed = sum(not case.passed for case in state.decided.values())
    running = state.running
    return Event(
        "progress",
        {
            "html": move_styles(as_progress(state)),
            "decided": len(state.decided),
            "of": len(state.cases),
            "failed": failed,
            "now": None if running is None else running.title,
            "say": says,
        },
    )


class Words(Protocol):
    """What a page is told of how something ended; called in a judge's thread."""

    def word_report(self, problem: Problem, submission: Submission, report: Report) -> Event:
        """Keep a report, and make the event of it."""

    def word_example(self, problem: Problem, run: ExampleRun) -> Event:
        """Make the event of an example that was run."""

    def word_error(self, problem: Problem, error: Exception) -> Event:
        """Make the event of an error that is not the learner's."""


class Tabs:
    """All tabs by their names, and the bench that judges for them."""

    def __init__(self, bench: Docket, words: Words, *, grace: float = SECONDS_OF_GRACE) -> None:
        self._bench, self._words, self._grace = bench, words, grace
        self._tabs: dict[str, Tab] = {}

    def find(self, name: str) -> Tab | None:
        """Find a tab that has asked for something before."""
        return self._tabs.get(name)

    def ask(self, name: str, request: Request) -> int:
        """Have something judged or run for a tab; return the number of the request in that tab."""
        tab, problem, words = self._open(name), request.problem, self._words
        loop = asyncio.get_running_loop()

        def tell(note: Callable[..., None], *what: object) -> None:
            with suppress(RuntimeError):  # the loop has ended, and nobody listens any more
                loop.call_soon_threadsafe(note, commission, *what)

        commission = Commission(
            request,
            on_suite=lambda cases: tell(tab.note_suite, tuple(cases)),
            on_case=lambda case: tell(tab.note_case, case),
            on_report=lambda read, report: tell(tab.note_end, words.word_report(problem, read, report)),
            on_example=lambda run: tell(tab.note_end, words.word_example(problem, run)),
            on_error=lambda error: tell(tab.note_end, words.word_error(problem, error)),
            on_ahead=lambda ahead: tell(tab.note_ahead, ahead),
            on_stopped=lambda says: tell(tab.note_stopped, says),
        )
        return tab.ask(commission)

    def close(self) -> None:
        """End all that runs, and all that listens."""
        for tab in self._tabs.values():
            tab.close()

    def _open(self, name: str) -> Tab:
        """Find a tab or make it; of too many the oldest that does nothing is forgotten."""
        if name not in self._tabs:
            idle = [known for known, tab in self._tabs.items() if tab.is_idle]
            for known in idle[: max(0, len(self._tabs) + 1 - MOST_TABS)]:
                del self._tabs[known]
            self._tabs[name] = Tab(name, self._bench, grace=self._grace)
        return self._tabs[name]
