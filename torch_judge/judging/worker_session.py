"""The conductor's hold on a worker: start it, load the submission, run it; all that it says is doubted.

Whatever goes wrong from the loading of the submission on is the submission's fault; what goes wrong before is
ours.
"""

from __future__ import annotations

import re
import secrets
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from types import TracebackType
from typing import Final, Self, TypeVar

from torch_judge.execution.forkserver.channel import Child, HungUp, OutOfTime
from torch_judge.execution.forkserver.client import ForkServer, Start
from torch_judge.execution.forkserver.patience import MOST_WAITED, Patience
from torch_judge.execution.forkserver.requests import Confinement
from torch_judge.execution.protocol.frames import Allowance, Header
from torch_judge.execution.protocol.last_words import quote_last_words
from torch_judge.execution.protocol.messages import (
    Choices,
    ExampleRan,
    ExampleStopped,
    Failure,
    Flags,
    Loaded,
    Observation,
    Preparation,
    Raised,
    Refused,
    Returned,
    RunCase,
    RunExample,
    TryInputs,
    Up,
    Withheld,
    read,
    write,
)
from torch_judge.model.errors import WireError
from torch_judge.model.report import MOST_FLAGS, Flag, Verdict
from torch_judge.model.sanitize import one_line

from .jobs import Assignment
from .spare import SECONDS_TO_PREPARE, Spare, start_prepared

LEAST_LOOKED_INTO: Final = 0.1
"""Of a shorter answer nobody asks how long it had to wait for a processor."""
PATIENCE_TO_LOAD: Final = 2.0
"""What a submission imports may take longer than a case."""
PATIENCE_FOR_EXAMPLE: Final = 2.0
"""What a learner tries may call the entry point more often than a case does."""
SECONDS_TO_END: Final = 0.5
"""A process that hung up is given so long to end, for its exit status says how it died."""
SECONDS_FOR_LAST_WORDS: Final = 0.2
LONGEST_END: Final = 400
MOST_CASES_OVER_TIME: Final = 2
"""After so many cases that ran over their time the others would most likely do so too."""
_FROM_RUNNING: Final = {
    Verdict.WRONG_ANSWER,
    Verdict.RUN_TIME_ERROR,
    Verdict.MEMORY_LIMIT_EXCEEDED,
    Verdict.RULE_VIOLATION,
}
_FROM_LOADING: Final = (_FROM_RUNNING | {Verdict.COMPILE_ERROR}) - {Verdict.WRONG_ANSWER}
"""The verdicts that a worker may give: never accepted, and never that the judge is broken."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Facts:
    """What every report on a submission says, wherever it stops."""

    isolation: tuple[str, ...] = ()
    isolation_missing: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[Flag, ...] = ()
    returns_nothing: bool = False
    """The entry point's code has no way to return anything but None."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a submission could not be loaded, or has no observation in a case."""

    verdict: Verdict
    message: str
    lost: bool = False
    """The worker cannot be used any more."""


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one case in the worker."""

    outcome: Observation | Fault
    seconds: float = 0.0
    printed: str = ""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of an example in the worker; `dropped` bytes of what was printed found no room."""

    outcome: ExampleRan | Fault
    seconds: float = 0.0
    printed: str = ""
    dropped: int = 0
    is_loaded: bool = False
    """The submission was loaded, and the example was begun."""


@dataclass(slots=True)
class Budget:
    """What a submission may still use: it pays for each second that it is waited for."""

    seconds_per_case: float
    seconds_in_all: float
    seconds_to_start: float = SECONDS_TO_PREPARE
    allowance: Allowance = field(default_factory=Allowance)
    seconds_left: float = field(init=False)
    waiting_left: float = field(init=False)
    """So long it may still wait for a processor and not be charged."""
    cases_over_time: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.seconds_left = self.seconds_in_all
        self.waiting_left = self.seconds_in_all * MOST_WAITED

    @contextmanager
    def charge(self, patience: Patience | None = None) -> Iterator[None]:
        """Charge the time that the block takes, however it ends, but not what the machine gave to others."""
        started = time.monotonic()
        try:
            yield
        finally:
            seconds, waited = time.monotonic() - started, 0.0
            if patience is not None and seconds > LEAST_LOOKED_INTO:
                waited = min(patience.measure_waiting(), seconds)
            self.seconds_left -= seconds - waited
            self.waiting_left -= waited


class WorkerSession:
    """A submission, and the process that runs it; one that is lost is replaced. A context manager.

    In the place of a process there is the fault for which there is none. The first process is the `spare`, if
    there is one that fits.
    """

    def __init__(
        self,
        server: ForkServer,
        assignment: Assignment,
        confinement: Confinement,
        budget: Budget,
        spare: Spare | None = None,
    ) -> None:
        self._server, self._assignment, self._confinement = server, assignment, confinement
        self._spare = spare
        self._worker: Child | Fault = _NOT_STARTED
        self._dying = False
        self._marks: deque[str] = deque()
        self._begins_mark, self._numbers = f"\0{secrets.token_hex(8)}.", count()
        self._examples: dict[str, str] = {}
        self.budget = budget
        self.facts = Facts()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    @property
    def is_running(self) -> bool:
        """Tell whether there is a process that can be asked for something."""
        return isinstance(self._worker, Child) and not self._dying

    @property
    def preparation(self) -> Preparation:
        """Return what a process is told of the problem."""
        return self._assignment.preparation

    @property
    def is_quick_to_start(self) -> bool:
        """Tell whether another process costs next to nothing; elsewhere it imports torch anew."""
        return self._server.method is Start.FORK

    def open_another(self, budget: Budget) -> WorkerSession:
        """Make a session of the same submission with a process and a budget of its own."""
        return WorkerSession(self._server, self._assignment, self._confinement, budget)

    def start(self) -> None:
        """Start a process and send it the submission; `load` waits for what comes of it."""
        self._marks.clear()
        preparation, job = self._assignment.preparation, self._assignment.job
        waiting = self._spare.take(preparation, self._confinement) if self._spare else None
        self._worker = worker = waiting or start_prepared(self._server, preparation, self._confinement)
        try:
            worker.send(*write(job), deadline=time.monotonic() + self.budget.seconds_to_start)
        except (HungUp, OutOfTime) as error:
            self._lose(worker, _explain_start(worker, error))

    def load(self) -> Fault | None:
        """Wait until the worker is up, which is our business, and has loaded, which is the submission's."""
        worker = self._worker
        if isinstance(worker, Fault):
            return worker
        try:
            up = read(*worker.receive(deadline=time.monotonic() + self.budget.seconds_to_start), Up)
        except (HungUp, OutOfTime, WireError) as error:
            return self._lose(worker, _explain_start(worker, error))
        self.facts = Facts(up.layers, up.missing)
        flags = self._await(worker, _read_flags, patience=PATIENCE_TO_LOAD)
        if isinstance(flags, Fault):
            return self._lose(worker, flags)
        self.facts = replace(self.facts, flags=flags)
        loading = self._await(worker, _read_loading, patience=PATIENCE_TO_LOAD)
        match loading:
            case Loaded(returns_nothing):
                self.facts = replace(self.facts, returns_nothing=returns_nothing)
                return None
            case Refused(verdict, message, exited):
                said = _quote_end(worker.printed()) if exited else ""
                return self._lose(worker, Fault(verdict, message + said))
        return self._lose(worker, loading)

    def ask(self, case: str, *, seed: int) -> None:
        """Have the worker, if there is one, run a case; `run` waits for what comes of it."""
        if isinstance(self._worker, Child):
            if not self._marks:
                self._worker.printed()  # what was printed before belongs to no case
            mark = f"{self._begins_mark}{next(self._numbers)};"
            self._marks.append(mark)
            with suppress(HungUp, OutOfTime):  # whoever waits for the answer finds out
                deadline = time.monotonic() + self.budget.seconds_per_case
                self._worker.send(*write(RunCase(case, seed, mark)), deadline=deadline)

    def ask_ahead(self, cases: Sequence[str], number: int, asked: int, *, ahead: int, seed: int) -> int:
        """Have a case of this number run, and so many after it; return how many have been asked for in all.

        Where there is no worker any more, `run` starts one and asks it for the case.
        """
        if not self.is_running:
            return number + 1
        wanted = cases[asked : number + 1 + ahead]
        for case in wanted:
            self.ask(case, seed=seed)
        return asked + len(wanted)

    def run(self, case: str, *, seed: int) -> Run:
        """Wait for what comes of a case that was asked for; ask a new worker if the last one is gone."""
        started = time.monotonic()
        if fault := self._find_exhaustion():
            return Run(fault)
        if isinstance(self._worker, Fault):
            self._replace_worker()
            if fault := self._find_exhaustion():
                return Run(fault, time.monotonic() - started)
            self.ask(case, seed=seed)
        worker = self._worker
        if isinstance(worker, Fault):
            return Run(worker, time.monotonic() - started)
        outcome = self._await(worker, partial(_read_outcome, case))
        printed = self._take_printed(worker)
        if isinstance(outcome, Fault) and outcome.lost:
            self._lose(worker, outcome)
            self.budget.cases_over_time += outcome.verdict is Verdict.TIME_LIMIT_EXCEEDED
        return Run(outcome, time.monotonic() - started, printed)

    def _take_printed(self, worker: Child) -> str:
        """Take what a case printed; where it printed too much, some of the next ones may stand with it."""
        said = worker.printed_before(self._marks.popleft()) if self._marks else worker.printed()
        return re.sub(rf"{re.escape(self._begins_mark)}\d+;", "", said) if self._begins_mark in said else said

    def try_example(self, example: RunExample) -> Tried:
        """Start a process, load the submission and run an example on it; what loading prints counts too."""
        self.start()
        worker, fault = self._worker, self.load()
        if isinstance(worker, Fault):
            return Tried(worker)
        if fault is not None:
            return Tried(fault, 0.0, *worker.take_output())
        started = time.monotonic()
        self._examples[example.name] = example.code
        with suppress(HungUp, OutOfTime):  # who waits for the answer finds out
            worker.send(*write(example), deadline=started + self.budget.seconds_per_case)
        outcome = self._await(worker, _read_example, patience=PATIENCE_FOR_EXAMPLE)
        seconds = time.monotonic() - started
        return Tried(outcome, seconds, *worker.take_output(), is_loaded=True)

    def try_inputs(
        self, choices: Choices, *, deadline: float, allowance: Allowance
    ) -> Returned | Raised | Withheld:
        """Run the submission on small inputs.

        Raises HungUp, OutOfTime or WireError where it dies, hangs, or answers what no worker would.
        """
        worker = self._worker
        if isinstance(worker, Fault):
            raise HungUp
        worker.send(*write(TryInputs(choices)), deadline=deadline)
        header, body = worker.receive(deadline=deadline, allowance=allowance)
        worker.printed()  # else it fills up and stops the worker
        return read(header, body, *_FROM_SMALL_INPUTS)

    def kill(self) -> None:
        """Have the process die while other things are done; it is gone when the session ends."""
        if isinstance(self._worker, Child):
            self._worker.kill()
            self._dying = True

    def end(self) -> None:
        """End the process, if there is one."""
        if isinstance(self._worker, Child):
            self._lose(self._worker, _NOT_STARTED)

    def _find_exhaustion(self) -> Fault | None:
        """Return why no case is run any more, once the submission has no time left or has wasted too much."""
        if self.budget.cases_over_time >= MOST_CASES_OVER_TIME:
            said = f"not tried: {self.budget.cases_over_time} cases before had run over their time"
            return Fault(Verdict.TIME_LIMIT_EXCEEDED, said)
        if self.budget.seconds_left > 0:
            return None
        used = f"the submission had used up its {self.budget.seconds_in_all:g} seconds in all"
        return Fault(Verdict.TIME_LIMIT_EXCEEDED, f"not run: {used}")

    def _replace_worker(self) -> None:
        """Start another worker and load the submission again, at the cost of the one that broke the last."""
        left, started = self.budget.seconds_left, time.monotonic()
        self.start()
        self.load()
        self.budget.seconds_left = left - (time.monotonic() - started)

    def _lose(self, worker: Child, fault: Fault) -> Fault:
        worker.end()
        self._worker = fault
        return fault

    def _await(
        self, worker: Child, read_answer: Callable[[Header, bytes], T], *, patience: float = 1.0
    ) -> T | Fault:
        """Wait for what the worker was asked; whatever goes wrong is the submission's fault."""
        answer = self._receive(worker, read_answer, patience=patience)
        if isinstance(answer, Fault) and answer.verdict is Verdict.MEMORY_LIMIT_EXCEEDED and worker.shortage:
            return replace(answer, message=f"{answer.message}; {worker.shortage}")
        return answer

    def _receive(
        self, worker: Child, read_answer: Callable[[Header, bytes], T], *, patience: float
    ) -> T | Fault:
        budget = self.budget
        seconds = max(0.0, min(budget.seconds_per_case * patience, budget.seconds_left))
        patient = worker.be_patient(seconds, most=budget.waiting_left)
        with budget.charge(patient):
            try:
                frame = worker.receive(deadline=patient, allowance=budget.allowance)
                return read_answer(*frame)
            except OutOfTime:
                pass
            except HungUp:
                return _find_out_how_it_died(worker)
            except WireError as error:
                said = f"the submission disturbed its channel: {error}"
                return Fault(Verdict.RUN_TIME_ERROR, said, lost=True)
        # what it takes to ask where it stands is not the submission's to pay for: no later case may lack it
        said = f"no answer after {seconds:.3g} seconds{self._locate(worker)}"
        return Fault(Verdict.TIME_LIMIT_EXCEEDED, said, lost=True)

    def _locate(self, worker: Child) -> str:
        """Quote the line at which a worker stands that did not answer, if it says so."""
        submission = self._assignment.job.submission
        modules = {f"{name.replace('.', '/')}.py": source for name, (source, _) in submission.modules.items()}
        said = worker.last_words(seconds=SECONDS_FOR_LAST_WORDS)
        return quote_last_words(said, dict(submission.cells) | modules | self._examples)


_NOT_STARTED: Final = Fault(Verdict.JUDGE_ERROR, "the worker was not started", lost=True)
_FROM_SMALL_INPUTS: Final[tuple[type[Returned | Raised | Withheld], ...]] = (Returned, Raised, Withheld)


def _explain_start(worker: Child, error: Exception) -> Fault:
    """Say why a worker did not come up: what it printed, else how it ended."""
    reason = worker.printed().strip()
    if not reason and isinstance(error, OutOfTime):
        reason = "it did not answer in time"
    if not reason:
        status = worker.end(grace=SECONDS_TO_END)
        reason = worker.why_killed or f"it gave no reason (exit status {status}; {error})"
    return Fault(Verdict.JUDGE_ERROR, f"the worker could not start: {reason}", lost=True)


def _quote_end(printed: str) -> str:
    """Quote the last lines that a submission printed before it left: it says there why."""
    end = printed.strip()[-LONGEST_END:]
    if len(end) == LONGEST_END:  # it begins in the midst of a line
        end = end.partition("\n")[2] or end
    return f":\n{end}" if end else ""


def _find_out_how_it_died(worker: Child) -> Fault:
    status = worker.end(grace=SECONDS_TO_END)
    verdict, message = _explain_status(status)
    if worker.why_killed:
        verdict, message = Verdict.RUN_TIME_ERROR, f"the process was ended: {worker.why_killed}"
    return Fault(verdict, message, lost=True)


def _explain_status(status: int | None) -> tuple[Verdict, str]:
    """Say what a worker's exit status means; None is one that we had to kill."""
    if status is None:
        return Verdict.RUN_TIME_ERROR, "the submission closed the judge's channel"
    if sys.platform != "win32" and status == -signal.SIGKILL:
        killed = "the process was killed, as the system does when memory runs out"
        return Verdict.MEMORY_LIMIT_EXCEEDED, killed
    if sys.platform != "win32" and status == -signal.SIGXCPU:
        return Verdict.TIME_LIMIT_EXCEEDED, "the process used up its processor time"
    if status < 0:
        return Verdict.RUN_TIME_ERROR, f"the process crashed: {_name_signal(-status)}"
    return Verdict.RUN_TIME_ERROR, f"the process ended itself before it had answered (exit status {status})"


def _name_signal(number: int) -> str:
    known = {each.value: each.name for each in signal.Signals}
    return known.get(number, f"signal {number}")


def _read_flags(header: Header, body: bytes) -> tuple[Flag, ...]:
    flags = read(header, body, Flags).flags
    if len(flags) > MOST_FLAGS:
        raise WireError(_FORGED)
    return tuple(
        Flag(one_line(sign), one_line(says), line, one_line(file), one_line(text))
        for sign, says, line, file, text in flags
    )


def _read_loading(header: Header, body: bytes) -> Loaded | Refused:
    match read(header, body, Loaded, Refused):
        case Loaded() as loaded:
            return loaded
        case Refused(verdict) as refused if verdict in _FROM_LOADING:
            return refused
    raise WireError(_FORGED)


def _read_outcome(asked: str, header: Header, body: bytes) -> Observation | Fault:
    match read(header, body, Observation, Failure):
        case Observation(case) as observation if case == asked:
            return observation
        case Failure(case, verdict, message) if case == asked and verdict in _FROM_RUNNING:
            return Fault(verdict, message)
    raise WireError(_FORGED)


def _read_example(header: Header, body: bytes) -> ExampleRan | Fault:
    match read(header, body, ExampleRan, ExampleStopped):
        case ExampleRan() as ran:
            return ran
        case ExampleStopped(verdict, message) if verdict in _FROM_LOADING:
            return Fault(verdict, message)
    raise WireError(_FORGED)


_FORGED: Final = "a frame that no worker wrote"
