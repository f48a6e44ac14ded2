"""What may reach the pages: this machine's own browser, from our own pages, with the cookie.

A page of another origin may ask a browser for anything on this machine, and a name that another site owns may
lead here. So the host is checked, what is posted has to come from a page of ours, and nothing is answered
without the cookie but the way to get it. Whatever is answered, no other page may frame or read it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from torch_judge.service.bodies import Bounds, Flaw, read_body

from .keys import Keys

LARGEST_BODY: Final = 1 << 20
LARGEST_READ: Final = 8 << 20
SECONDS_FOR_BODY: Final = 10.0
MARK: Final = "x-torch-judge"
"""A header that only our own script sends: another origin would have to ask for it first, and is refused."""
OPEN: Final = "/open"
STATIC: Final = "/static/"
API: Final = "/api/"
POLICY: Final = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; "
    "img-src 'self' data:"
)
HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
METHODS: Final = {"GET", "HEAD", "POST"}
Refuse = Callable[[Request, int, str], Response]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not answered."""

    status: int
    sentence: str


TOO_LARGE: Final = Refusal(
    413, f"that is more than {LARGEST_BODY >> 10} KiB, which is more than an answer takes"
)
_REFUSALS: Final = {
    Flaw.TOO_LARGE: TOO_LARGE,
    Flaw.TOO_SLOW: Refusal(408, f"the request took longer than {SECONDS_FOR_BODY:.0f} seconds to arrive"),
    Flaw.CUT_OFF: Refusal(400, "the request ended before its body did"),
}


def name_cookie(port: int) -> str:
    """Name the cookie of the server at a port: a browser sends a cookie to every port of a host."""
    return f"torch_judge_{port}"


def list_hosts(port: int) -> frozenset[str]:
    """List what the header Host of a request to this server may say."""
    return frozenset(f"{host}:{port}" for host in ("127.0.0.1", "localhost"))


class Guard:
    """An application that lets through to another one only what may reach it."""

    def __init__(self, app: ASGIApp, *, port: int, keys: Keys, refuse: Refuse) -> None:
        self._app, self._keys, self._refuse = app, keys, refuse
        self._hosts, self._cookie = list_hosts(port), name_cookie(port)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or say why it is not answered."""
        if scope["type"] != "http":  # no WebSocket is answered
            return
        sending = send_with_headers(send)
        request = Request(scope)
        refusal = self._examine(request)
        if refusal is not None:
            await drop_body(request.headers, receive)
        elif request.method == "POST":
            body = await read_posted(receive)
            if isinstance(body, Refusal):
                refusal = body
            else:
                receive = replay(body, receive)
        if refusal is None:
            await self._app(scope, receive, sending)
            return
        response = self._refuse(request, refusal.status, refusal.sentence)
        response.headers["connection"] = "close"  # what else it was about to send is not read
        await response(scope, receive, sending)

    def _examine(self, request: Request) -> Refusal | None:
        """Find the reason why a request is not answered, if there is one."""
        headers = request.headers
        if headers.getlist("host") == [] or not set(headers.getlist("host")) <= self._hosts:
            return Refusal(400, "this page answers only to the address that torch-judge web printed")
        if request.method not in METHODS:
            return Refusal(405, f"{request.method} is not answered here")
        path = request.url.path
        if path == OPEN and request.method == "GET":
            return None  # a link in a terminal that is itself a page leads here from another origin
        if headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
            return Refusal(403, "this was asked for by another page")
        if path.startswith(STATIC):
            return None
        if not self._keys.fits(read_cookies(headers).get(self._cookie, "")):
            return Refusal(
                401, "this browser has not been let in; open the address that torch-judge web printed"
            )
        return (
            examine_post(headers, frozenset({f"http://{headers['host']}"}))
            if request.method == "POST"
            else None
        )


def examine_post(headers: Headers, origins: frozenset[str]) -> Refusal | None:
    """Find the reason why a call is not answered: it has to come from our own page's script."""
    if refusal := examine_form(headers, origins):
        return refusal
    if headers.get(MARK) != "page" or headers.get("content-type", "").partition(";")[0] != "application/json":
        return Refusal(403, "this was not sent by our own page's script")
    return None


def examine_form(headers: Headers, origins: frozenset[str]) -> Refusal | None:
    """Find the reason why what was posted is not answered: it has to come from a page of ours."""
    named = headers.getlist("origin")
    if len(named) != 1 or named[0] not in origins:
        return Refusal(403, "this was not sent by our own page")
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()) or int(length) > LARGEST_READ:
        return TOO_LARGE
    return None


def read_cookies(headers: Headers) -> dict[str, str]:
    """Read the cookies of a request; none of what is no cookie."""
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load("; ".join(headers.getlist("cookie")))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in cookies.items()}


async def read_posted(receive: Receive) -> bytes | Refusal:
    """Read what was posted, or say why not."""
    read = await read_body(receive, Bounds(LARGEST_BODY, LARGEST_READ, SECONDS_FOR_BODY))
    return read if isinstance(read, bytes) else _REFUSALS[read]


async def drop_body(headers: Headers, receive: Receive) -> None:
    """Read what comes with a request that is refused: whoever is cut off while sending reads no refusal."""
    if "content-length" in headers or "transfer-encoding" in headers:
        await read_body(receive, Bounds(0, LARGEST_READ, SECONDS_FOR_BODY))


def replay(body: bytes, receive: Receive) -> Receive:
    """Hand on a body that was read, and then whatever else comes."""
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return waiting.pop() if waiting else await receive()

    return next_message


def send_with_headers(send: Send) -> Send:
    """Add to an answer what keeps other pages away from it."""

    async def send_all(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return send_all
