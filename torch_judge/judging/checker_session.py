"""The conductor's hold on a checker: tell it what is wanted, hear what it says.

Its failure is the bank's or ours, never the submission's.
"""

from __future__ import annotations

import time
from contextlib import suppress
from types import TracebackType
from typing import Final, Self, TypeVar

from torch_judge.execution.forkserver.channel import Child, HungUp, OutOfTime
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.execution.forkserver.requests import Confinement
from torch_judge.execution.protocol.messages import (
    Broken,
    CheckerJob,
    Compare,
    Decision,
    Expect,
    Forget,
    FromChecker,
    FromWorker,
    Observation,
    Suite,
    ToChecker,
    read,
    write,
)
from torch_judge.model.errors import JudgeError

SECONDS_TO_ANSWER: Final = 60.0
"""How long the bank's code may take over one answer, on a machine that is busy."""

M = TypeVar("M", bound=FromChecker)


class CheckerSession:
    """A trusted process that holds the jury; it is gone when the block ends, however it ends."""

    def __init__(self, checker: Child) -> None:
        self._checker = checker

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def send(self, message: ToChecker | FromWorker, *, deadline: float) -> None:
        """Send a question, or what a worker answered; raises HungUp or OutOfTime."""
        self._checker.send(*write(message), deadline=deadline)

    def receive(self, *expected: type[M], deadline: float) -> M:
        """Receive a message of one of these kinds; raises HungUp, OutOfTime or WireError."""
        return read(*self._checker.receive(deadline=deadline), *expected)

    def tell(self, message: ToChecker) -> None:
        """Send something; `hear` finds out if the checker is not there any more."""
        with suppress(HungUp):
            self.send(message, deadline=time.monotonic() + SECONDS_TO_ANSWER)

    def hear(self, *expected: type[M]) -> M:
        """Receive a message; a checker that says nothing is a JudgeError."""
        try:
            return self.receive(*expected, deadline=time.monotonic() + SECONDS_TO_ANSWER)
        except HungUp:
            reason = self.read_printed() or "it gave no reason"
            raise JudgeError(f"the checker ended: {reason}") from None
        except OutOfTime:
            said = f"the jury solution gave no answer within {SECONDS_TO_ANSWER:g} seconds"
            raise JudgeError(said) from None

    def read_suite(self) -> Suite:
        """Receive the list of cases; raises JudgeError where the bank's code is broken."""
        match self.hear(Suite, Broken):
            case Broken(why):
                raise JudgeError(why)
            case Suite((_, *_)) as suite:
                return suite
        raise JudgeError("the checker sent no list of cases")  # a suite without a case must never be a pass

    def compare(self, observation: Observation, *, seed: int) -> None:
        """Have an observation compared; `decide` waits for what comes of it."""
        self.tell(Compare(observation.case, seed, observation.tree, observation.body))

    def decide(self, case: str) -> Decision:
        """Receive the verdict on what is being compared."""
        decision = self.hear(Decision)
        if decision.case != case:
            raise JudgeError(f"the checker sent no verdict on {case}")
        return decision

    def expect(self, seed: int) -> None:
        """Have it make the jury's answers under a seed while it is idle."""
        self.tell(Expect(seed))

    def forget(self) -> None:
        """Have it drop what it kept for a diagnosis."""
        self.tell(Forget())

    def is_gone(self) -> bool:
        """Tell whether the process has ended, as one that was killed between two questions."""
        return self._checker.has_hung_up()

    def read_printed(self) -> str:
        """Return what it printed since the last call: its last words, if it ended."""
        return self._checker.printed().strip()

    def kill(self) -> None:
        """Have the process die while other things are done."""
        self._checker.kill()

    def end(self) -> None:
        """End the process."""
        self._checker.end()


def open_checker(server: ForkServer, job: CheckerJob, confinement: Confinement) -> CheckerSession:
    """Start a checker and send it the job; whoever calls this ends it."""
    session = CheckerSession(server.start("checker", confinement))
    try:
        session.tell(job)
    except BaseException:
        session.end()
        raise
    return session
