"""Run the pages on this machine, for its own browser, until Ctrl-C."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from torch_judge.model.bank import Bank
from torch_judge.model.errors import UsageError
from torch_judge.model.isolation import Layer

from .app import make_app
from .bench import Bench
from .guard import OPEN
from .keys import Keys
from .reports import Reporter
from .site import Site
from .tabs import SECONDS_OF_GRACE, Tabs

ADDRESS: Final = "127.0.0.1"
SECONDS_FOR_HEADERS: Final = 10.0
SECONDS_TO_END: Final = 2
MOST_CONNECTIONS: Final = 200


class _PatientProtocol(H11Protocol):
    """A connection on which each request has to begin, and its headers to end, in time."""

    _hurry: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        """Begin to count."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Stop to count when a request is there."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Begin to count for the next request."""
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop to count."""
        super().connection_lost(exc)
        self._calm()

    @property
    def _is_answering(self) -> bool:
        cycle = getattr(self, "cycle", None)
        return cycle is not None and not cycle.response_complete

    def _watch(self) -> None:
        if self._is_answering:
            self._calm()
        elif self._hurry is None and not self.transport.is_closing():
            self._hurry = asyncio.get_running_loop().call_later(SECONDS_FOR_HEADERS, self._give_up)

    def _calm(self) -> None:
        if self._hurry is not None:
            self._hurry.cancel()
            self._hurry = None

    def _give_up(self) -> None:
        if not self._is_answering:
            self.transport.close()


class _Server(uvicorn.Server):
    """A server that says when it answers, and ends what its pages listen to before it waits for them."""

    def __init__(self, config: uvicorn.Config, tabs: Tabs) -> None:
        super().__init__(config)
        self._tabs = tabs
        self.on_start: Callable[[], None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer; from now on a signal ends it in order."""
        await super().startup(sockets)
        if self.on_start is not None:
            self.on_start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End all checks and streams, then as usual."""
        self._tabs.close()
        await super().shutdown(sockets)


@dataclass(frozen=True, slots=True)
class Settings:
    """How the pages are served; port 0 is one that is free."""

    bank: Bank
    port: int = 0
    keep: bool = True
    required: frozenset[Layer] = frozenset()
    seconds_of_grace: float = SECONDS_OF_GRACE


class WebServer:
    """The pages on this machine; a context manager, which leaves no process, thread or port behind.

    UsageError where the port is taken.
    """

    def __init__(self, settings: Settings) -> None:
        self.keys = Keys()
        self._listener = _listen(settings.port)
        self.port: int = self._listener.getsockname()[1]
        self._bench = Bench(required=settings.required)
        tabs = Tabs(self._bench, Reporter(settings.keep), grace=settings.seconds_of_grace)
        app = make_app(Site(settings.bank, self._bench, tabs), self.keys, self.port)
        self._server = _Server(_configure(app), tabs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._bench.close()
        self._listener.close()

    @property
    def address(self) -> str:
        """Return where the pages are; a browser that comes without the cookie is not let in."""
        return f"http://{ADDRESS}:{self.port}"

    def make_entry(self, *, path: str = "") -> str:
        """Make an address that lets a browser in, once, and leads it to a path."""
        aim = f"&to={path}" if path else ""
        return f"{self.address}{OPEN}?token={self.keys.make_token()}{aim}"

    def run(self, on_start: Callable[[], None] | None = None) -> None:
        """Answer until Ctrl-C or a signal, or until `stop` is called in another thread.

        `on_start` is called as soon as it does.
        """
        self._server.on_start = on_start
        self._server.run(sockets=[self._listener])

    def stop(self) -> None:
        """Have `run` come to its end."""
        self._server.should_exit = True


def _configure(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="asyncio",
        http=_PatientProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=SECONDS_TO_END,
    )


def _listen(port: int) -> socket.socket:
    """Listen on this machine alone; a connection that comes before all is ready waits."""
    listener = socket.socket()
    try:
        listener.bind((ADDRESS, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise UsageError(
            f"port {port} cannot be used: {error.strerror}; --port 0 takes one that is free"
        ) from None
    return listener
