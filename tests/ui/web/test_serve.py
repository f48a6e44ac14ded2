"""The server: an address of its own, a port that may be taken, and an end that leaves nothing."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from tests.support.loopback import Visitor, serve
from torch_judge.model.bank import find_bank
from torch_judge.model.errors import UsageError
from torch_judge.ui.web.serve import Settings, WebServer


def test_each_server_has_a_port_of_its_own_and_lets_in_by_its_own_cookie(bank: Path) -> None:
    with serve(bank) as first, serve(bank) as second:
        assert first.port != second.port
        visitor = Visitor(first.port).enter(first)
        assert visitor.get("/").status == 200
        assert Visitor(second.port, visitor.cookie).get("/").status == 401


def test_a_port_that_is_taken_is_said_and_nothing_is_left(bank: Path) -> None:
    before = set(threading.enumerate())
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            UsageError, match=f"port {port} cannot be used: .*--port 0 takes one that is free"
        ):
            WebServer(Settings(find_bank(bank), port=port))
    assert set(threading.enumerate()) == before


def test_a_server_that_is_gone_gives_its_port_back(bank: Path) -> None:
    with serve(bank) as server:
        port = server.port
    with serve(bank, port=port) as again:
        assert Visitor(again.port).enter(again).get("/").status == 200


def test_an_entry_leads_to_a_path_and_lets_several_browsers_in(bank: Path) -> None:
    with serve(bank) as server:
        for _ in range(2):
            entry = server.make_entry(path="/problems/double")
            answer = Visitor(server.port).get(entry.removeprefix(server.address))
            assert 'content="0; url=/problems/double"' in answer.text
