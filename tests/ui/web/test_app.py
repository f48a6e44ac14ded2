"""The application: every route stands behind the guard, and what fails says so in a sentence."""

from __future__ import annotations

import re

import pytest

from tests.support.loopback import TAB, Visitor
from torch_judge.ui.web.app import ROUTES
from torch_judge.ui.web.serve import WebServer

PUBLIC = {"/open", "/static/{name}"}
VALUES = {"slug": "double", "tab": TAB, "number": "1", "name": "icon.svg"}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{'-'.join(sorted(route.methods))} {route.path}")
def test_no_route_but_the_way_in_and_our_files_answers_a_stranger(server: WebServer, route: object) -> None:
    path, methods = route.path, route.methods  # type: ignore[attr-defined]
    address = re.sub(r"\{(\w+)\}", lambda found: VALUES[found[1]], path)
    stranger = Visitor(server.port)
    for method in methods:
        answer = stranger.post(address) if method == "POST" else stranger.ask(method, address)
        let_in = path in PUBLIC and not (path == "/open" and method == "HEAD")
        assert (answer.status == 401) is not let_in, method
        if path.startswith("/api/") and method != "HEAD":
            assert answer.json.keys() == {"error"}


def test_every_call_that_changes_something_is_a_post_of_our_own_page() -> None:
    changing = {"reset", "hint", "solution", "submit", "run", "stop"}
    posted = {route.path.rpartition("/")[2] for route in ROUTES if "POST" in route.methods}
    read = {route.path.rpartition("/")[2] for route in ROUTES if "GET" in route.methods}
    assert changing <= posted and not changing & read


def test_a_check_is_no_page(visitor: Visitor) -> None:
    answer = visitor.get("/api/nowhere")
    assert (answer.status, answer.json["error"]) == (404, "there is no such page")
