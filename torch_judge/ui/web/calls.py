"""The calls of the page's script, in JSON: drafts, hints, solution, history, and having something judged."""

from __future__ import annotations

import re
from typing import Any, Final, TypeVar

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response, StreamingResponse

from torch_judge.learning.attempt import Attempt, make_unjudged_attempt, name_bank
from torch_judge.learning.hints import may_see_solution
from torch_judge.learning.history import History
from torch_judge.learning.standing import find_attempt
from torch_judge.learning.workspace import compose_page_starter
from torch_judge.model.errors import UsageError
from torch_judge.model.problem import Problem
from torch_judge.model.submission import from_source

from .fragments import HintsPart, make_attempt, make_diff, make_history, make_solution, take_hint
from .site import NotFoundError, WithheldError, find_site
from .views import find_writing, make_draft

_TAB: Final = re.compile(r"[a-z0-9]{8,32}")
_NUMBER: Final = re.compile(r"[0-9]{1,9}")
B = TypeVar("B", bound=msgspec.Struct)


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A call that says no more than its address."""


class DraftSent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands in the editors of a tab; no example is the problem's own."""

    tab: str
    text: str
    example: str | None = None


class ResetSent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be put aside."""

    tab: str
    text: str


class SubmitSent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An answer to be judged."""

    problem: str
    code: str


class RunSent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An answer to be run on an example."""

    problem: str
    code: str
    example: str


class SolutionSent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the problem is given up for its solution."""

    give_up: bool = False


async def _read(request: HttpRequest, kind: type[B]) -> B:
    """Read the body of a call; UsageError says what is wrong with it."""
    try:
        return msgspec.json.decode(await request.body(), type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UsageError(f"the call is not understood: {error}") from None


def _read_tab(name: str) -> str:
    if not _TAB.fullmatch(name):
        raise UsageError("a tab's name has 8 to 32 small letters and digits")
    return name


def _read_number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise UsageError("expected the number of an attempt")
    return int(text)


def _find_problem(request: HttpRequest) -> tuple[Problem, History]:
    site = find_site(request)
    return site.load_problem(request), site.find_history()


# --- what is written ---


def send_draft(request: HttpRequest) -> Response:
    """Send what a tab was writing, else what any tab wrote last, else the starter."""
    problem, history = _find_problem(request)
    tab = request.query_params.get("tab")
    writing = find_writing(problem, history, tab=None if tab is None else _read_tab(tab))
    return JSONResponse(
        {
            "text": writing.text,
            "example": writing.example,
            "revision": writing.revision,
            "mine": tab is not None and writing.tab == tab,
        }
    )


async def keep_draft(request: HttpRequest) -> Response:
    """Keep what a tab is writing."""
    sent = await _read(request, DraftSent)

    def keep() -> int:
        find_site(request).check_room()
        problem, history = _find_problem(request)
        return history.keep_draft(make_draft(problem, _read_tab(sent.tab), sent.text, sent.example))

    return JSONResponse({"revision": await run_in_threadpool(keep)})


async def reset(request: HttpRequest) -> Response:
    """Put the starter back, and what was written aside."""
    sent = await _read(request, ResetSent)
    return JSONResponse(await run_in_threadpool(_reset, request, sent))


def _reset(request: HttpRequest, sent: ResetSent) -> dict[str, Any]:
    find_site(request).check_room()
    problem, history = _find_problem(request)
    starter, bank = compose_page_starter(problem), name_bank(problem)
    kept = None
    if sent.text.strip() and sent.text.strip() != starter.strip():
        last = history.list_latest(bank, problem.slug, most=1)
        if not last or last[0].attempt.code != sent.text:
            submission = from_source(sent.text, name=f"{problem.slug}.py")
            history.add(make_unjudged_attempt(problem, submission, sent.text))
        kept = history.count(bank, problem.slug)
    history.keep_draft(make_draft(problem, _read_tab(sent.tab), starter, None))
    says = "The starter is back." + (f" What you had written is attempt {kept}." if kept else "")
    return {"text": starter, "kept": kept, "say": says}


# --- help ---


async def give_hint(request: HttpRequest) -> Response:
    """Give the next hint."""
    await _read(request, Nothing)

    def take() -> HintsPart:
        problem, history = _find_problem(request)
        stays = not find_site(request).terms.shows_solution(problem)
        return take_hint(problem, history, stays=stays)

    part = await run_in_threadpool(take)
    return JSONResponse({"html": part.html, "say": part.says, "left": part.left})


async def show_solution(request: HttpRequest) -> Response:
    """Show the solution, if the problem is solved or given up."""
    sent = await _read(request, SolutionSent)

    def make() -> str:
        problem, history = _find_problem(request)
        if not find_site(request).terms.shows_solution(problem):
            raise WithheldError(f"the solution of {problem.slug} stays on the server")
        return make_solution(problem, history, is_wanted=True, is_given_up=sent.give_up).html

    return JSONResponse({"html": await run_in_threadpool(make), "say": "The solution is shown."})


# --- the history of a problem ---


def send_history(request: HttpRequest) -> Response:
    """Send the list of attempts."""
    return JSONResponse({"html": make_history(*_find_problem(request))})


def send_attempt(request: HttpRequest) -> Response:
    """Send an attempt with its code."""
    number = _read_number(request.path_params["number"])
    attempt = _find_attempt(*_find_problem(request), number)
    return JSONResponse({"html": make_attempt(number, attempt), "code": attempt.code, "number": number})


def send_diff(request: HttpRequest) -> Response:
    """Send what differs between two attempts, or between an attempt and what a tab is writing."""
    problem, history = _find_problem(request)
    query = request.query_params
    number = _read_number(query.get("old", ""))
    old = (f"attempt {number}", _find_attempt(problem, history, number).code)
    if query.get("new") == "draft":
        writing = find_writing(problem, history, tab=_read_tab(query.get("tab", "")))
        new = ("the editor", writing.text)
    else:
        number = _read_number(query.get("new", ""))
        new = (f"attempt {number}", _find_attempt(problem, history, number).code)
    return JSONResponse({"html": make_diff(old, new)})


def _find_attempt(problem: Problem, history: History, number: int) -> Attempt:
    try:
        return find_attempt(problem, history, number)
    except UsageError as error:
        raise NotFoundError(str(error)) from None


# --- judging ---


async def submit(request: HttpRequest) -> Response:
    """Have an answer judged, in the place of whatever the tab has judged."""
    from torch_judge.judging.background import Request  # late: the pages answer before

    sent, site = await _read(request, SubmitSent), find_site(request)
    tab = _read_tab(request.path_params["tab"])
    problem = await run_in_threadpool(site.load, sent.problem)
    submission = from_source(sent.code, name=f"{problem.slug}.py")
    number = site.tabs.ask(tab, Request(problem, lambda: submission))
    return JSONResponse({"request": number}, status_code=202)


async def run(request: HttpRequest) -> Response:
    """Have an answer run on an example; beside it the jury solution, for whoever may see that."""
    from torch_judge.judging.background import ExampleRequest  # late: the pages answer before

    sent, site = await _read(request, RunSent), find_site(request)
    if not site.terms.offers_run:
        raise WithheldError("Run is not offered here: run your code on your own machine")
    tab = _read_tab(request.path_params["tab"])
    problem = await run_in_threadpool(site.load, sent.problem)
    jury = await run_in_threadpool(
        lambda: site.terms.shows_solution(problem) and may_see_solution(problem, site.find_history())
    )
    submission = from_source(sent.code, name=f"{problem.slug}.py")
    number = site.tabs.ask(tab, ExampleRequest(problem, lambda: submission, sent.example, jury))
    return JSONResponse({"request": number}, status_code=202)


async def stop(request: HttpRequest) -> Response:
    """End whatever a tab has judged."""
    await _read(request, Nothing)
    tab = find_site(request).tabs.find(_read_tab(request.path_params["tab"]))
    return JSONResponse({"stopped": tab is not None and await tab.stop()})


async def send_tab(request: HttpRequest) -> Response:
    """Send what a tab asked for last."""
    tab = find_site(request).tabs.find(_read_tab(request.path_params["tab"]))
    asked = None if tab is None else tab.asked
    if tab is None or asked is None:
        return JSONResponse({"problem": None, "request": 0, "running": False, "kind": None})
    facts = {"problem": asked.problem.slug, "request": asked.number, "kind": asked.kind}
    return JSONResponse({**facts, "running": tab.is_running})


async def send_events(request: HttpRequest) -> Response:
    """Send what happens to what a tab asked for, as server-sent events."""
    tab = find_site(request).tabs.find(_read_tab(request.path_params["tab"]))
    if tab is None or tab.was_told(request.headers.get("last-event-id", "")):
        return Response(status_code=204)  # which ends an EventSource
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(tab.listen(), media_type="text/event-stream", headers=headers)
