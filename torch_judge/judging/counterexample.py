"""The conductor's side of a counterexample: carry choices from the checker to the worker and answers back.

It decides no verdict and never raises: whatever either side does, it ends within a second with what was found, or
with nothing. What is shown was observed twice, the second time in a new worker, as a learner would in a new session.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from torch_judge.execution.forkserver.channel import Child, HungUp, OutOfTime
from torch_judge.execution.protocol.frames import Allowance, Header
from torch_judge.model.errors import JudgeError, WireError
from torch_judge.model.report import Counterexample, Rows, Verdict
from torch_judge.model.sanitize import plain

MOST_CALLS: Final = 298
SECONDS: Final = 1.0
SECONDS_TO_CONFIRM: Final = 0.25
SECONDS_PER_CALL: Final = 0.2
MOST_HEADERS = MOST_BODIES = 4 << 20
"""What all answers together may take; small inputs have small results."""
LONGEST_NAME: Final = 40
LONGEST_TEXT: Final = 300
MOST_ROWS: Final = 24
_TOLD_BY_AN_EXAMPLE: Final = {Verdict.WRONG_ANSWER, Verdict.RUN_TIME_ERROR}
_NOT_TO_BE_SHOWN: Final = {Verdict.RULE_VIOLATION, Verdict.JUDGE_ERROR}

Frame = tuple[Header, bytes]


def is_worth_one(verdicts: Iterable[Verdict]) -> bool:
    """Tell whether small inputs could show what is wrong: a limit or a rule is not told by an example."""
    found = set(verdicts)
    return not found.isdisjoint(_TOLD_BY_AN_EXAMPLE) and found.isdisjoint(_NOT_TO_BE_SHOWN)


@dataclass(frozen=True, slots=True)
class Workers:
    """Where the submission runs: the worker that ran the cases, if it is alive, and how to start another."""

    alive: Child | None
    start: Callable[[], Child]
    job: Frame
    forks: bool


@dataclass(frozen=True, slots=True)
class _Found:
    example: Counterexample
    choices: list[int]
    answer: Frame


def find_counterexample(
    checker: Child, workers: Workers, *, calls: int = MOST_CALLS
) -> Counterexample | None:
    """Have the checker look for the smallest difference with so many calls; None if there is none to show."""
    deadline = time.monotonic() + SECONDS
    allowance = Allowance(headers=MOST_HEADERS, bodies=MOST_BODIES)
    try:
        if workers.alive is not None:
            found = _search(checker, workers.alive, allowance, deadline, calls)
        elif workers.forks:
            with _Loaded(workers, allowance, deadline) as worker:
                found = _search(checker, worker, allowance, deadline, calls)
        else:
            return None
        return found.example if found and _is_confirmed(found, workers, allowance, deadline) else None
    except (HungUp, OutOfTime, WireError, JudgeError, OSError):
        return None


def _search(
    checker: Child, worker: Child, allowance: Allowance, deadline: float, calls: int
) -> _Found | None:
    """Carry what the checker wants tried to the worker until either has had enough; return the last find."""
    found: _Found | None = None
    choices: list[int] = []
    answer: Frame = {}, b""
    ends = deadline - SECONDS_TO_CONFIRM
    with suppress(HungUp, OutOfTime, WireError):
        checker.send({"milliseconds_to_search": int(1000 * (ends - time.monotonic()))}, deadline=ends)
        while calls:
            match checker.receive(deadline=ends)[0]:
                case {"try": list(wanted)}:
                    calls -= 1
                    choices, answer = wanted, _attempt(worker, wanted, allowance, ends)
                    checker.send(*answer, deadline=ends)
                case {
                    "found": {
                        "inputs": list(),
                        "yours": list(),
                        "expected": list(),
                        "differs": list(),
                    } as fields
                }:
                    found = _Found(_cleaned(fields), choices, answer)
                case _:
                    break
    return found


def _attempt(worker: Child, choices: list[int], allowance: Allowance, deadline: float) -> Frame:
    """Run the submission once; raises where it dies, hangs, or answers what no worker would."""
    latest = min(time.monotonic() + SECONDS_PER_CALL, deadline)
    worker.send({"try": choices}, deadline=latest)
    header, body = worker.receive(deadline=latest, allowance=allowance)
    worker.printed()
    match header:
        case {"observation": list()} if len(header) == 1:
            return header, body
        case {"raised": list(), "words": str()} if len(header) == 2 and not body:  # noqa: PLR2004 - the two that are named
            return header, body
    raise WireError("a frame that no worker wrote")


def _is_confirmed(found: _Found, workers: Workers, allowance: Allowance, deadline: float) -> bool:
    """Tell whether a new worker gives the same answer, to the bit; whoever remembers or guesses does not."""
    if not workers.forks:  # a new process would import anew for seconds; the one that is there has to do
        return (
            workers.alive is not None
            and _attempt(workers.alive, found.choices, allowance, deadline) == found.answer
        )
    with _Loaded(workers, allowance, deadline) as worker:
        return _attempt(worker, found.choices, allowance, deadline) == found.answer


class _Loaded:
    """A new worker that has loaded the submission; it is gone when the block ends."""

    def __init__(self, workers: Workers, allowance: Allowance, deadline: float) -> None:
        self._workers, self._allowance, self._deadline = workers, allowance, deadline

    def __enter__(self) -> Child:
        self._child = self._workers.start()
        try:
            self._child.send(*self._workers.job, deadline=self._deadline)
            self._await_loading()
        except BaseException:
            self._child.end()
            raise
        return self._child

    def _await_loading(self) -> None:
        for _ in ("up", "flags", "loaded"):
            said, _ = self._child.receive(deadline=self._deadline, allowance=self._allowance)
        if said.get("loaded") is not True:
            raise WireError("a submission that loads only sometimes")

    def __exit__(self, *_: object) -> None:
        self._child.end()


def _cleaned(fields: dict[str, Any]) -> Counterexample:
    """Return the checker's find; what was raised is in the submission's words."""
    found = Counterexample.from_fields(fields)
    return Counterexample(
        _clean(found.inputs),
        _clean(found.yours),
        _clean(found.expected),
        tuple(plain(each, longest=LONGEST_NAME) for each in found.differs),
    )


def _clean(rows: Rows) -> Rows:
    return tuple(
        (plain(name, longest=LONGEST_NAME), plain(text, longest=LONGEST_TEXT))
        for name, text in rows[:MOST_ROWS]
    )
