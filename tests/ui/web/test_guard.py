"""The guard: only this machine's own browser gets in, only our own pages post, and not too much."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from tests.support.loopback import PATIENCE, TAB, Visitor, serve
from torch_judge.ui.web import guard
from torch_judge.ui.web.guard import LARGEST_BODY, LARGEST_READ
from torch_judge.ui.web.serve import WebServer

DRAFT = "/api/problems/double/draft"
PATHS = ("/", "/problems/double", "/progress", DRAFT, f"/api/tabs/{TAB}/events", "/nowhere")


def read_all(connection: socket.socket) -> bytes:
    """Read what a server says until it hangs up."""
    connection.settimeout(PATIENCE)
    said = b""
    try:
        while piece := connection.recv(65536):
            said += piece
    except ConnectionResetError:  # it hung up before it had read all that was sent
        pass
    return said


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


def write_head(server: WebServer, visitor: Visitor, last: str) -> bytes:
    """Write the head of a call of our own page; its last header tells how long the body is."""
    headers = (
        f"Host: 127.0.0.1:{server.port}",
        f"Cookie: {visitor.cookie}",
        f"Origin: {server.address}",
        "Content-Type: application/json",
        "X-Torch-Judge: page",
        last,
    )
    return "\r\n".join((f"POST {DRAFT} HTTP/1.1", *headers, "", "")).encode()


# --- where it listens, and under which names ---


def test_it_listens_on_loopback_alone(server: WebServer) -> None:
    assert server._listener.getsockname()[0] == "127.0.0.1"


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{port}", ""],
)
def test_a_foreign_host_is_refused_whatever_it_asks_for(
    server: WebServer, visitor: Visitor, host: str
) -> None:
    host = host.format(port=server.port)
    entry = server.make_entry().removeprefix(server.address)
    for path in (*PATHS, "/static/icon.svg", entry):
        assert visitor.get(path, Host=host).status == 400
    assert visitor.post(DRAFT, {"tab": TAB, "text": "x"}, Host=host, Origin=f"http://{host}").status == 400
    assert visitor.get(entry).status == 200  # the token was not used up


def test_localhost_is_this_machine_too(server: WebServer) -> None:
    host = f"localhost:{server.port}"
    visitor = Visitor(server.port, headers={"Host": host}).enter(server)
    assert visitor.get("/").status == 200
    assert visitor.post(DRAFT, {"tab": TAB, "text": "x"}, Origin=f"http://{host}").status == 200


# --- token and cookie ---


def test_without_the_cookie_nothing_is_shown_but_how_to_get_in(server: WebServer) -> None:
    stranger = Visitor(server.port)
    for path in PATHS:
        answer = stranger.get(path)
        assert answer.status == 401
        assert "open the address that torch-judge web printed" in answer.text
        assert "double" not in answer.text
    assert stranger.post(DRAFT, {"tab": TAB, "text": "x"}).status == 401
    assert stranger.get("/static/icon.svg").status == 200


@pytest.mark.parametrize(
    "cookie", ["x", "torch_judge_{port}=", "torch_judge_{port}=x", "torch_judge_1={value}", "=;,\x01"]
)
def test_another_cookie_is_none(server: WebServer, visitor: Visitor, cookie: str) -> None:
    given = cookie.format(port=server.port, value=visitor.cookie.partition("=")[2])
    assert Visitor(server.port, given).get("/").status == 401


def test_a_token_is_good_once(server: WebServer) -> None:
    entry = server.make_entry().removeprefix(server.address)
    answer = Visitor(server.port).get(entry)
    assert answer.status == 200
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and "path=/" in cookie
    assert "domain" not in cookie
    assert 'url=/"' in answer.text and entry not in answer.text  # the address goes, and the token with it
    again = Visitor(server.port).get(entry)
    assert again.status == 403
    assert "set-cookie" not in again.headers
    assert "was used before" in again.text


@pytest.mark.parametrize("query", ["", "?token=", "?token=x", "?to=/progress", "?token=x&token=y"])
def test_a_missing_or_wrong_token_lets_nobody_in(server: WebServer, query: str) -> None:
    answer = Visitor(server.port).get(f"/open{query}")
    assert (answer.status, "set-cookie" in answer.headers) == (403, False)


@pytest.mark.parametrize(
    "aim", ["//evil.example", "https://evil.example", "/open", "javascript:alert(1)", '"><script>']
)
def test_an_entry_leads_to_our_pages_and_nowhere_else(server: WebServer, aim: str) -> None:
    entry = server.make_entry().removeprefix(server.address)
    page = Visitor(server.port).get(f"{entry}&to={aim}".replace(" ", "%20")).text
    assert 'content="0; url=/"' in page and "<script>" not in page


# --- other origins ---


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_another_page_asks_for_is_refused_with_the_cookie_too(visitor: Visitor, site: str) -> None:
    assert visitor.get("/problems/double", Sec_Fetch_Site="same-origin").status == 200
    for path in (*PATHS, "/static/icon.svg"):
        assert visitor.get(path, Sec_Fetch_Site=site).status == 403


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1:{port}", "http://127.0.0.1:1", ""]
)
def test_another_origins_form_is_refused(server: WebServer, visitor: Visitor, origin: str) -> None:
    body = {"tab": TAB, "text": "theirs"}
    answer = visitor.post(DRAFT, body, Origin=origin.format(port=server.port))
    assert answer.status == 403
    assert visitor.get(f"{DRAFT}?tab={TAB}").json["revision"] == 0


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_a_form_is_no_call_even_from_our_own_origin(visitor: Visitor, kind: str) -> None:
    assert visitor.post(DRAFT, {"tab": TAB, "text": "x"}, Content_Type=kind).status == 403
    assert visitor.post(DRAFT, {"tab": TAB, "text": "x"}, X_Torch_Judge="").status == 403
    assert visitor.post(DRAFT, {"tab": TAB, "text": "x"}).status == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_no_other_method_is_answered_a_preflight_neither(visitor: Visitor, method: str) -> None:
    answer = visitor.ask(method, DRAFT, Origin="http://evil.example", Access_Control_Request_Method="POST")
    assert answer.status == 405
    assert not any(name.startswith("access-control") for name in answer.headers)


def test_no_answer_may_be_framed_read_elsewhere_or_load_anything_foreign(
    server: WebServer, visitor: Visitor
) -> None:
    stranger = Visitor(server.port)
    answers = [
        visitor.get(path)
        for path in ("/", "/problems/double", DRAFT, "/nowhere", "/static/icon.svg", "/open")
    ]
    answers += [stranger.get("/"), visitor.get("/", Host="evil"), visitor.post(DRAFT, "junk")]
    for answer in answers:
        policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
        assert policy["default-src"] == "'self'"
        assert policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == "'none'"
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert not any(name.startswith("access-control") for name in answer.headers)


def test_pages_are_kept_by_no_cache_and_files_by_their_contents(visitor: Visitor) -> None:
    page = visitor.get("/")
    assert page.headers["cache-control"] == "no-store"
    address = page.text.partition('rel="icon" href="')[2].partition('"')[0]
    assert "immutable" in visitor.get(address).headers["cache-control"]
    assert visitor.get("/static/icon.svg").headers["cache-control"] == "no-store"


# --- too much, and too slow ---


def test_a_body_of_100_megabytes_is_refused_before_it_is_read(server: WebServer, visitor: Visitor) -> None:
    with connect(server.port) as connection:
        head = write_head(server, visitor, f"Content-Length: {100 << 20}")
        connection.sendall(head)
        assert connection.recv(12) == b"HTTP/1.1 413"  # not a byte of the body was sent
        read_all(connection)  # and it hangs up


def test_a_body_that_does_not_say_how_large_it_is_is_read_no_further_than_the_bound(
    server: WebServer, visitor: Visitor
) -> None:
    with connect(server.port) as connection:
        head = write_head(server, visitor, "Transfer-Encoding: chunked")
        connection.sendall(head)
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        sent = 0
        try:
            while sent < 100 << 20:
                connection.sendall(chunk)
                sent += 0x10000
        except OSError:  # it hung up
            pass
        assert sent < 20 << 20


def test_a_body_just_below_the_bound_is_read(visitor: Visitor) -> None:
    text = "x" * (LARGEST_BODY - 100)
    assert visitor.post(DRAFT, {"tab": TAB, "text": text}).status == 200
    assert visitor.get(f"{DRAFT}?tab={TAB}").json["text"] == text
    for size in (LARGEST_BODY, LARGEST_READ - 100):  # it is told why, since it was heard to the end
        answer = visitor.post(DRAFT, {"tab": TAB, "text": "x" * size})
        assert (answer.status, "1024 KiB" in answer.json["error"]) == (413, True)


def test_whoever_is_refused_is_heard_to_the_end_and_told_why(visitor: Visitor) -> None:
    long = {"tab": TAB, "text": "x" * (3 << 20)}  # more than the sockets between them hold
    answer = visitor.post(DRAFT, long, Origin="http://evil.example")
    assert (answer.status, "our own page" in answer.json["error"]) == (403, True)


def test_a_slow_client_is_hung_up_on_and_keeps_nobody_waiting(
    bank: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "SECONDS_FOR_BODY", 0.5)
    monkeypatch.setattr("torch_judge.ui.web.serve.SECONDS_FOR_HEADERS", 0.5)
    with serve(bank) as server:
        visitor = Visitor(server.port).enter(server)
        head = write_head(server, visitor, "Content-Length: 100")
        slow = [connect(server.port) for _ in range(20)]
        for number, connection in enumerate(slow):
            connection.sendall(head + b"{" if number % 2 else head[:40])
        assert visitor.get("/").status == 200
        said = [read_all(connection) for connection in slow]
        assert [reply[:12] for reply in said] == [b"", b"HTTP/1.1 408"] * 10
        for connection in slow:
            connection.close()


def test_a_second_request_has_to_come_in_time_too(bank: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch_judge.ui.web.serve.SECONDS_FOR_HEADERS", 0.5)
    with serve(bank) as server, connect(server.port) as connection:
        head = f"GET /static/icon.svg HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        connection.sendall(f"{head}\r\n{head}X: ".encode())
        said = read_all(connection)  # until it hangs up
    assert said.count(b"HTTP/1.1 200") == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"tab": 1, "text": "x"}',
        b'{"text": "x"}',
        b"\xff",
        b'{"tab":"abcdefgh","text":"x","more":1}',
    ],
)
def test_a_call_that_is_none_is_told_what_is_wrong_with_it(
    visitor: Visitor, server: WebServer, body: bytes
) -> None:
    headers = {"Origin": server.address, "Content-Type": "application/json", "X-Torch-Judge": "page"}
    answer = visitor.ask("POST", DRAFT, body, **headers)
    assert answer.status == 400
    assert answer.json["error"].startswith("the call is not understood: ")
    assert json.loads(answer.body).keys() == {"error"}
