"""The judges of a service: threads, each at a workplace of its own, that work off the queue."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from torch_judge.judging.batch import Plan
from torch_judge.judging.diagnosis import SECONDS_FOR_ONE_OF_MANY
from torch_judge.judging.workplace import OutOfReachError, Workplace
from torch_judge.model.bank import Bank
from torch_judge.model.errors import TorchJudgeError
from torch_judge.model.isolation import Layer
from torch_judge.model.report import CaseResult, Report, Verdict
from torch_judge.model.reveals import Reveals

from .bell import Bell
from .errors import StoreError
from .happenings import describe_suite
from .measures import Measures
from .parcel import NAME, read_parcel
from .queue import MOST_ATTEMPTS, Happening, State, Taken
from .store import Store

SECONDS_TO_LOOK: Final = 1.0
"""How long a judge without work waits at most: another process may have asked, or a lease run out."""
SECONDS_TO_GATHER: Final = 0.1
"""What happens to a submission is written down so often, and not case by case."""
SECONDS_TO_STOP: Final = 20.0
MOST_SECONDS: Final = 900.0
"""No check takes so long; one that does is given up, so that another judge may try."""
_LOG: Final = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Judging:
    """What judges need to know: what is judged, under which isolation, and how much is told of it."""

    store: Store
    bank: Bank
    required: frozenset[Layer]
    reveal: Reveals
    bell: Bell
    measures: Measures


class Judges:
    """A thread for each workplace, to judge what waits; a context manager, which gives back what it leaves.

    It closes the workplaces, and raises JudgeError where less isolation holds than is required.
    """

    def __init__(self, judging: Judging, workplaces: Sequence[Workplace]) -> None:
        self._judging, self._workplaces = judging, tuple(workplaces)
        self._lost: dict[Workplace, str] = {}
        """The workplaces that cannot be reached, and why."""
        self._leases = _Leases(judging)
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=(workplace,), name=f"torch_judge {number}", daemon=True)
            for number, workplace in enumerate(self._workplaces)
        ]

    def __enter__(self) -> Self:
        try:
            self._warm_up()
        except BaseException:
            self._close_workplaces()
            raise
        self._leases.start()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._judging.bell.call_judges()
        self._close_workplaces()  # a check that runs ends, and is given back
        deadline = time.monotonic() + SECONDS_TO_STOP
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._leases.stop()
        self._close_workplaces()  # what a thread may have started in between

    @property
    def complaint(self) -> str:
        """Say why nothing may be judged; empty if all is well."""
        if not all(thread.is_alive() for thread in self._threads):
            return "a judge has stopped"
        return "no judge can be reached" if len(self._lost) == len(self._workplaces) else ""

    def _warm_up(self) -> None:
        """Start the servers of all frameworks of the bank, and try their isolation."""
        frameworks = sorted({problem.framework for problem in self._judging.bank.problems()})
        for framework in frameworks:
            for workplace in self._workplaces:
                workplace.open(framework)
        for framework in frameworks:
            self._workplaces[0].check_isolation(framework)

    def _close_workplaces(self) -> None:
        for workplace in self._workplaces:
            workplace.close()

    def _work(self, workplace: Workplace) -> None:
        while not self._over.is_set():
            if not self._reach(workplace):
                self._over.wait(SECONDS_TO_LOOK)
                continue
            try:
                taken = self._judging.store.queue.take()
            except StoreError as error:
                _LOG.warning("%s", error)
                self._over.wait(SECONDS_TO_LOOK)
                continue
            if taken is None:
                self._judging.bell.wait_for_work(SECONDS_TO_LOOK)
                continue
            with self._leases.hold(taken, workplace):
                self._finish(taken, *self._judge(taken, workplace))

    def _reach(self, workplace: Workplace) -> bool:
        """Tell whether a workplace can be reached; why it cannot is said once."""
        try:
            workplace.reach()
        except OutOfReachError as error:
            if self._lost.get(workplace) != str(error) and not self._over.is_set():
                _LOG.warning("a judge is lost: %s", error)
            self._lost[workplace] = str(error)
            return False
        self._lost.pop(workplace, None)
        return True

    def _judge(self, taken: Taken, workplace: Workplace) -> tuple[Report | None, _News]:
        """Judge a submission; whatever goes wrong outside of it is a judge error.

        There is no report if the workplace is lost.
        """
        news = _News(self._judging, taken)
        self._judging.bell.ring(taken.id)
        if taken.is_exhausted:
            said = f"the judge was killed {MOST_ATTEMPTS} times while it judged this, and does not try again"
            return _report_failure(taken, said), news
        try:
            problem = self._judging.bank.load(taken.problem)
            reveals = problem.reveals.limit(self._judging.reveal)
            plan = Plan(
                seconds_to_diagnose=SECONDS_FOR_ONE_OF_MANY,
                counterexample=reveals is Reveals.EVERYTHING,
                on_suite=news.note_suite,
                on_case=news.note_case,
            )
            submission = read_parcel(taken.submission)
            return workplace.judge(problem, submission, taken.seed, plan), news
        except OutOfReachError as error:
            self._lost[workplace] = str(error)
            if not self._over.is_set():
                _LOG.warning("submission %s: its judge is lost: %s", taken.id, error)
            return None, news
        except TorchJudgeError as error:
            return _report_failure(taken, str(error)), news
        except Exception as error:
            if not self._over.is_set() and not self._leases.leave_workplace(taken):
                _LOG.exception("submission %s", taken.id)
            return _report_failure(taken, f"the judge failed: {type(error).__name__}"), news

    def _finish(self, taken: Taken, report: Report | None, news: _News) -> None:
        """Keep the report; give back what was stopped, and once what the judge failed at.

        What was lost with a workplace is judged again when its lease has run out, as if this judge had been
        killed: it may have been the submission that did it.
        """
        queue, measures = self._judging.store.queue, self._judging.measures
        is_lost = self._leases.leave_workplace(taken)
        if self._over.is_set():  # whatever the report says: its processes may have been ended under it
            self._insist(lambda: queue.give_back(taken))
        elif is_lost:
            self._note_refusal(taken)
        elif report is None:
            return
        elif report.verdict is Verdict.JUDGE_ERROR and not taken.failures and not taken.is_exhausted:
            if self._insist(lambda: queue.give_back(taken, failed=True)):
                _LOG.warning("submission %s is judged once more: %s", taken.id, report.message)
                measures.count_again()
        elif self._insist(lambda: queue.finish(taken, report, news.take())):
            measures.count_check(report)
        else:
            self._note_refusal(taken)
        self._judging.bell.ring(taken.id)
        self._judging.bell.call_judges()  # the user's next one may be judged now

    def _note_refusal(self, taken: Taken) -> None:
        """Note that a report is not kept: its submission was withdrawn, or its lease had run out."""
        try:
            entry = self._judging.store.ledger.find(taken.id)
        except StoreError:
            entry = None
        if entry is None or entry.state is not State.WITHDRAWN:
            _LOG.warning("submission %s: its lease had run out, so this report is not kept", taken.id)
            self._judging.measures.count_refused()

    def _insist(self, work: Callable[[], bool]) -> bool:
        """Do something with the store; where that fails, again, as long as a lease may hold."""
        deadline = time.monotonic() + self._judging.store.queue.seconds_of_a_lease
        while True:
            try:
                return work()
            except StoreError as error:
                _LOG.warning("%s", error)
                if time.monotonic() > deadline or self._over.wait(SECONDS_TO_LOOK):
                    return False  # its lease runs out, and it is judged again


class _News:
    """What happens to a submission, gathered and written down now and then."""

    def __init__(self, judging: Judging, taken: Taken) -> None:
        self._judging, self._taken = judging, taken
        self._places: dict[str, int] = {}
        self._gathered: list[Happening] = []
        self._decided = 0
        self._written = time.monotonic()

    def note_suite(self, cases: Sequence[CaseResult]) -> None:
        """Note which cases there are."""
        self._places = {case.name: place for place, case in enumerate(cases, 1)}
        self._gathered.append(("suite", describe_suite(cases)))
        self._write()

    def note_case(self, result: CaseResult) -> None:
        """Note what became of a case; the first and the last are told at once, others every now and then."""
        self._gathered.append(("case", {"number": self._places[result.name], "case": asdict(result)}))
        self._decided += 1
        is_awaited = self._decided in {1, len(self._places)}
        if is_awaited or time.monotonic() - self._written > SECONDS_TO_GATHER:
            self._write()

    def take(self) -> list[Happening]:
        """Take what is not written down yet, which is kept together with the report."""
        gathered, self._gathered = self._gathered, []
        return gathered

    def _write(self) -> None:
        self._written = time.monotonic()
        try:
            self._judging.store.queue.tell(self._taken, self._gathered)
        except StoreError as error:  # the verdict matters more, and it may be kept by then
            _LOG.warning("%s", error)
            return
        self._gathered = []
        self._judging.bell.ring(self._taken.id)


@dataclass(slots=True)
class _Held:
    """A lease, since when it is held, and where its submission is judged as long as it is."""

    taken: Taken
    since: float
    workplace: Workplace | None
    is_lost: bool = False


class _Leases:
    """The leases that are held here, which a thread prolongs; what loses its lease is not judged on."""

    def __init__(self, judging: Judging) -> None:
        self._judging = judging
        self._held: dict[str, _Held] = {}
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="torch_judge leases", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join(SECONDS_TO_STOP)

    @contextmanager
    def hold(self, taken: Taken, workplace: Workplace) -> Iterator[None]:
        """Prolong a lease for as long as a block takes; where it is lost, end what its workplace does."""
        workplace.begin()
        with self._lock:
            self._held[taken.lease] = _Held(taken, time.monotonic(), workplace)
        try:
            yield
        finally:
            with self._lock:
                del self._held[taken.lease]

    def leave_workplace(self, taken: Taken) -> bool:
        """Say that nothing of a submission runs any more; tell whether its lease was lost meanwhile."""
        with self._lock:
            held = self._held[taken.lease]
            held.workplace = None
            return held.is_lost

    def _work(self) -> None:
        between = self._judging.store.queue.seconds_of_a_lease / 4
        due = time.monotonic() + between
        while not self._over.wait(min(between, SECONDS_TO_LOOK)):
            with self._lock:
                held = list(self._held.values())
            try:
                self._end_lost(held)
                if time.monotonic() >= due:
                    self._prolong(held)
                    due = time.monotonic() + between
            except StoreError as error:
                _LOG.warning("%s", error)

    def _end_lost(self, held: Sequence[_Held]) -> None:
        """End what somebody has withdrawn, here or at another server, and what another judge has taken."""
        if not held:
            return
        leases = self._judging.store.queue.list_leases()
        with self._lock:  # so that it is this job that ends, and not the next one there
            for one in held:
                if one.taken.lease not in leases and one.workplace is not None:
                    one.is_lost = True
                    one.workplace.cancel()

    def _prolong(self, held: Sequence[_Held]) -> None:
        for one in held:
            if time.monotonic() - one.since <= MOST_SECONDS:
                self._judging.store.queue.prolong(one.taken)


def _report_failure(taken: Taken, said: str) -> Report:
    """Report that the judge failed, which is never the fault of whoever submitted."""
    facts: dict[str, Any] = {"problem": taken.problem, "submission": NAME, "seed": taken.seed}
    return Report(
        **facts, verdict=Verdict.JUDGE_ERROR, elapsed_seconds=0.0, cases=(), isolation=(), message=said
    )
