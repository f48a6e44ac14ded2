"""Where a user's tabs have something judged: the queue of the service, whose events are passed on."""

from __future__ import annotations

import asyncio
import logging
import secrets
from contextlib import aclosing
from typing import Any, Final

from starlette.concurrency import run_in_threadpool

from torch_judge.judging.judge import SEEDS
from torch_judge.model.errors import TorchJudgeError, UsageError
from torch_judge.model.problem import Framework
from torch_judge.model.report import Report
from torch_judge.model.reveals import reduce_report
from torch_judge.service.api import Service
from torch_judge.service.happenings import read_case, read_suite
from torch_judge.service.parcel import write_parcel
from torch_judge.service.queue import Asked
from torch_judge.service.users import User
from torch_judge.ui.web.bench import Commission

REMOVED: Final = "this submission was removed"
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
        return self._service.submit(self._user, asked)

    async def _pass_on(self, identity: str, commission: Commission) -> Report:
        """Tell what happens as far as it may be told, and return the report."""
        service, ledger = self._service, self._service.store.ledger
        entry = await run_in_threadpool(ledger.find, identity)
        if entry is None:
            raise UsageError(REMOVED)
        reveals = await run_in_threadpool(service.find_reveals, entry.problem, self._user)
        following = service.follow(entry, reveals)
        async with aclosing(following):
            async for happening in following:
                if happening is None:
                    continue
                event, facts = happening
                if event.kind != "report":
                    _pass_on(event.kind, facts, commission)
                elif report := await run_in_threadpool(ledger.read_report, entry.number):
                    return reduce_report(report, reveals)
        if service.bell.is_over:
            raise UsageError("the server ends; what you submitted is kept, and judged when it is back")
        raise UsageError(REMOVED)


def _pass_on(kind: str, facts: dict[str, Any], commission: Commission) -> None:
    if kind == "suite":
        commission.on_suite(read_suite(facts))
    elif kind == "case":
        commission.on_case(read_case(facts))
