"""The server: what must hold before it starts, and a run from the first request to a clean end."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from torch_judge.judging.desk import Desk
from torch_judge.judging.workplace import Workplace
from torch_judge.model.bank import Bank
from torch_judge.model.errors import UsageError
from torch_judge.model.isolation import Layer
from torch_judge.model.reveals import Reveals

from .access import BearerAccess
from .api import Service
from .app import Vitals, make_app
from .bell import Bell
from .judges import Judges, Judging
from .measures import Measures
from .queue import RATE, SECONDS_OF_A_LEASE, Rate
from .store import open_store

SECONDS_TO_END: Final = 3
"""How long answers that are on their way, such as streams of events, may take when the server ends."""
MOST_CONNECTIONS: Final = 1000
LARGEST_HEAD: Final = 16 << 10
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Serving:
    """How a server is run; `place` is a folder or the URL of a PostgreSQL.

    With `ray`, the address of a cluster or `local`, actors of Ray judge: `jobs` of them, or one a core.
    """

    bank: Bank
    place: str | Path
    host: str
    port: int
    jobs: int | None
    required: frozenset[Layer]
    reveal: Reveals = Reveals.EVERYTHING
    rate: Rate = RATE
    seconds_of_a_lease: float = SECONDS_OF_A_LEASE
    may_be_root: bool = False
    ray: str | None = None


Extend = Callable[[ASGIApp, Service], AbstractContextManager[ASGIApp]]
"""Makes an application that answers more than the API does, and passes on to that what is the API's."""


def serve(serving: Serving, on_ready: Callable[[str], None], extend: Extend | None = None) -> None:
    """Serve until a signal ends it; `on_ready` is told the address once requests are answered.

    `extend` may put more before the API, such as pages.

    Raises UsageError for root and where no Ray answers, StoreError without a store, and JudgeError where less
    isolation holds than is required.
    """
    if hasattr(os, "geteuid") and os.geteuid() == 0 and not serving.may_be_root:
        raise UsageError(
            "strangers' code is judged here, so root may not serve it: start it as a user of its own"
        )
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    bell, measures = Bell(), Measures()
    with open_store(serving.place, seconds_of_a_lease=serving.seconds_of_a_lease) as store:
        judging = Judging(store, serving.bank, serving.required, serving.reveal, bell, measures)
        with (
            _listen(serving.host, serving.port) as listener,
            _open_workplaces(serving) as workplaces,
            Judges(judging, workplaces) as judges,
        ):
            service = Service(store, serving.bank, serving.reveal, serving.rate, bell)
            vitals = Vitals(measures, lambda: judges.complaint)
            api = make_app(service, BearerAccess(store.accounts), vitals)
            with extend(api, service) if extend is not None else nullcontext(api) as app:
                server = _Server(_configure(app), lambda: on_ready(_name_address(listener)), bell.end)
                server.run(sockets=[listener])


@contextmanager
def _open_workplaces(serving: Serving) -> Iterator[Sequence[Workplace]]:
    """Open what judges, for a block: a desk for each job here, or actors of Ray."""
    if serving.ray is None:
        jobs = serving.jobs or os.cpu_count() or 1
        yield [Desk(serving.required) for _ in range(jobs)]
        return
    from torch_judge.grading.ray_desk import open_ray_desks

    with open_ray_desks(serving.ray, count=serving.jobs, required=serving.required) as desks:
        yield desks


def _configure(app: object) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        access_log=False,
        log_level="warning",
        lifespan="off",
        server_header=False,
        proxy_headers=False,  # nothing here depends on a client's address
        limit_concurrency=MOST_CONNECTIONS,
        h11_max_incomplete_event_size=LARGEST_HEAD,
        timeout_graceful_shutdown=SECONDS_TO_END,
    )


class _Server(uvicorn.Server):
    """A server that says when it is ready, and outlives the signal that ends it."""

    def __init__(
        self, config: uvicorn.Config, on_ready: Callable[[], None], on_end: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._on_ready, self._on_end = on_ready, on_end
        self._loop: asyncio.AbstractEventLoop | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end; what must not be done in a signal's handler is done by the loop."""
        super().handle_exit(sig, frame)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._on_end)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Have signals end the server, and nothing but that: what it holds is given back afterwards."""
        before = {number: signal.signal(number, self.handle_exit) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        if self.started:
            self._on_ready()


def _listen(host: str, port: int) -> socket.socket:
    """Open the socket, before anything else is started that would have to be ended."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise UsageError(f"cannot listen on {host} port {port}: {error.strerror or error}") from None
    except OverflowError:
        raise UsageError(f"{port} is no port") from None


def _name_address(listener: socket.socket) -> str:
    host, port, *_ = listener.getsockname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
