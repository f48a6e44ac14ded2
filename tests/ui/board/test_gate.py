"""The gate: whoever shows a token is let in to their own pages, from our own pages, and nobody else is."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.requests import Request

from tests.support.board import TAB, Class, Member, open_class
from torch_judge.ui.board.gate import find_caller

DRAFT = "/api/problems/double/draft"
PAGES = ("/", "/problems/double", "/progress", "/class", "/class/grades.csv", "/nowhere")
CALLS = (DRAFT, "/api/problems/double/history", f"/api/tabs/{TAB}", f"/api/tabs/{TAB}/events")


# --- signing in and out ---


def test_a_token_lets_its_user_in_and_the_cookie_is_not_the_token(school: Class) -> None:
    answer = school.ada.send_form("/sign-in", {"token": school.ada.token, "to": "/progress"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/progress")
    cookie = answer.headers["set-cookie"]
    assert school.ada.token not in str(answer.headers)
    assert "httponly" in cookie.lower() and "samesite=strict" in cookie.lower()
    assert "path=/" in cookie.lower() and "domain" not in cookie.lower() and "secure" not in cookie.lower()
    page = school.ada.sign_in().get("/")
    assert page.status_code == 200
    assert ">ada</span>" in page.text and "Double" in page.text
    with school.store.database.transaction() as transaction:
        kept = str(transaction.read("SELECT * FROM sessions"))
    assert cookie.partition("=")[2].partition(";")[0] not in kept


@pytest.mark.parametrize("token", ["", "x", "tj_" + "a" * 43, "ada", "é\udcff"])
def test_a_wrong_token_lets_nobody_in_and_is_told_so(school: Class, token: str) -> None:
    fields = {"token": token.encode("utf-8", "surrogateescape").decode("utf-8", "replace")}
    answer = school.stranger.send_form("/sign-in", fields)
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
    assert "Nobody here has this token." in answer.text
    assert school.stranger.get("/sign-in").status_code == 200


def test_without_signing_in_nothing_is_shown_but_where_to_sign_in(school: Class) -> None:
    for path in PAGES:
        answer = school.stranger.get(path)
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/sign-in")
    for path in CALLS:
        answer = school.stranger.get(path)
        assert (answer.status_code, list(answer.json())) == (401, ["error"])
    assert school.stranger.post(DRAFT, {"tab": TAB, "text": "x"}).status_code == 401
    assert school.stranger.get("/static/icon.svg").status_code == 200
    page = school.stranger.get("/sign-in?to=/problems/double").text
    assert 'value="/problems/double"' in page and "Double" not in page


@pytest.mark.parametrize(
    "aim", ["//evil.example", "https://evil.example", "javascript:alert(1)", '"><script>']
)
def test_signing_in_leads_to_our_pages_and_nowhere_else(school: Class, aim: str) -> None:
    answer = school.ada.send_form("/sign-in", {"token": school.ada.token, "to": aim})
    assert answer.headers["location"] == "/"
    assert 'value="/"' in school.ada.ask("GET", "/sign-in", params={"to": aim}).text


def test_who_is_signed_in_is_led_on_instead_of_being_asked_again(school: Class) -> None:
    answer = school.ada.sign_in().get("/sign-in?to=/progress")
    assert (answer.status_code, answer.headers["location"]) == (303, "/progress")
    assert school.stranger.get("/sign-in?to=/progress").status_code == 200


def test_signing_out_ends_the_session_and_no_other(school: Class) -> None:
    first = school.ada.sign_in().cookie
    second = school.ada.sign_in().cookie
    answer = Member(school.ada.client, cookie=first).send_form("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert Member(school.ada.client, cookie=first).get("/").status_code == 303
    assert Member(school.ada.client, cookie=second).get("/").status_code == 200
    assert school.ada.get("/sign-out").status_code == 405


def test_another_token_and_the_end_of_an_account_sign_out(school: Class) -> None:
    school.ada.sign_in()
    school.bob.sign_in()
    school.store.accounts.renew_token("ada")
    school.store.accounts.remove("bob")
    assert [member.get(DRAFT).status_code for member in (school.ada, school.bob)] == [401, 401]


def test_too_many_wrong_tokens_from_an_address_are_refused_for_a_while(tmp_path: Path) -> None:
    with open_class(tmp_path, per_minute=3) as school:
        wrong = [school.stranger.send_form("/sign-in", {"token": "x"}) for _ in range(5)]
        assert [answer.status_code for answer in wrong] == [403, 403, 403, 429, 429]
        assert "too many wrong tokens" in wrong[-1].text.lower() and int(wrong[-1].headers["retry-after"]) > 0
        guess = school.ada.send_form("/sign-in", {"token": school.ada.token})
        assert guess.status_code == 429  # or else a right guess would be told
        elsewhere = {"X_Forwarded_For": "203.0.113.7"}  # as the proxy on this machine says
        assert school.ada.sign_in(**elsewhere).get("/").status_code == 200


# --- other origins ---


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", ""])
def test_another_origins_form_is_refused(school: Class, origin: str) -> None:
    school.ada.sign_in()
    assert school.ada.post(DRAFT, {"tab": TAB, "text": "theirs"}, Origin=origin).status_code == 403
    assert school.ada.get(f"{DRAFT}?tab={TAB}").json()["revision"] == 0
    assert school.ada.send_form("/sign-out", Origin=origin).status_code == 403
    assert school.ada.get("/").status_code == 200
    answer = school.stranger.send_form("/sign-in", {"token": school.bob.token}, Origin=origin)
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


def test_a_form_is_no_call_even_from_our_own_origin(school: Class) -> None:
    school.ada.sign_in()
    body = {"tab": TAB, "text": "x"}
    assert school.ada.post(DRAFT, body, Content_Type="text/plain").status_code == 403
    assert school.ada.post(DRAFT, body, X_Torch_Judge="").status_code == 403
    assert school.ada.post(DRAFT, body).status_code == 200


def test_another_site_may_lead_here_and_read_nothing(school: Class) -> None:
    school.ada.sign_in()
    visit = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
    assert school.stranger.get("/problems/double", **visit).status_code == 303
    for changes in ({"Sec_Fetch_Mode": "no-cors"}, {"Sec_Fetch_Dest": "iframe"}):
        for path in ("/", DRAFT, "/static/icon.svg"):
            assert school.ada.get(path, **{**visit, **changes}).status_code == 403
    assert school.ada.send_form("/sign-out", **visit).status_code == 403


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH"])
def test_no_other_method_is_answered_a_preflight_neither(school: Class, method: str) -> None:
    answer = school.ada.sign_in().ask(method, DRAFT, {"Origin": "http://evil.example"})
    assert answer.status_code == 405
    assert not any(name.startswith("access-control") for name in answer.headers)


def test_no_answer_may_be_framed_kept_or_load_anything_foreign(school: Class) -> None:
    answers = [school.stranger.get(path) for path in ("/", "/sign-in", DRAFT)]
    school.ada.sign_in()
    answers += [school.ada.get(path) for path in ("/", "/problems/double", DRAFT, "/nowhere", "/class")]
    answers += [school.ada.post(DRAFT, "junk"), school.ada.post(DRAFT, {}, Origin="http://evil.example")]
    for answer in answers:
        policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
        assert policy["default-src"] == "'self'"
        assert policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == "'none'"
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["cache-control"] == "no-store"


# --- beside the API, and behind a proxy ---


def test_a_session_is_worth_nothing_to_the_api_and_a_token_nothing_to_a_page(school: Class) -> None:
    school.ada.sign_in()
    assert school.ada.get("/api/v1/me").status_code == 401
    bearer = {"Authorization": f"Bearer {school.ada.token}"}
    assert school.stranger.get("/api/v1/me", **bearer).json()["name"] == "ada"
    assert school.stranger.get("/", **bearer).status_code == 303
    assert school.stranger.get("/health").json()["status"] == "ok"


def test_the_cookie_goes_by_https_only_where_the_proxy_says_that_it_came_so(school: Class) -> None:
    host = school.ada.address.partition("//")[2]
    secure = {"X_Forwarded_Proto": "https", "Origin": f"https://{host}"}
    answer = school.ada.send_form("/sign-in", {"token": school.ada.token}, **secure)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-torch_judge=") and "; secure" in cookie.lower()
    school.ada.cookie = cookie.partition(";")[0]
    assert school.ada.get("/", X_Forwarded_Proto="https").status_code == 200
    assert school.ada.get("/").status_code == 303  # by plain HTTP it is not the session's
    plain = {**secure, "Origin": f"http://{host}"}
    assert school.ada.send_form("/sign-in", {"token": school.ada.token}, **plain).status_code == 403


def test_only_a_trusted_proxy_is_believed() -> None:
    headers = [(b"x-forwarded-proto", b"https"), (b"x-forwarded-for", b"6.6.6.6, 203.0.113.7")]
    request = Request({"type": "http", "headers": headers, "client": ("10.0.0.9", 1), "path": "/"})
    believed = find_caller(request, frozenset({"10.0.0.9"}))
    assert (believed.address, believed.is_secure) == ("203.0.113.7", True)
    stranger = find_caller(request, frozenset({"127.0.0.1"}))
    assert (stranger.address, stranger.is_secure) == ("10.0.0.9", False)


def test_whoever_is_refused_is_heard_to_the_end_and_told_why(school: Class) -> None:
    long = {"tab": TAB, "text": "x" * (3 << 20)}  # more than the sockets between them hold
    foreign = school.ada.sign_in().post(DRAFT, long, Origin="http://evil.example")
    assert (foreign.status_code, "our own page" in foreign.json()["error"]) == (403, True)
    unknown = school.stranger.post(DRAFT, long)
    assert (unknown.status_code, "sign in first" in unknown.json()["error"]) == (401, True)


def test_a_body_too_large_is_refused(school: Class) -> None:
    answer = school.ada.sign_in().post(DRAFT, {"tab": TAB, "text": "x" * (1 << 20)})
    assert (answer.status_code, "1024 KiB" in answer.json()["error"]) == (413, True)
    assert school.stranger.send_form("/sign-in", {"token": "x" * (2 << 20)}).status_code == 413
    # of whoever is not signed in a body is dropped as it comes
    answer = school.stranger.post(DRAFT, {"tab": TAB, "text": "x"})
    assert (answer.status_code, answer.headers["connection"]) == (401, "close")
