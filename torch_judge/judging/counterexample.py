"""The conductor's side of a counterexample: carry choices from the checker to the worker and answers back.

It decides no verdict and never raises: whatever either side does, it ends within a second with what was
found, or with nothing. What is shown was observed twice, the second time in a new worker, as a learner would
in a new session.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Final

from torch_judge.execution.forkserver.channel import HungUp, OutOfTime
from torch_judge.execution.protocol.frames import Allowance
from torch_judge.execution.protocol.messages import (
    Choices,
    Difference,
    Raised,
    Returned,
    Search,
    SearchOver,
    TryInputs,
    Withheld,
)
from torch_judge.model.errors import JudgeError, WireError
from torch_judge.model.report import Counterexample, Rows, Verdict
from torch_judge.model.sanitize import sanitize

from .checker_session import CheckerSession
from .worker_session import Budget, WorkerSession

MOST_CALLS: Final = 298
SECONDS: Final = 1.0
SECONDS_TO_CONFIRM: Final = 0.25
SECONDS_PER_CALL: Final = 0.2
MOST_HEADERS = MOST_BODIES = 4 << 20
"""What all answers together may take; small inputs have small results."""
LONGEST_NAME: Final = 80
LONGEST_TEXT: Final = 300
MOST_ROWS: Final = 24
_TOLD_BY_AN_EXAMPLE: Final = {Verdict.WRONG_ANSWER, Verdict.RUN_TIME_ERROR}
_NOT_TO_BE_SHOWN: Final = {Verdict.RULE_VIOLATION, Verdict.JUDGE_ERROR}


def is_worth_one(verdicts: Iterable[Verdict]) -> bool:
    """Tell whether small inputs could show what is wrong: a limit or a rule is not told by an example."""
    given = set(verdicts)
    return not given.isdisjoint(_TOLD_BY_AN_EXAMPLE) and given.isdisjoint(_NOT_TO_BE_SHOWN)


@dataclass(frozen=True, slots=True)
class _Found:
    """A difference, the choices that lead to it, and what the submission answered to them."""

    difference: Difference
    choices: Choices
    answer: Returned | Raised


@dataclass(frozen=True, slots=True)
class _Means:
    """What one search may use."""

    allowance: Allowance
    deadline: float


def find_counterexample(
    checker: CheckerSession, worker: WorkerSession, *, calls: int = MOST_CALLS
) -> Counterexample | None:
    """Have the checker look for the smallest difference with so many calls; None if there is none to show."""
    means = _Means(Allowance(headers=MOST_HEADERS, bodies=MOST_BODIES), time.monotonic() + SECONDS)
    try:
        if worker.is_running:
            found = _search(checker, worker, means, calls)
        elif worker.is_quick_to_start:
            with _open_fresh(worker, means) as fresh:
                found = _search(checker, fresh, means, calls)
        else:
            return None
        return _clean(found.difference) if found and _is_confirmed(found, worker, means) else None
    except (HungUp, OutOfTime, WireError, JudgeError, OSError):
        return None


def _search(checker: CheckerSession, worker: WorkerSession, means: _Means, calls: int) -> _Found | None:
    """Carry what the checker wants tried to the worker until either has had enough; return the last find."""
    found: _Found | None = None
    tried: tuple[Choices, Returned | Raised] | None = None
    ends = means.deadline - SECONDS_TO_CONFIRM
    with suppress(HungUp, OutOfTime, WireError):
        checker.send(Search(int(1000 * (ends - time.monotonic()))), deadline=ends)
        while calls:
            match checker.receive(TryInputs, Difference, SearchOver, deadline=ends):
                case TryInputs(choices):
                    calls -= 1
                    answer = _attempt(worker, choices, means.allowance, ends)
                    tried = choices, answer
                    checker.send(answer, deadline=ends)
                case Difference() as difference if tried is not None:
                    found = _Found(difference, *tried)
                case _:
                    break
    return found


def _attempt(
    worker: WorkerSession, choices: Choices, allowance: Allowance, deadline: float
) -> Returned | Raised:
    """Run the submission once; raises where it dies, hangs, or gives no answer that may be shown."""
    latest = min(time.monotonic() + SECONDS_PER_CALL, deadline)
    answer = worker.try_inputs(choices, deadline=latest, allowance=allowance)
    if isinstance(answer, Withheld):
        raise WireError("an answer that is not to be shown")
    return answer


def _is_confirmed(found: _Found, worker: WorkerSession, means: _Means) -> bool:
    """Tell whether a new worker gives the same answer, to the bit; whoever remembers or guesses does not."""
    if not worker.is_quick_to_start:  # importing anew takes seconds; the worker that is there has to do
        return _attempt(worker, found.choices, means.allowance, means.deadline) == found.answer
    with _open_fresh(worker, means) as fresh:
        return _attempt(fresh, found.choices, means.allowance, means.deadline) == found.answer


def _open_fresh(worker: WorkerSession, means: _Means) -> WorkerSession:
    """Start another worker that has loaded the submission; it may take all the time that is left."""
    left = means.deadline - time.monotonic()
    fresh = worker.open_another(Budget(left, left, seconds_to_start=left, allowance=means.allowance))
    with ExitStack() as unless_loaded:
        unless_loaded.enter_context(fresh)
        fresh.start()
        if fresh.load() is not None:
            raise WireError("a submission that loads only sometimes")
        unless_loaded.pop_all()
    return fresh


def _clean(difference: Difference) -> Counterexample:
    """Make of a find what may be shown; what was raised is in the submission's words."""
    return Counterexample(
        _clean_rows(difference.inputs),
        _clean_rows(difference.yours),
        _clean_rows(difference.expected),
        tuple(sanitize(name, longest=LONGEST_NAME) for name in difference.differs),
    )


def _clean_rows(rows: Rows) -> Rows:
    return tuple(
        (sanitize(name, longest=LONGEST_NAME), sanitize(text, longest=LONGEST_TEXT))
        for name, text in rows[:MOST_ROWS]
    )
