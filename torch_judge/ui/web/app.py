"""The application: which address leads where, and what stands before it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from torch_judge.model.errors import TorchJudgeError

from . import calls, pages
from .guard import Guard
from .keys import Keys
from .site import Site, find_status, refuse
from .statics import send_static

PROBLEM = "/api/problems/{slug}"
TAB = "/api/tabs/{tab}"
ROUTES = (
    Route("/", pages.show_list),
    Route("/problems/{slug}", pages.show_problem),
    Route("/progress", pages.show_progress),
    Route("/static/{name}", send_static),
    Route(f"{PROBLEM}/draft", calls.send_draft, methods=["GET"]),
    Route(f"{PROBLEM}/draft", calls.keep_draft, methods=["POST"]),
    Route(f"{PROBLEM}/reset", calls.reset, methods=["POST"]),
    Route(f"{PROBLEM}/hint", calls.give_hint, methods=["POST"]),
    Route(f"{PROBLEM}/solution", calls.show_solution, methods=["POST"]),
    Route(f"{PROBLEM}/history", calls.send_history),
    Route(f"{PROBLEM}/attempts/{{number}}", calls.send_attempt),
    Route(f"{PROBLEM}/diff", calls.send_diff),
    Route(TAB, calls.send_tab),
    Route(f"{TAB}/submit", calls.submit, methods=["POST"]),
    Route(f"{TAB}/run", calls.run, methods=["POST"]),
    Route(f"{TAB}/stop", calls.stop, methods=["POST"]),
    Route(f"{TAB}/events", calls.send_events),
)


def make_app(site: Site, keys: Keys, port: int) -> ASGIApp:
    """Make the application of a site on this machine, with the guard before it."""
    entry = Route("/open", partial(pages.open_pages, keys, port))
    return Guard(make_pages(site, [entry]), port=port, keys=keys, refuse=refuse)


def answer_error(request: Request, error: Exception) -> Response:
    """Answer with what is wrong, in a sentence."""
    return refuse(request, find_status(error), str(error))


def make_pages(
    site: Site, more: Iterable[Route] = (), answer: Callable[[Request, Exception], Response] = answer_error
) -> Starlette:
    """Make the pages and calls of a site, and `more`; whatever stands before them decides who may come in."""
    app = Starlette(
        routes=[*ROUTES, *more],
        middleware=[Middleware(GZipMiddleware)],
        exception_handlers={TorchJudgeError: answer, HTTPException: _answer_lost},
    )
    app.state.site = site
    return app


def _answer_lost(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    return refuse(request, status, "there is no such page" if status == 404 else "this is not answered here")  # noqa: PLR2004 - a status that all know
