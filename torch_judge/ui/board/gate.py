"""What may reach the pages of a server: whoever has signed in, from our own pages.

The API is not touched by any of this: it knows its users by the token of each request, and a session is worth
nothing there. A page of another site may lead here, but not post, frame or read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from torch_judge.service.api import PREFIX
from torch_judge.service.errors import UNREACHED, StoreError
from torch_judge.service.sessions import SECONDS_OF_A_SESSION
from torch_judge.service.store import Store
from torch_judge.service.users import User
from torch_judge.ui.web.guard import (
    API,
    METHODS,
    STATIC,
    Refusal,
    drop_body,
    examine_form,
    examine_post,
    read_cookies,
    read_posted,
    replay,
    send_with_headers,
)
from torch_judge.ui.web.pages import find_aim
from torch_judge.ui.web.rendering import render
from torch_judge.ui.web.site import refuse
from torch_judge.ui.web.statics import send_static

from .patience import Patience
from .seats import Seats

SIGN_IN: Final = "/sign-in"
SIGN_OUT: Final = "/sign-out"
COOKIE: Final = "torch_judge"
SECURE_COOKIE: Final = "__Host-torch_judge"
"""A name that browsers take by https only, and from this very host only."""
LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})
VITALS: Final = frozenset({"/health", "/metrics"})
UNKNOWN: Final = "sign in first: this browser is not signed in, or no longer"


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a request comes from: straight, or as a trusted proxy says."""

    address: str
    is_secure: bool

    @property
    def cookie(self) -> str:
        """Return the name of the cookie."""
        return SECURE_COOKIE if self.is_secure else COOKIE

    def list_origins(self, headers: Headers) -> frozenset[str]:
        """List what the origin of our own pages may be called."""
        host = headers.get("host", "")
        return frozenset({f"https://{host}"} if self.is_secure else {f"https://{host}", f"http://{host}"})


def find_caller(request: Request, proxies: frozenset[str]) -> Caller:
    """Find where a request comes from; what others than our proxies say of it does not count."""
    peer = request.client.host if request.client else ""
    if peer not in proxies:
        return Caller(peer, is_secure=False)
    forwarded = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    protocol = request.headers.get("x-forwarded-proto", "").strip().lower()
    return Caller(forwarded or peer, is_secure=protocol == "https")


class Gate:
    """An application that hands on what is the API's, and lets whoever has signed in to their own pages."""

    def __init__(
        self, api: ASGIApp, store: Store, seats: Seats, patience: Patience, proxies: frozenset[str]
    ) -> None:
        self._api, self._store, self._seats = api, store, seats
        self._patience, self._proxies = patience, proxies
        self._statics = Starlette(routes=[Route(f"{STATIC}{{name}}", send_static)])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or have it answered."""
        path = scope.get("path", "")
        if scope["type"] != "http":  # no WebSocket is answered
            return
        if path in VITALS or path == PREFIX or path.startswith(f"{PREFIX}/"):
            await self._api(scope, receive, send)
            return
        request, sending = Request(scope), send_with_headers(send)
        caller = find_caller(request, self._proxies)
        try:
            answer = await self._choose(request, caller, receive)
        except StoreError:
            answer = refuse(request, 503, UNREACHED)
        await answer(scope, receive, sending)

    async def _choose(self, request: Request, caller: Caller, receive: Receive) -> ASGIApp:
        """Choose what answers a request."""
        if refusal := _examine(request, caller):
            await drop_body(request.headers, receive)
            return _refuse_for_good(request, refusal)
        path = request.url.path
        if path.startswith(STATIC):
            return self._statics
        key = read_cookies(request.headers).get(caller.cookie, "")
        user = await run_in_threadpool(self._store.sessions.find, key) if key else None
        if user is None and path not in {SIGN_IN, SIGN_OUT}:
            await drop_body(request.headers, receive)
            return _ask_to_sign_in(request)
        body = b""
        if request.method == "POST":
            read = await read_posted(receive)
            if isinstance(read, Refusal):
                return _refuse_for_good(request, read)
            body = read
        if path == SIGN_OUT:
            return await self._sign_out(request, caller, key)
        if path == SIGN_IN or user is None:
            return await self._sign_in(request, caller, user, body)
        seat = await run_in_threadpool(self._seats.find, user)
        return _Replayed(seat, body) if request.method == "POST" else seat

    async def _sign_in(self, request: Request, caller: Caller, user: User | None, body: bytes) -> Response:
        """Show the page on which one signs in, or trade a token for a session."""
        if request.method != "POST":
            aim = find_aim(request.query_params.get("to", ""))
            return _show_form(aim) if user is None else RedirectResponse(aim, status_code=303)
        fields = parse_qs(body.decode("ascii", "replace"), max_num_fields=10)
        token, to = fields.get("token", [""])[0].strip(), find_aim(fields.get("to", [""])[0])
        if seconds := self._patience.count_seconds(caller.address):
            said = f"too many wrong tokens came from your address; try again in {seconds} seconds"
            return _show_form(to, said, 429, {"retry-after": str(seconds)})
        opened = await run_in_threadpool(self._open_session, token)
        if opened is None:
            self._patience.note(caller.address)
            return _show_form(to, "nobody here has this token", 403)
        answer = RedirectResponse(to, status_code=303)
        answer.set_cookie(
            caller.cookie,
            opened,
            max_age=int(SECONDS_OF_A_SESSION),
            httponly=True,
            samesite="strict",
            secure=caller.is_secure,
            path="/",
        )
        return answer

    def _open_session(self, token: str) -> str | None:
        user: User | None = self._store.accounts.find(token) if token else None
        return self._store.sessions.open(user) if user else None

    async def _sign_out(self, request: Request, caller: Caller, key: str) -> Response:
        if request.method != "POST":
            return refuse(request, 405, "signing out is a button")
        await run_in_threadpool(self._store.sessions.close, key)
        answer = RedirectResponse(SIGN_IN, status_code=303)
        answer.delete_cookie(
            caller.cookie, httponly=True, samesite="strict", secure=caller.is_secure, path="/"
        )
        return answer


@dataclass(frozen=True, slots=True)
class _Replayed:
    """An application to which a body is told that was read already."""

    app: ASGIApp
    body: bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, replay(self.body, receive), send)


def _examine(request: Request, caller: Caller) -> Refusal | None:
    """Find the reason why a request is not answered, whoever has signed in."""
    headers, path = request.headers, request.url.path
    if request.method not in METHODS:
        return Refusal(405, f"{request.method} is not answered here")
    if len(headers.getlist("host")) != 1:
        return Refusal(400, "the header Host is missing")
    is_visit = (
        request.method == "GET"
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
    )
    if headers.get("sec-fetch-site", "none") not in {"same-origin", "none"} and not is_visit:
        return Refusal(403, "this was asked for by another page")
    if request.method != "POST":
        return None
    examine = examine_form if path in {SIGN_IN, SIGN_OUT} else examine_post
    return examine(headers, caller.list_origins(headers))


def _refuse_for_good(request: Request, refusal: Refusal) -> Response:
    answer = refuse(request, refusal.status, refusal.sentence)
    answer.headers["connection"] = "close"  # what else it was about to send is not read
    return answer


def _ask_to_sign_in(request: Request) -> Response:
    """Lead a person to the page on which one signs in; tell a script."""
    path = request.url.path
    if path.startswith(API) or request.method == "POST":
        return _refuse_for_good(request, Refusal(401, UNKNOWN))
    aim = find_aim(path)
    return RedirectResponse(SIGN_IN if aim == "/" else f"{SIGN_IN}?to={quote(aim)}", status_code=303)


def _show_form(
    to: str, wrong: str = "", status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    page = render("sign_in.html", title="Sign in", to=to, wrong=wrong)
    return HTMLResponse(page, status_code=status, headers=headers)
