"""The pages of `torch-judge web`, served on loopback by this process, and visitors that ask for them."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from threading import Thread
from typing import Any

from torch_judge.model.bank import find_bank
from torch_judge.ui.web.serve import Settings, WebServer

PATIENCE = 60.0
TAB = "abcdefgh12345678"


@contextmanager
def serve(bank: Path, **settings: Any) -> Iterator[WebServer]:
    """Serve a bank from a thread of this process until the block ends."""
    with WebServer(Settings(find_bank(bank), **settings)) as server:
        thread = Thread(target=server.run)
        thread.start()
        try:
            yield server
        finally:
            server.stop()
            thread.join(PATIENCE)
            assert not thread.is_alive()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """Return the body as text."""
        return self.body.decode()

    @property
    def json(self) -> Any:
        """Return the body as what its JSON says."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Told:
    """An event that a stream told."""

    name: str
    id: str
    data: dict[str, Any]


@dataclass
class Visitor:
    """Somebody who asks a server for something; with the cookie, once let in."""

    port: int
    cookie: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """Ask for something; `_` in a header's name is `-`."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, self._headers(headers))
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        """Ask for a page or for what a script reads."""
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        """Post JSON as the page's own script does."""
        own = {
            "Origin": f"http://127.0.0.1:{self.port}",
            "Content-Type": "application/json",
            "X-Torch-Judge": "page",
        }
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("POST", path, json.dumps({} if body is None else body).encode(), **{**own, **given})

    def enter(self, server: WebServer) -> Visitor:
        """Trade a token for the cookie."""
        answer = self.get(server.make_entry().removeprefix(server.address))
        assert answer.status == 200, answer.text
        self.cookie = answer.headers["set-cookie"].partition(";")[0]
        return self

    @contextmanager
    def listen(self, tab: str = TAB, **headers: str) -> Iterator[Iterator[Told]]:
        """Listen to the events of a tab; the connection is closed when the block ends."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("GET", f"/api/tabs/{tab}/events", headers=self._headers(headers))
        response = connection.getresponse()
        assert response.status == 200
        assert (response.getheader("content-type") or "").startswith("text/event-stream")
        try:
            yield _read_events(response)
        finally:
            if connection.sock is not None:
                connection.sock.shutdown(socket.SHUT_RDWR)
            response.close()
            connection.close()

    def hear(self, tab: str = TAB) -> list[Told]:
        """Listen to a tab until its stream ends; return all that was told."""
        with self.listen(tab) as events:
            return list(events)

    def _headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        cookie = {"Cookie": self.cookie} if self.cookie else {}
        return {**cookie, **self.headers, **given}


def _read_events(response: HTTPResponse) -> Iterator[Told]:
    fields: dict[str, str] = {}
    for raw in response:
        line = raw.decode().rstrip("\n")
        if not line and "event" in fields:
            yield Told(fields["event"], fields["id"], json.loads(fields["data"]))
            fields = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value
