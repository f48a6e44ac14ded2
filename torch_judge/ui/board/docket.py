"""Where a user's tabs have something judged or run: the queue, whose events are passed on, and `Runs`."""

from __future__ import annotations

import asyncio
import logging
import secrets
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

from starlette.concurrency import run_in_threadpool

from torch_judge.judging.judge import SEEDS
from torch_judge.model.errors import TorchJudgeError, UsageError
from torch_judge.model.problem import Framework
from torch_judge.model.report import Report
from torch_judge.model.reveals import reduce_report
from torch_judge.service.api import Service
from torch_judge.service.errors import TooManyError
from torch_judge.service.happenings import read_case, read_suite
from torch_judge.service.parcel import write_parcel
from torch_judge.service.queue import Asked
from torch_judge.service.users import User
from torch_judge.ui.web.bench import Commission

from .runs import Runs

REMOVED: Final = "this submission was removed"
WITHDRAWN: Final = "Withdrawn. It is judged no further, and is no attempt."
LEFT: Final = "You do not wait for it any more. It is judged to its end, and stands in your history then."
_LOG: Final = logging.getLogger(__name__)


@dataclass(slots=True)
class _Followed:
    """A submission that is followed, and what its id is, or will be; None where it was not submitted."""

    identity: asyncio.Future[str | None]
    task: asyncio.Task[None] | None = None


class QueueDocket:
    """The queue, and where examples run, as the tabs of one user see it; it is called in the event loop."""

    def __init__(self, service: Service, user: User, runs: Runs | None) -> None:
        self._service, self._user, self._runs = service, user, runs
        self._followed: dict[Commission, _Followed] = {}

    def ask(self, commission: Commission) -> None:
        """Put a submission into the queue, and pass on what happens to it; or have an example run."""
        if runs := self._find_runs(commission):
            try:
                runs.ask(self._user, commission)
            except TooManyError as error:
                commission.on_error(error)
            return
        loop = asyncio.get_running_loop()
        followed = self._followed[commission] = _Followed(loop.create_future())
        followed.task = loop.create_task(self._follow(commission, followed))

    async def stop(self, commission: Commission) -> None:
        """Withdraw a submission, or end a Run; whoever follows it hears so. Raises StoreError."""
        if runs := self._find_runs(commission):
            runs.stop(self._user, commission)
        elif followed := self._followed.get(commission):
            identity = await asyncio.shield(followed.identity)
            if identity is not None:
                await run_in_threadpool(self._service.withdraw, self._user, identity)

    def leave(self, commission: Commission) -> str:
        """Pass on nothing more; what is in the queue is judged, an example ends."""
        if runs := self._find_runs(commission):
            return runs.leave(self._user, commission)
        if (followed := self._followed.get(commission)) and followed.task is not None:
            followed.task.cancel()
        return LEFT

    def warm_up(self, framework: Framework) -> None:
        """Prepare for a Run; the judges of the queue are warm."""
        if self._runs is not None:
            self._runs.warm_up(framework)

    def _find_runs(self, commission: Commission) -> Runs | None:
        from torch_judge.judging.background import ExampleRequest  # late: the pages answer before

        return self._runs if isinstance(commission.request, ExampleRequest) else None

    async def _follow(self, commission: Commission, followed: _Followed) -> None:
        try:
            identity = await run_in_threadpool(self._submit, commission)
            followed.identity.set_result(identity)
            report = await self._pass_on(identity, commission)
            if report is None:
                await run_in_threadpool(commission.on_stopped, WITHDRAWN)
            else:
                await run_in_threadpool(commission.on_report, commission.request.read(), report)
        except TorchJudgeError as error:
            await run_in_threadpool(commission.on_error, error)
        except Exception as error:
            _LOG.exception("a submission of user %s", self._user.id)
            await run_in_threadpool(commission.on_error, error)
        finally:
            if not followed.identity.done():
                followed.identity.set_result(None)
            del self._followed[commission]

    def _submit(self, commission: Commission) -> str:
        """Submit as the API does: under the same rate, with a seed that nobody chooses."""
        parcel = write_parcel(commission.request.read())
        asked = Asked(commission.request.problem.slug, parcel, secrets.randbelow(SEEDS))
        return self._service.submit(self._user, asked)

    async def _pass_on(self, identity: str, commission: Commission) -> Report | None:
        """Tell what happens as far as it may be told, and return the report; None where it is withdrawn."""
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
                if event.kind == "withdrawn":
                    return None
                if event.kind != "report":
                    _pass_on(event.kind, facts, commission)
                elif report := await run_in_threadpool(ledger.read_report, entry.number):
                    return reduce_report(report, reveals)
        if service.bell.is_over:
            raise UsageError("the server ends; what you submitted is kept, and judged when it is back")
        raise UsageError(REMOVED)


def _pass_on(kind: str, facts: dict[str, Any], commission: Commission) -> None:
    match kind:
        case "waiting":
            commission.on_ahead(facts["ahead"])
        case "taken":
            commission.on_ahead(None)
        case "suite":
            commission.on_suite(read_suite(facts))
        case "case":
            commission.on_case(read_case(facts))
