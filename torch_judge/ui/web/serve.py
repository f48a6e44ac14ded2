"""Run the pages on this machine, for its own browser, until Ctrl-C."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from torch_judge.learning.history import record
from torch_judge.model.bank import Bank
from torch_judge.model.errors import UsageError
from torch_judge.model.isolation import Layer
from torch_judge.model.problem import Problem
from torch_judge.model.report import Report
from torch_judge.model.submission import Submission

from .app import make_app
from .bench import Bench
from .keys import Keys
from .reports import make_report_event
from .site import Site
from .tabs import SECONDS_OF_GRACE, Event, Tabs

ADDRESS: Final = "127.0.0.1"
SECONDS_FOR_HEADERS: Final = 10.0
SECONDS_TO_END: Final = 2
MOST_CONNECTIONS: Final = 200


class _PatientProtocol(H11Protocol):
    """A connection on which a request has to begin, and its headers to end, in time."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        """Begin to count."""
        super().connection_made(transport)
        asyncio.get_running_loop().call_later(SECONDS_FOR_HEADERS, self._give_up)

    def _give_up(self) -> None:
        has_asked: bool = getattr(self, "cycle", None) is not None
        if not has_asked and not self.transport.is_closing():
            self.transport.close()


class _Server(uvicorn.Server):
    """A server that ends what its pages listen to before it waits for them."""

    def __init__(self, config: uvicorn.Config, tabs: Tabs) -> None:
        super().__init__(config)
        self._tabs = tabs

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


OnListening = Callable[[str, Keys], None]


def serve(settings: Settings, *, on_listening: OnListening) -> None:
    """Serve the pages until Ctrl-C or a signal; `on_listening` is told the address and the keys.

    When it returns, no process of it is left. UsageError where the port is taken.
    """
    with _listen(settings.port) as listener, Bench(required=settings.required) as bench:
        port = listener.getsockname()[1]

        def on_report(problem: Problem, submission: Submission, report: Report) -> Event:
            notice = record(problem, submission, report) if settings.keep else ""
            return make_report_event(problem, report, is_kept=settings.keep and not notice, notice=notice)

        tabs = Tabs(bench, on_report=on_report, grace=settings.seconds_of_grace)
        site = Site(settings.bank, Keys(), port, bench, tabs, settings.keep)
        config = uvicorn.Config(
            make_app(site),
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
        on_listening(f"http://{ADDRESS}:{port}", site.keys)
        _Server(config, tabs).run(sockets=[listener])


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


def locate_entry(address: str, keys: Keys, *, path: str = "") -> str:
    """Make an address that lets a browser in, once."""
    aim = f"&to={path}" if path else ""
    return f"{address}/open?token={keys.make_token()}{aim}"
