"""The judges of all tabs: a few that stay warm, and a queue before them.

A judge is a thread with a warm server of each framework, which takes memory: so tabs share them. Whatever is
asked of a bench happens in one thread of its own, in order, since to start or to end a server takes time.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from torch_judge.model.isolation import Layer
from torch_judge.model.problem import Framework
from torch_judge.model.report import CaseResult, Report
from torch_judge.model.submission import Submission

if TYPE_CHECKING:
    from torch_judge.judging.background import BackgroundJudge, Request
    from torch_judge.judging.example import ExampleRun

MOST_JUDGES: Final = max(2, min(4, os.cpu_count() or 2))
STOPPED: Final = "Stopped. Nothing of it is running any more."


def _ignore(_told: object) -> None:
    """Hear of something that nobody asked to hear of."""


@dataclass(frozen=True, slots=True, eq=False)
class Commission:
    """What is to be judged or run, and whom to tell; the callbacks run in a judge's thread."""

    request: Request
    on_suite: Callable[[Sequence[CaseResult]], None]
    on_case: Callable[[CaseResult], None]
    on_report: Callable[[Submission, Report], None]
    on_example: Callable[[ExampleRun], None]
    on_error: Callable[[Exception], None]
    on_ahead: Callable[[int | None], None] = _ignore
    """Told how many wait before it, as often as that changes, and None when its turn has come."""
    on_stopped: Callable[[str], None] = _ignore
    """Told, in a sentence, that it was ended without a result."""


class Docket(Protocol):
    """Where tabs have something judged."""

    def ask(self, commission: Commission) -> None:
        """Have something judged as soon as its turn has come."""

    async def stop(self, commission: Commission) -> None:
        """End it, of which `on_stopped` hears; where it ends by itself before, that is what is heard."""

    def leave(self, commission: Commission) -> str:
        """Tell nobody of it any more; return what becomes of it, in a sentence."""

    def warm_up(self, framework: Framework) -> None:
        """Prepare for a check."""


@dataclass(slots=True, eq=False)
class _Seat:
    """A judge, what it is about, and of which frameworks its servers are warm."""

    judge: BackgroundJudge
    commission: Commission | None = None
    warm: set[Framework] = field(default_factory=set)


class Bench:
    """Judges that several tabs share, until it is closed."""

    def __init__(self, *, required: frozenset[Layer], most: int = MOST_JUDGES) -> None:
        self._required, self._most = required, most
        self._seats: list[_Seat] = []
        self._waiting: deque[Commission] = deque()
        self._clerk = ThreadPoolExecutor(1, thread_name_prefix="torch_judge bench")

    def close(self) -> None:
        """End all judges and whatever they do; nothing is left running."""
        self._clerk.submit(self._close)
        self._clerk.shutdown(wait=True)

    def ask(self, commission: Commission) -> None:
        """Have something judged as soon as a judge is free."""
        self._clerk.submit(self._ask, commission)

    async def stop(self, commission: Commission) -> None:
        """End a check, or forget it where it waits."""
        commission.on_stopped(self.leave(commission))

    def leave(self, commission: Commission) -> str:
        """End a check, or forget it where it waits; nobody hears of it any more."""
        self._clerk.submit(self._cancel, commission)
        return STOPPED

    def warm_up(self, framework: Framework) -> None:
        """Have a server of a framework started, so that the next check finds one warm."""
        self._clerk.submit(self._warm_up, framework)

    # --- in the bench's own thread ---

    def _ask(self, commission: Commission) -> None:
        self._waiting.append(commission)
        self._give_out()

    def _cancel(self, commission: Commission) -> None:
        if commission in self._waiting:
            self._waiting.remove(commission)
        for seat in self._seats:
            if seat.commission is commission:
                seat.commission = None
                seat.judge.cancel()
        self._give_out()

    def _free(self, seat: _Seat, commission: Commission) -> None:
        if seat.commission is commission:
            seat.commission = None
        self._give_out()

    def _give_out(self) -> None:
        """Give what waits to the judges that are free, and tell what goes on waiting how many are ahead."""
        while self._waiting:
            framework = self._waiting[0].request.problem.framework
            seat = self._find_free(framework)
            if seat is None:
                break
            seat.commission = self._waiting.popleft()
            seat.commission.on_ahead(None)
            seat.warm.add(framework)
            seat.judge.ask(seat.commission.request)
        for ahead, commission in enumerate(self._waiting):
            commission.on_ahead(ahead)

    def _find_free(self, framework: Framework) -> _Seat | None:
        """Find a judge that is free, one that is warm before any other; None where all are busy."""
        free = [seat for seat in self._seats if seat.commission is None]
        if free:
            return min(free, key=lambda seat: framework not in seat.warm)
        return self._open_seat() if len(self._seats) < self._most else None

    def _open_seat(self) -> _Seat:
        from torch_judge.judging.background import BackgroundJudge  # late: the pages answer before

        judge = BackgroundJudge(
            on_suite=lambda request, cases: self._tell(request, lambda told: told.on_suite(cases)),
            on_case=lambda request, case: self._tell(request, lambda told: told.on_case(case)),
            on_report=lambda request, submission, report: self._end(
                request, lambda told: told.on_report(submission, report)
            ),
            on_example=lambda request, run: self._end(request, lambda told: told.on_example(run)),
            on_error=lambda request, error: self._end(request, lambda told: told.on_error(error)),
            required=self._required,
        )
        judge.__enter__()  # it ends in `_close`
        seat = _Seat(judge)
        self._seats.append(seat)
        return seat

    def _warm_up(self, framework: Framework) -> None:
        if any(framework in seat.warm for seat in self._seats):
            return
        seat = self._find_free(framework)
        if seat is not None:
            seat.warm.add(framework)
            seat.judge.warm_up(framework)

    def _close(self) -> None:
        self._waiting.clear()
        for seat in self._seats:
            seat.commission = None
            seat.judge.__exit__()

    # --- in a judge's thread ---

    def _find_seat(self, request: Request) -> _Seat | None:
        return next(
            (seat for seat in self._seats if seat.commission and seat.commission.request is request), None
        )

    def _tell(self, request: Request, tell: Callable[[Commission], None]) -> None:
        """Tell whoever asked; nobody where it is not wanted any more."""
        seat = self._find_seat(request)
        if seat is not None and (commission := seat.commission) is not None:
            tell(commission)

    def _end(self, request: Request, tell: Callable[[Commission], None]) -> None:
        seat = self._find_seat(request)
        if seat is None or (commission := seat.commission) is None:
            return
        # first of all the judge is free: whoever is told may ask at once, and is to find it warm
        with suppress(RuntimeError):  # the bench is being closed
            self._clerk.submit(self._free, seat, commission)
        tell(commission)
