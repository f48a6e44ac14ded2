"""Where a user's tabs have something judged: the queue of the service, whose events are passed on."""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import Any, Final

import msgspec
from starlette.concurrency import run_in_threadpool

from torch_judge.judging.judge import SEEDS
from torch_judge.model.errors import TorchJudgeError, UsageError
from torch_judge.model.problem import Framework
from torch_judge.model.report import CaseResult, Report, Verdict
from torch_judge.model.reveals import reduce_report
from torch_judge.service.answers import tell
from torch_judge.service.api import Service
from torch_judge.service.parcel import write_parcel
from torch_judge.service.queue import Asked
from torch_judge.service.users import User
from torch_judge.ui.web.bench import Commission

SECONDS_TO_LOOK: Final = 1.0
LOOKS_OF_SILENCE: Final = 10
"""After so many looks without news it is asked whether the submission is there still."""
_LOG: Final = logging.getLogger(__name__)


class QueueDocket:
    """The queue, as the tabs of one user see it; all of it is called in the event loop."""

    stopped = "You do not wait for it any more. It is judged to its end, and stands in your history then."

    def __init__(self, service: Service, user: User) -> None:
        self._service, self._user = service, user
        self._following: dict[Commission, asyncio.Task[None]] = {}

    def ask(self, commission: Commission) -> None:
        """Put a submission into the queue, and pass on what happens to it."""
        task = asyncio.get_running_loop().create_task(self._follow(commission))
        self._following[commission] = task
        task.add_done_callback(lambda _: self._following.pop(commission, None))

    def cancel(self, commission: Commission) -> None:
        """Pass on nothing more; what is in the queue is judged."""
        if task := self._following.get(commission):
            task.cancel()

    def warm_up(self, framework: Framework) -> None:
        """Leave the judges as they are: those of a service are warm."""

    async def _follow(self, commission: Commission) -> None:
        try:
            identity = await run_in_threadpool(self._submit, commission)
            report = await self._pass_on(identity, commission)
            await run_in_threadpool(commission.on_report, commission.request.read(), report)
        except TorchJudgeError as error:
            await run_in_threadpool(commission.on_error, error)
        except Exception as error:
            _LOG.exception("a submission of user %s", self._user.id)
            await run_in_threadpool(commission.on_error, error)

    def _submit(self, commission: Commission) -> str:
        """Submit as the API does: under the same rate, with a seed that nobody chooses."""
        parcel = write_parcel(commission.request.read())
        asked = Asked(commission.request.problem.slug, parcel, secrets.randbelow(SEEDS))
        identity = self._service.store.queue.add(self._user.id, asked, self._service.rate)
        self._service.bell.call_judges()
        return identity

    async def _pass_on(self, identity: str, commission: Commission) -> Report:
        """Tell what happens as far as it may be told, and return the report."""
        service, ledger = self._service, self._service.store.ledger
        entry = await run_in_threadpool(ledger.find, identity)
        if entry is None:
            raise UsageError("this submission was removed")
        reveals = await run_in_threadpool(service.find_reveals, entry.problem, self._user)
        after = silence = 0
        with service.bell.listen(identity) as listener:
            while not service.bell.is_over:
                events = await run_in_threadpool(ledger.read_events, entry.number, after=after)
                silence = 0 if events else silence + 1
                for event, facts in tell(events, reveals):
                    after = event.place
                    if event.kind == "report":
                        report = await run_in_threadpool(ledger.read_report, entry.number)
                        if report is None:
                            raise UsageError("this submission was removed")
                        return reduce_report(report, reveals)
                    _pass_on(event.kind, facts, commission)
                if silence > LOOKS_OF_SILENCE:
                    silence = 0
                    if await run_in_threadpool(ledger.find, identity) is None:
                        raise UsageError("this submission was removed")
                await listener.wait(SECONDS_TO_LOOK)
        raise UsageError("the server ends; what you submitted is kept, and judged when it is back")


def _pass_on(kind: str, facts: dict[str, Any], commission: Commission) -> None:
    if kind == "suite":
        cases = [CaseResult(**case, verdict=Verdict.JUDGE_ERROR) for case in facts["cases"]]
        commission.on_suite(cases)
    elif kind == "case":
        commission.on_case(msgspec.convert(facts["case"], CaseResult))
