"""The API: routes below /api/v1 that any Starlette application can mount."""

from __future__ import annotations

import json
import math
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from functools import cache, partial, wraps
from typing import Any, Final

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from torch_judge.judging.judge import SEEDS
from torch_judge.model.bank import Bank
from torch_judge.model.errors import TorchJudgeError, UsageError
from torch_judge.model.reveals import FAILED, Reveals
from torch_judge.model.submission import LARGEST_IN_ALL
from torch_judge.model.version import PACKAGE

from .access import Access
from .answers import (
    Fields,
    describe_class,
    describe_entry,
    describe_problem,
    describe_report,
    describe_user,
    describe_whole_problem,
    tell,
    write_grades,
)
from .bell import Bell
from .bodies import Bounds, Flaw, read_body
from .errors import UNREACHED, StoreError, TooManyError
from .ledger import Entry
from .parcel import read_parcel, unpack, write_parcel
from .queue import Asked, Event, Rate, State
from .store import Store
from .users import User

PREFIX: Final = "/api/v1"
LARGEST_BODY: Final = LARGEST_IN_ALL + (1 << 20)
LARGEST_READ: Final = 4 * LARGEST_BODY
SECONDS_FOR_A_BODY: Final = 30.0
SECONDS_OF_A_STREAM: Final = 900.0
"""A stream ends after so long; whoever still wants it takes it up again where it ended."""
SECONDS_TO_LOOK: Final = 1.0
SECONDS_OF_SILENCE: Final = 10.0
LONGEST_KEY: Final = 64
MOST_ENTRIES: Final = 200
WAITING: Final = "waiting"
LAST: Final = frozenset({"report", "withdrawn"})
"""The kinds of event after which nothing happens to a submission."""
DOCUMENT: Final = PACKAGE / "service" / "openapi.json"


class Refused(Exception):  # noqa: N818 - an answer like any other
    """An answer that is no success: a status and a sentence."""

    def __init__(self, status: int, sentence: str, **headers: str) -> None:
        super().__init__(sentence)
        self.status, self.headers = status, {name.replace("_", "-"): text for name, text in headers.items()}


@dataclass(frozen=True, slots=True)
class Service:
    """What the API answers from."""

    store: Store
    bank: Bank
    reveal: Reveals
    rate: Rate
    bell: Bell

    def find_reveals(self, problem: str, user: User) -> Reveals:
        """Find how much a user may be told of a problem's checks; of one that is gone, the least."""
        if user.is_teacher:
            return Reveals.EVERYTHING
        try:
            return self.bank.load(problem).reveals.limit(self.reveal)
        except TorchJudgeError:
            return Reveals.VERDICTS

    def submit(self, user: User, asked: Asked) -> str:
        """Put a submission into the queue and return its id. Raises TooManyError."""
        identity = self.store.queue.add(user.id, asked, self.rate)
        self.bell.call_judges()
        return identity

    def withdraw(self, user: User, identity: str) -> State | None:
        """Withdraw what a user submitted, unless it is done; return its state then, None for none of theirs.

        A judge that is at it stops at its next look at the store, wherever it runs.
        """
        state = self.store.queue.withdraw(user.id, identity)
        self.bell.ring(identity)
        self.bell.call_judges()  # the user's next one may be judged now
        return state

    async def follow(
        self, entry: Entry, reveals: Reveals, *, after: int = 0, seconds: float = math.inf
    ) -> AsyncGenerator[tuple[Event, Fields] | None]:
        """Yield what happens to a submission up to its report or its withdrawal, as far as it may be told.

        While it waits, that is how many are ahead, each time that changes, as an event without a place. None
        says that it is there still. It ends too when so many seconds are over, when the submission was
        removed, and when the server ends.
        """
        ledger, quiet_since = self.store.ledger, anyio.current_time()
        end, ahead, is_waiting = anyio.current_time() + seconds, None, entry.state is State.WAITING
        with self.bell.listen(entry.id) as listener:
            while anyio.current_time() < end and not self.bell.is_over:
                events = await run_in_threadpool(ledger.read_events, entry.number, after=after)
                for event, facts in tell(events, reveals):
                    yield event, facts
                    if event.kind in LAST:
                        return
                    after, quiet_since, is_waiting = event.place, anyio.current_time(), False
                if is_waiting:
                    before, ahead = ahead, await run_in_threadpool(ledger.count_ahead, entry.number)
                    if ahead is not None and ahead != before:
                        yield Event(0, WAITING, ""), {"ahead": ahead}
                        quiet_since = anyio.current_time()
                if anyio.current_time() - quiet_since > SECONDS_OF_SILENCE:
                    if await run_in_threadpool(ledger.find, entry.id) is None:  # its user was removed
                        return
                    quiet_since = anyio.current_time()
                    yield None
                await listener.wait(SECONDS_TO_LOOK)


Work = Callable[[Service, User, Request], Response]
Endpoint = Callable[[Request], Awaitable[Response]]


def make_routes(service: Service, access: Access) -> list[Route]:
    """Make the routes of the API."""

    def add(path: str, work: Work, method: str = "GET") -> Route:
        return Route(f"{PREFIX}{path}", _answer(partial(_ask, service, access, work)), methods=[method])

    return [
        Route(f"{PREFIX}/submissions", _answer(partial(_receive, service, access)), methods=["POST"]),
        add("/submissions/{id}", _show_submission),
        add("/submissions/{id}", _withdraw_submission, "DELETE"),
        add("/submissions/{id}/events", _stream_events),
        add("/submissions/{id}/source", _show_source),
        add("/problems", _list_problems),
        add("/problems/{slug}", _show_problem),
        add("/me", _show_user),
        add("/me/history", _list_history),
        add("/class", _show_class),
        add("/class/grades.csv", _export_grades),
        Route(f"{PREFIX}/openapi.json", _show_document, methods=["GET"]),
    ]


def say_error(status: int, sentence: str, headers: dict[str, str] | None = None) -> Response:
    """Answer with what is wrong, in one sentence."""
    return JSONResponse({"error": sentence}, status, headers)


def _answer(endpoint: Endpoint) -> Endpoint:
    """Make what an endpoint raises an answer."""

    @wraps(endpoint)
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Refused as refused:
            return say_error(refused.status, str(refused), refused.headers)
        except TooManyError as error:
            return say_error(429, str(error), {"Retry-After": str(error.seconds)})
        except UsageError as error:
            return say_error(400, str(error))
        except StoreError:
            return say_error(503, UNREACHED, {"Retry-After": "5"})
        except TorchJudgeError:  # a bank that is broken: its files are no business of a learner
            return say_error(500, FAILED)

    return answer


async def _ask(service: Service, access: Access, work: Work, request: Request) -> Response:
    """Find who asks, and answer in a thread."""
    return await run_in_threadpool(lambda: work(service, _identify(access, request), request))


def _identify(access: Access, request: Request) -> User:
    user = access.identify(request)
    if user is None:
        said = "no token, or one that nobody has: send the header `Authorization: Bearer TOKEN`"
        raise Refused(401, said, WWW_Authenticate="Bearer")
    return user


# --- what is submitted ---


async def _receive(service: Service, access: Access, request: Request) -> Response:
    user = await run_in_threadpool(_identify, access, request)  # before anything else of theirs is read
    body = await _read_body(request)
    return await run_in_threadpool(_submit, service, user, request, body)


def _submit(service: Service, user: User, request: Request, body: bytes) -> Response:
    fields = _parse(body)
    problem, seed = fields.pop("problem", None), fields.pop("seed", None)
    if not isinstance(problem, str):
        raise Refused(400, "`problem` is missing: the name of a problem")
    slug = _find_slug(service, problem)
    asked = Asked(slug, write_parcel(unpack(fields)), _choose_seed(seed, user), _read_key(request))
    identity = service.submit(user, asked)
    entry = _find_entry(service, user, identity)
    return JSONResponse(describe_entry(entry), 202, {"Location": f"{PREFIX}/submissions/{identity}"})


async def _read_body(request: Request) -> bytes:
    """Read a body that is not too large and does not take too long."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused(415, "the body is JSON, with the header `Content-Type: application/json`")
    bounds = Bounds(LARGEST_BODY, LARGEST_READ, SECONDS_FOR_A_BODY)
    match await read_body(request.receive, bounds):
        case Flaw.TOO_LARGE:
            raise Refused(413, f"the body has more than {LARGEST_BODY >> 20} MiB", Connection="close")
        case Flaw.TOO_SLOW:
            said = f"the body did not arrive within {SECONDS_FOR_A_BODY:g} seconds"
            raise Refused(408, said, Connection="close")
        case Flaw.CUT_OFF:
            raise Refused(400, "the connection ended in the middle of the body")
        case bytes(body):
            return body


def _parse(body: bytes) -> Fields:
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(400, "the body is no JSON") from None
    if not isinstance(fields, dict):
        raise Refused(400, "the body is no JSON object")
    return fields


def _choose_seed(seed: Any, user: User) -> int:
    """Draw a seed; only a teacher may choose one, with which inputs can be drawn again."""
    if seed is None:
        return secrets.randbelow(SEEDS)
    if not user.is_teacher:
        raise Refused(403, "a learner's inputs are drawn afresh each time: leave `seed` out")
    if type(seed) is not int or not 0 <= seed < SEEDS:
        raise Refused(400, f"`seed` is a whole number from 0 to {SEEDS - 1}")
    return seed


def _read_key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is not None and not (1 <= len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise Refused(400, f"the header Idempotency-Key holds 1 to {LONGEST_KEY} characters")
    return key


# --- what became of it ---


def _find_entry(service: Service, user: User, identity: str) -> Entry:
    """Find a submission of one's own; a teacher sees all."""
    entry = service.store.ledger.find(identity)
    if entry is None or (entry.user != user.id and not user.is_teacher):
        raise Refused(404, "you have no submission of this id")
    return entry


def _show_submission(service: Service, user: User, request: Request) -> Response:
    entry = _find_entry(service, user, request.path_params["id"])
    ahead = service.store.ledger.count_ahead(entry.number)
    return JSONResponse(
        {**describe_entry(entry), "ahead": ahead, "report": _read_report(service, user, entry)}
    )


def _withdraw_submission(service: Service, user: User, request: Request) -> Response:
    entry = _find_entry(service, user, request.path_params["id"])
    if entry.user != user.id:
        raise Refused(403, "only whoever submitted it can withdraw it")
    if service.withdraw(user, entry.id) is State.DONE:
        raise Refused(409, "it is judged already")
    return JSONResponse(describe_entry(_find_entry(service, user, entry.id)))


def _read_report(service: Service, user: User, entry: Entry) -> Fields | None:
    report = service.store.ledger.read_report(entry.number)
    if report is None:
        return None
    return describe_report(report, service.find_reveals(entry.problem, user))


def _show_source(service: Service, user: User, request: Request) -> Response:
    entry = _find_entry(service, user, request.path_params["id"])
    submission = read_parcel(service.store.ledger.read_submission(entry.number))
    parts = [cell.source for cell in submission.cells]
    parts += [f"# {name}\n{module.source}" for name, module in submission.modules.items()]
    text = "\n\n".join(part.rstrip("\n") for part in parts) + "\n"
    return PlainTextResponse(text.encode("utf-8", "backslashreplace"))


def _stream_events(service: Service, user: User, request: Request) -> Response:
    entry = _find_entry(service, user, request.path_params["id"])
    last = request.headers.get("last-event-id", "0").strip()
    if not (last.isascii() and last.isdigit() and len(last) < 10):  # noqa: PLR2004 - as an INTEGER holds
        raise Refused(400, "the header Last-Event-ID holds the id of an event, which is a number")
    stream = _write_events(service, user, entry, int(last))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # nginx passes on what comes
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


async def _write_events(service: Service, user: User, entry: Entry, after: int) -> AsyncIterator[str]:
    """Write what happens to a submission until its report is there, or it is withdrawn."""
    reveals = await run_in_threadpool(service.find_reveals, entry.problem, user)
    following = service.follow(entry, reveals, after=after, seconds=SECONDS_OF_A_STREAM)
    async with aclosing(following):
        async for happening in following:
            if happening is None:
                yield ": still here\n\n"
                continue
            event, facts = happening
            is_report = event.kind == "report"
            told = await run_in_threadpool(_read_report, service, user, entry) if is_report else facts
            yield _write_event(event.kind, told or {}, event.place)


def _write_event(kind: str, facts: Fields, place: int) -> str:
    numbered = f"id: {place}\n" if place else ""
    return f"{numbered}event: {kind}\ndata: {json.dumps(facts)}\n\n"


# --- what there is ---


def _list_problems(service: Service, _user: User, _request: Request) -> Response:
    return JSONResponse({"problems": [describe_problem(problem) for problem in service.bank.problems()]})


def _show_problem(service: Service, user: User, request: Request) -> Response:
    problem = service.bank.load(_find_slug(service, request.path_params["slug"]))
    return JSONResponse(describe_whole_problem(problem, service.find_reveals(problem.slug, user)))


def _find_slug(service: Service, name: str) -> str:
    """Find a problem's slug by that or by its number."""
    try:
        return service.bank.load(name).slug
    except UsageError as error:
        raise Refused(404, str(error)) from None


def _show_user(_service: Service, user: User, _request: Request) -> Response:
    return JSONResponse(describe_user(user))


def _list_history(service: Service, user: User, request: Request) -> Response:
    before, most = _read_number(request, "before"), _read_number(request, "most")
    entries = service.store.ledger.list_history(
        user.id, most=min(most or MOST_ENTRIES, MOST_ENTRIES), before=before
    )
    return JSONResponse({"submissions": [describe_entry(entry) for entry in entries]})


def _read_number(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19 and int(text) > 0):  # noqa: PLR2004 - as a BIGINT holds
        raise Refused(400, f"`{name}` is a whole number above zero")
    return int(text)


def _refuse_learners(user: User) -> None:
    if not user.is_teacher:
        raise Refused(403, "only a teacher sees the class")


def _show_class(service: Service, user: User, _request: Request) -> Response:
    _refuse_learners(user)
    learners = service.store.accounts.list_learners()
    return JSONResponse({"learners": describe_class(learners, service.store.ledger.list_standings())})


def _export_grades(service: Service, user: User, _request: Request) -> Response:
    _refuse_learners(user)
    text = write_grades(service.store.ledger.list_standings())
    headers = {"Content-Disposition": 'attachment; filename="grades.csv"'}
    return Response(text, media_type="text/csv", headers=headers)


async def _show_document(_request: Request) -> Response:
    return Response(_read_document(), media_type="application/json")


@cache
def _read_document() -> bytes:
    return DOCUMENT.read_bytes()
