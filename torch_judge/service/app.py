"""The application: the API, /health and /metrics, with security headers on every answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from torch_judge.model.reveals import FAILED
from torch_judge.model.version import __version__

from .access import Access
from .api import Service, make_routes, say_error
from .errors import StoreError
from .measures import CONTENT_TYPE, Measures

SECURITY: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_SENTENCES: Final = {404: "there is nothing at this address", 405: "this address knows no such method"}


class SecurityHeaders:
    """Add headers that keep a browser from running, framing or keeping what is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add the headers that its answer has not."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, text in SECURITY.items():
                    headers.setdefault(name, text)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


@dataclass(frozen=True, slots=True)
class Vitals:
    """What /health and /metrics look at."""

    measures: Measures
    find_complaint: Callable[[], str]
    """Says why nothing may be judged; empty if all is well."""


def make_app(service: Service, access: Access, vitals: Vitals) -> Starlette:
    """Make the application of a service."""

    def show_health() -> Response:
        try:
            queue = service.store.queue.count()
        except StoreError:
            return JSONResponse({"status": "the store cannot be reached", "version": __version__}, 503)
        facts = {"version": __version__, **{state.value: count for state, count in queue.items()}}
        if complaint := vitals.find_complaint():
            return JSONResponse({"status": complaint, **facts}, 503)
        return JSONResponse({"status": "ok", **facts})

    def show_metrics() -> Response:
        try:
            text = vitals.measures.write(service.store.queue.count())
        except StoreError:
            return say_error(503, "the store cannot be reached")
        return Response(text, media_type=CONTENT_TYPE)

    async def health(_request: Request) -> Response:
        return await run_in_threadpool(show_health)

    async def metrics(_request: Request) -> Response:
        return await run_in_threadpool(show_metrics)

    return Starlette(
        routes=[
            *make_routes(service, access),
            Route("/health", health, methods=["GET"]),
            Route("/metrics", metrics, methods=["GET"]),
        ],
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers={HTTPException: _say_http_error, Exception: _say_failure},
    )


async def _say_http_error(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    return say_error(status, _SENTENCES.get(status, f"the request cannot be answered ({status})"), headers)


async def _say_failure(_request: Request, _error: Exception) -> Response:
    return say_error(500, FAILED)
