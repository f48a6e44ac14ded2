"""The API: what it answers is what its document says, users see their own, and no answer says too much."""

from __future__ import annotations

import csv
import io
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from tests.support.openapi import OPENAPI, check_answer, find_operation, read_events
from tests.support.packages import NUMPY_CASES, SAMPLES
from tests.support.services import NUMPY, SLOW, reach, wait_until, write_bank
from torch_judge.judging.desk import Desk
from torch_judge.model.bank import find_bank
from torch_judge.model.report import Report, json_schema
from torch_judge.model.reveals import Reveals
from torch_judge.service import api
from torch_judge.service.access import BearerAccess
from torch_judge.service.api import LARGEST_BODY, PREFIX, Service, make_routes
from torch_judge.service.app import SECURITY, Vitals, make_app
from torch_judge.service.bell import Bell
from torch_judge.service.judges import Judges, Judging
from torch_judge.service.measures import Measures
from torch_judge.service.queue import Rate, State
from torch_judge.service.store import Store, open_store
from torch_judge.service.users import Role

RIGHT = SAMPLES["accepted/adds_twice.py"]
WRONG = SAMPLES["wrong_answer/returns_x.py"]
TITLE, SENTENCE = "hidden title of a case", "Hidden sentence of a case."
CASES = NUMPY_CASES.replace("@case(rejects", f'@case(title="{TITLE}", rejects').replace(
    "Without a scale, the result is twice x.", SENTENCE
)


class Client:
    """A client of one user, which holds every answer against the document."""

    def __init__(self, client: httpx.Client, token: str) -> None:
        self._client, self._headers = client, {"Authorization": f"Bearer {token}"} if token else {}

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Ask for a path below the API's prefix."""
        headers = {**self._headers, **options.pop("headers", {})}
        address = path if path in {"/health", "/metrics"} else PREFIX + path
        answer = self._client.request(method, address, headers=headers, **options)
        check_answer(answer)
        assert answer.headers["x-content-type-options"] == "nosniff"
        return answer

    def get(self, path: str, **options: Any) -> Any:
        """Ask for what must be there, and return its JSON."""
        answer = self.ask("GET", path, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def submit(self, source: str = RIGHT, **fields: Any) -> str:
        """Submit an answer and return its id."""
        answer = self.ask("POST", "/submissions", json={"problem": "double", "source": source, **fields})
        assert answer.status_code == 202, answer.text
        identity: str = answer.json()["id"]
        assert answer.headers["location"] == f"{PREFIX}/submissions/{identity}"
        return identity

    def refuse(self, status: int, method: str, path: str, **options: Any) -> str:
        """Ask for what is refused with a status, and return the sentence."""
        answer = self.ask(method, path, **options)
        assert answer.status_code == status, answer.text
        sentence: str = answer.json()["error"]
        return sentence

    def follow(self, identity: str, *, last: int | None = None) -> list[dict[str, Any]]:
        """Follow a submission to its report, and return the events."""
        headers = {} if last is None else {"Last-Event-ID": str(last)}
        answer = self.ask("GET", f"/submissions/{identity}/events", headers=headers)
        assert answer.status_code == 200, answer.text
        return read_events(answer.text)


@dataclass(frozen=True, slots=True)
class House:
    """A server's application without the sockets, and three users."""

    store: Store
    service: Service
    app: Starlette
    client: httpx.Client
    ada: Client
    bob: Client
    tina: Client
    judging: Judging

    def judge(self) -> Judges:
        """Return judges that work off what waits, for a block."""
        return Judges(self.judging, [Desk(self.judging.required)])


def open_house(folder: Path, reveal: Reveals = Reveals.EVERYTHING, toml: str = NUMPY) -> Iterator[House]:
    bank = find_bank(write_bank(folder / "bank", problem=toml, cases=CASES))
    bell, measures = Bell(), Measures()
    with open_store(folder / "data") as store:
        service = Service(store, bank, reveal, Rate(per_minute=1000, waiting=1000), bell)
        app = make_app(service, BearerAccess(store.accounts), Vitals(measures, lambda: ""))
        tokens = [store.accounts.add(name) for name in ("ada", "bob")]
        tokens.append(store.accounts.add("tina", Role.TEACHER))
        with reach(app) as client:
            judging = Judging(store, bank, frozenset(), reveal, bell, measures)
            yield House(store, service, app, client, *(Client(client, token) for token in tokens), judging)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    yield from open_house(tmp_path)


# --- the document ---


def test_the_document_has_every_route_and_no_other(house: House) -> None:
    routes = [route for route in house.app.routes if isinstance(route, Route)]
    served = {(route.path, method) for route in routes for method in (route.methods or set()) - {"HEAD"}}
    described = {(path, method.upper()) for path, found in OPENAPI["paths"].items() for method in found}
    assert served == described
    assert len(served) == 14


def test_the_document_is_served_as_it_is_checked_in(house: House) -> None:
    assert Client(house.client, "").get("/openapi.json") == OPENAPI


def test_every_schema_of_the_document_is_one_and_every_reference_leads_somewhere() -> None:
    for schema in OPENAPI["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    text = json.dumps(OPENAPI)
    for name in {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}:
        assert name in OPENAPI["components"]["schemas"], name


def test_a_report_in_the_document_is_what_a_report_s_own_schema_says() -> None:
    schema = json.loads(json.dumps(json_schema()).replace("#/$defs/", "#/components/schemas/"))
    schemas = OPENAPI["components"]["schemas"]
    assert {name: schemas[name] for name in schema["$defs"]} == schema["$defs"]
    assert schemas["Report"]["properties"] == schema["properties"]


def test_what_the_document_does_not_describe_is_noticed() -> None:
    request = httpx.Request("GET", f"http://judge{PREFIX}/me")
    for answer in (
        httpx.Response(200, json={"name": "ada"}, request=request),
        httpx.Response(200, json={"name": "ada", "role": "learner", "more": 1}, request=request),
    ):
        with pytest.raises(jsonschema.ValidationError):
            check_answer(answer)
    with pytest.raises(AssertionError):
        check_answer(httpx.Response(418, json={"error": "no"}, request=request))
    with pytest.raises(AssertionError, match="is not in the document"):
        find_operation("GET", f"{PREFIX}/nothing")


# --- from a submission to its report ---


def test_a_submission_is_judged_and_its_events_come_in_order(house: House) -> None:
    identity = house.ada.submit(WRONG)
    waiting = house.ada.get(f"/submissions/{identity}")
    assert (waiting["state"], waiting["ahead"], waiting["report"]) == ("waiting", 0, None)
    events: list[dict[str, Any]] = []
    follower = threading.Thread(target=lambda: events.extend(house.ada.follow(identity)))
    follower.start()
    wait_until(lambda: identity in house.service.bell._listeners)
    with house.judge():
        follower.join()
    assert [event["event"] for event in events] == ["waiting", "taken", "suite", "case", "report"]
    assert [event.get("id") for event in events] == [None, "1", "2", "3", "4"]
    done = house.ada.get(f"/submissions/{identity}")
    assert (done["state"], done["verdict"], done["passed"], done["cases"]) == ("done", "wrong answer", 0, 1)
    assert done["report"] == events[-1]["data"]
    report = Report.from_json(json.dumps(done["report"]))
    assert report.failed[0].title == TITLE
    assert report.diagnosis is not None


def test_a_stream_is_taken_up_where_it_ended(house: House) -> None:
    identity = house.ada.submit(WRONG)
    with house.judge():
        house.ada.follow(identity)
    whole = house.ada.follow(identity)
    assert [event["id"] for event in whole] == ["1", "2", "3", "4"]
    assert house.ada.follow(identity, last=2) == whole[2:]
    assert house.ada.follow(identity, last=3)[0]["event"] == "report"


def test_events_come_while_the_check_runs(house: House) -> None:
    """The submission stops in its only case, and by then the suite is told."""
    identity = house.ada.submit(SLOW)
    headers = {"Authorization": f"Bearer {house.store.accounts.renew_token('ada')}"}
    with (
        house.judge(),
        house.client.stream("GET", f"{PREFIX}/submissions/{identity}/events", headers=headers) as answer,
    ):
        lines = (line for line in answer.iter_lines() if line.startswith("event: "))
        assert "event: suite" in lines
    entry = house.store.ledger.find(identity)
    assert entry is not None
    assert entry.state is State.WAITING


def test_what_is_withdrawn_is_told_and_never_judged(house: House) -> None:
    first, second = house.ada.submit(), house.ada.submit()
    events: list[dict[str, Any]] = []
    follower = threading.Thread(target=lambda: events.extend(house.ada.follow(second)))
    follower.start()
    wait_until(lambda: second in house.service.bell._listeners)
    time.sleep(0.2)
    for _ in range(2):
        gone = house.ada.ask("DELETE", f"/submissions/{first}")
        assert (gone.status_code, gone.json()["state"]) == (200, "withdrawn")
        assert gone.json()["verdict"] is None and gone.json()["done_at"] is not None
    time.sleep(1.5)  # as long as a stream looks for who is ahead
    house.ada.ask("DELETE", f"/submissions/{second}")
    follower.join()
    assert [(event["event"], event["data"]) for event in events] == [
        ("waiting", {"ahead": 1}),
        ("waiting", {"ahead": 0}),
        ("withdrawn", {}),
    ]
    assert house.store.queue.take() is None
    listed = house.ada.get("/me/history")["submissions"]
    assert [one["state"] for one in listed] == ["withdrawn", "withdrawn"]
    (learner, _) = house.tina.get("/class")["learners"]
    assert learner["problems"] == []


def test_what_is_judged_now_is_withdrawn_too_and_what_is_done_is_not(house: House) -> None:
    with house.judge():
        running = house.ada.submit(SLOW)
        wait_until(lambda: house.ada.get(f"/submissions/{running}")["state"] == "running")
        assert house.ada.ask("DELETE", f"/submissions/{running}").status_code == 200
        assert house.ada.follow(running)[-1]["event"] == "withdrawn"
        done = house.ada.submit(RIGHT)
        assert house.ada.follow(done)[-1]["data"]["verdict"] == "accepted"
    assert house.ada.refuse(409, "DELETE", f"/submissions/{done}") == "it is judged already"
    assert house.ada.get(f"/submissions/{running}")["report"] is None


def test_nobody_withdraws_what_is_another_s_a_teacher_neither(house: House) -> None:
    identity = house.ada.submit()
    said = house.bob.refuse(404, "DELETE", f"/submissions/{identity}")
    assert said == "you have no submission of this id"
    said = house.tina.refuse(403, "DELETE", f"/submissions/{identity}")
    assert said == "only whoever submitted it can withdraw it"
    assert house.ada.get(f"/submissions/{identity}")["state"] == "waiting"


def test_the_stream_of_a_user_who_is_removed_ends(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "SECONDS_OF_SILENCE", 0.1)
    identity = house.ada.submit()
    events: list[dict[str, Any]] = []
    follower = threading.Thread(target=lambda: events.extend(house.ada.follow(identity)))
    follower.start()
    wait_until(lambda: identity in house.service.bell._listeners)
    house.store.accounts.remove("ada")
    follower.join()
    assert {event["event"] for event in events} <= {"waiting"}


def test_a_notebook_s_cells_and_the_modules_beside_it_are_judged(house: House) -> None:
    body = {
        "problem": "1",
        "cells": [
            {"name": "cell 1", "source": "%matplotlib inline\nfrom beside import half"},
            {"name": "cell 2", "source": "def double(x, scale=2.0):\n    return 2 * half(x) * scale"},
        ],
        "notebook": True,
        "modules": {"beside": {"source": "def half(x):\n    return x / 2\n"}},
        "name": "mine.ipynb",
    }
    answer = house.ada.ask("POST", "/submissions", json=body)
    assert answer.json()["problem"] == "double"
    with house.judge():
        report = house.ada.follow(answer.json()["id"])[-1]["data"]
    assert (report["verdict"], report["submission"]) == ("accepted", "mine.ipynb")
    source = house.ada.ask("GET", f"/submissions/{answer.json()['id']}/source").text
    assert source.startswith("%matplotlib inline\n")
    assert "# beside\ndef half(x):" in source


def test_what_no_database_holds_as_text_is_kept_as_it_is(house: House) -> None:
    identity = house.ada.submit(body_of := 'double = abs  # \x00 "\\ud800"\n')
    assert house.ada.ask("GET", f"/submissions/{identity}/source").text == body_of
    raw = b'{"problem": "double", "source": "double = abs # \\ud800"}'
    answer = house.ada.ask("POST", "/submissions", content=raw, headers={"Content-Type": "application/json"})
    assert answer.status_code == 202
    with house.judge():
        for one in (identity, answer.json()["id"]):
            assert house.ada.follow(one)[-1]["data"]["verdict"] in {"compile error", "wrong answer"}
    assert "\\ud800" in house.ada.ask("GET", f"/submissions/{answer.json()['id']}/source").text


def test_the_same_key_is_the_same_submission(house: House) -> None:
    body = {"problem": "double", "source": RIGHT}
    key = {"Idempotency-Key": "k1"}
    ids = {house.ada.ask("POST", "/submissions", json=body, headers=key).json()["id"] for _ in range(3)}
    assert len(ids) == 1
    assert house.bob.ask("POST", "/submissions", json=body, headers=key).json()["id"] not in ids
    said = house.ada.refuse(400, "POST", "/submissions", json=body, headers={"Idempotency-Key": "k" * 65})
    assert said == "the header Idempotency-Key holds 1 to 64 characters"


def test_each_check_draws_a_seed_and_only_a_teacher_chooses_one(house: House) -> None:
    first, second = house.ada.submit(), house.ada.submit()
    chosen = house.tina.submit(seed=7)
    with house.judge():
        seeds = [
            client.follow(one)[-1]["data"]["seed"]
            for client, one in ((house.ada, first), (house.ada, second), (house.tina, chosen))
        ]
    assert seeds[0] != seeds[1]
    assert seeds[2] == 7
    body = {"problem": "double", "source": RIGHT, "seed": 7}
    assert "drawn afresh" in house.ada.refuse(403, "POST", "/submissions", json=body)
    for seed in (-1, 2**32, 1.5, "7", True):
        said = house.tina.refuse(400, "POST", "/submissions", json={**body, "seed": seed})
        assert said == "`seed` is a whole number from 0 to 4294967295"


# --- what is refused ---


def test_without_a_token_or_with_a_wrong_one_nothing_is_answered(house: House) -> None:
    for path, methods in OPENAPI["paths"].items():
        if not path.startswith(PREFIX) or path.endswith("openapi.json"):
            continue
        for method in methods:
            place = path.removeprefix(PREFIX).replace("{id}", "x").replace("{slug}", "double")
            for token in ("", "tj_wrong", "ä" * 3):
                client = Client(house.client, "") if not token else Client(house.client, token.encode().hex())
                said = client.refuse(401, method.upper(), place)
                assert said.startswith("no token, or one that nobody has")
    basic = {"Authorization": "Basic eDp5"}
    assert house.ada.ask("GET", "/me", headers=basic).status_code == 401


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "the body is no JSON"),
        (b"{", "the body is no JSON"),
        (b"[" * 100_000, "the body is no JSON"),
        (b"\xff", "the body is no JSON"),
        (b"[]", "the body is no JSON object"),
        (b"{}", "`problem` is missing: the name of a problem"),
        (b'{"problem": 7}', "`problem` is missing: the name of a problem"),
        (b'{"problem": "double"}', "this is no submission: it has either a `source` or `cells`"),
        (b'{"problem": "double", "source": 7}', "this is no submission: Expected `str | null`, got `int`"),
        (
            b'{"problem": "double", "source": "x", "extra": 1}',
            "this is no submission: Object contains unknown",
        ),
        (b'{"problem": "double", "source": " "}', "submission.py holds no code"),
        (
            b'{"problem": "double", "source": "x", "cells": [{"name": "a", "source": "x"}]}',
            "this is no submission",
        ),
        (
            b'{"problem": "1", "cells": [{"name": "a", "source": ""}], "modules": {"../x": {"source": ""}}}',
            "this is no submission: '../x' is no module's name",
        ),
    ],
)
def test_a_body_that_is_no_submission_is_said_in_a_sentence(house: House, body: bytes, said: str) -> None:
    headers = {"Content-Type": "application/json"}
    assert house.ada.refuse(400, "POST", "/submissions", content=body, headers=headers).startswith(said)
    assert house.store.queue.take() is None


def test_a_problem_that_is_not_there_is_said_with_what_was_perhaps_meant(house: House) -> None:
    body = {"problem": "doubl", "source": RIGHT}
    assert "did you mean 'double'?" in house.ada.refuse(404, "POST", "/submissions", json=body)
    assert "did you mean 'double'?" in house.ada.refuse(404, "GET", "/problems/doubl")
    assert "no problem '..'" in house.ada.refuse(404, "GET", "/problems/%2e%2e")


def test_a_body_is_json_and_bounded(house: House) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert "the body is JSON" in house.ada.refuse(415, "POST", "/submissions", content=b"{}", headers=form)
    large = {"problem": "double", "source": "#" * LARGEST_BODY}
    assert house.ada.refuse(413, "POST", "/submissions", json=large) == "the body has more than 4 MiB"

    def stream() -> Iterator[bytes]:
        for _ in range(6):
            yield b" " * (1 << 20)

    kind = {"Content-Type": "application/json"}
    assert "4 MiB" in house.ada.refuse(413, "POST", "/submissions", content=stream(), headers=kind)


def test_a_body_that_does_not_arrive_is_waited_for_so_long(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "SECONDS_FOR_A_BODY", 0.2)
    token = house.store.accounts.renew_token("ada")
    url = house.client.base_url
    with socket.create_connection((url.host, url.port or 0), timeout=60) as connection:
        head = f"POST {PREFIX}/submissions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        kind = "Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
        connection.sendall((head + kind).encode())
        answer = b"".join(iter(lambda: connection.recv(4096), b""))  # to the end of the connection
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'{"error":"the body did not arrive within 0.2 seconds"}' in answer


def test_a_user_who_asks_too_often_is_told_when_to_come_again(tmp_path: Path) -> None:
    for house in open_house(tmp_path):
        service = replace(house.service, rate=Rate(per_minute=1))
        app = make_app(service, BearerAccess(house.store.accounts), Vitals(Measures(), lambda: ""))
        token = house.store.accounts.renew_token("ada")
        with reach(app) as client:
            ada = Client(client, token)
            ada.submit()
            answer = ada.ask("POST", "/submissions", json={"problem": "double", "source": RIGHT})
        assert answer.status_code == 429
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        assert "1 submissions in a minute are the most" in answer.json()["error"]


def test_an_id_or_a_number_that_is_none_is_said(house: House) -> None:
    identity = house.ada.submit()
    for last in ("x", "-1", "1.5", "9" * 30):
        said = house.ada.refuse(
            400, "GET", f"/submissions/{identity}/events", headers={"Last-Event-ID": last}
        )
        assert "Last-Event-ID" in said
    for query in ("before=x", "most=0", "before=-1", f"most={'9' * 30}"):
        assert "whole number above zero" in house.ada.refuse(400, "GET", f"/me/history?{query}")


def test_other_addresses_and_methods_are_refused_in_json(house: House) -> None:
    for method, path, status in (("GET", "/nothing", 404), ("DELETE", f"{PREFIX}/me", 405)):
        answer = house.client.request(method, path)
        assert answer.status_code == status
        assert set(answer.json()) == {"error"}
        assert {name: answer.headers.get(name) for name in SECURITY} == SECURITY


# --- who sees what ---


def test_two_users_do_not_see_each_other_and_a_teacher_sees_both(house: House) -> None:
    identity = house.ada.submit(RIGHT)
    with house.judge():
        house.ada.follow(identity)
    for path in ("", "/events", "/source"):
        said = house.bob.refuse(404, "GET", f"/submissions/{identity}{path}")
        assert said == "you have no submission of this id"
        assert house.tina.ask("GET", f"/submissions/{identity}{path}").status_code == 200
    assert house.bob.get("/me/history") == {"submissions": []}
    assert [one["id"] for one in house.ada.get("/me/history")["submissions"]] == [identity]


def test_a_history_is_read_page_by_page(house: House) -> None:
    ids = [house.ada.submit() for _ in range(3)]
    first = house.ada.get("/me/history?most=2")["submissions"]
    second = house.ada.get(f"/me/history?most=2&before={first[-1]['number']}")["submissions"]
    assert [one["id"] for one in (*first, *second)] == ids[::-1]


def test_only_a_teacher_sees_the_class(house: House) -> None:
    with house.judge():
        for client, source in ((house.ada, RIGHT), (house.ada, WRONG), (house.bob, WRONG)):
            client.follow(client.submit(source))
    for path in ("/class", "/class/grades.csv"):
        assert house.ada.refuse(403, "GET", path) == "only a teacher sees the class"
    learners = house.tina.get("/class")["learners"]
    assert [learner["name"] for learner in learners] == ["ada", "bob"]
    (ada,) = learners[0]["problems"]
    assert (ada["problem"], ada["attempts"], ada["solved"]) == ("double", 2, True)
    rows = list(csv.DictReader(io.StringIO(house.tina.ask("GET", "/class/grades.csv").text)))
    assert [(row["student"], row["solved"], row["score"]) for row in rows] == [
        ("ada", "yes", "1.0000"),
        ("bob", "no", "0.0000"),
    ]


def test_who_one_is_and_what_there_is(house: House) -> None:
    assert house.ada.get("/me") == {"name": "ada", "role": "learner"}
    assert house.tina.get("/me") == {"name": "tina", "role": "teacher"}
    (problem,) = house.ada.get("/problems")["problems"]
    assert (problem["slug"], problem["entry_point"], problem["topic"]) == ("double", "double", None)
    whole = house.ada.get("/problems/double")
    assert whole["statement"].startswith("# Double")
    assert "raise NotImplementedError" in whole["starter"]


def test_nothing_of_the_jury_or_the_suite_is_in_any_answer_to_a_learner_who_has_not_failed(
    house: House,
) -> None:
    for path in ("/problems", "/problems/double", "/me/history", "/openapi.json"):
        text = house.ada.ask("GET", path).text
        assert TITLE not in text
        assert SENTENCE not in text
        assert "return x * scale\n" not in text


# --- what a failed check reveals ---

HIDDEN = 'import sys\n\n\ndef double(x, scale=2.0):\n    print("told", float(x[0, 0]))\n    return x + 0\n'


def read_all(client: Client, identity: str) -> str:
    """Read all that a user can read of a submission but its own source."""
    events = client.ask("GET", f"/submissions/{identity}/events").text
    return events + client.ask("GET", f"/submissions/{identity}").text


@pytest.mark.parametrize("by_problem", [True, False])
@pytest.mark.parametrize("reveals", ["diagnosis", "verdicts"])
def test_a_policy_keeps_titles_numbers_and_what_is_printed_from_a_learner(
    tmp_path: Path, reveals: str, *, by_problem: bool
) -> None:
    toml = NUMPY.replace("[limits]", f'reveals = "{reveals}"\n\n[limits]') if by_problem else NUMPY
    server = Reveals.EVERYTHING if by_problem else Reveals(reveals)
    for house in open_house(tmp_path, server, toml):
        identity, named = house.ada.submit(HIDDEN), house.ada.submit(WRONG)
        with house.judge():
            house.ada.follow(identity)
            house.ada.follow(named)
        whole = read_all(house.tina, identity)
        (case,) = house.tina.get(f"/submissions/{identity}")["report"]["cases"]
        numbers = set(re.findall(r"\d+\.\d{4,}", case["message"] + case["stdout"]))
        learned = read_all(house.ada, identity) + read_all(house.ada, named)
        assert numbers
        for hidden in (TITLE, SENTENCE, "doubles_by_default", "told", "expected", *numbers):
            assert hidden in whole
            assert hidden not in learned
        report = house.ada.get(f"/submissions/{named}")["report"]
        assert report["verdict"] == "wrong answer"
        assert (report["diagnosis"] is not None) == (reveals == "diagnosis")
        assert [case["title"] for case in report["cases"]] == ["case 1"]
        assert house.ada.get("/problems/double")["reveals"] == reveals


def test_a_server_only_tightens_what_a_problem_reveals(tmp_path: Path) -> None:
    toml = NUMPY.replace("[limits]", 'reveals = "verdicts"\n\n[limits]')
    for house in open_house(tmp_path, Reveals.DIAGNOSIS, toml):
        assert house.ada.get("/problems/double")["reveals"] == "verdicts"


def test_of_a_problem_that_is_gone_the_least_is_told(house: House) -> None:
    identity = house.ada.submit(WRONG)
    with house.judge():
        house.ada.follow(identity)
    (house.service.bank.load("double").folder / "problem.toml").unlink()
    assert TITLE not in read_all(house.ada, identity)
    assert TITLE in read_all(house.tina, identity)


# --- how the server is ---


def test_health_and_measures_say_what_is_done_and_what_waits(house: House) -> None:
    identity = house.ada.submit(WRONG)
    nobody = Client(house.client, "")
    assert nobody.get("/health") | {"version": ""} == {
        "status": "ok",
        "version": "",
        "waiting": 1,
        "running": 0,
    }
    with house.judge():
        house.ada.follow(identity)
    text = nobody.ask("GET", "/metrics").text
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    values = {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}
    assert values['torch_judge_checks_total{verdict="wrong answer"}'] == 1
    assert (
        values['torch_judge_check_seconds_bucket{le="+Inf"}']
        == values["torch_judge_check_seconds_count"]
        == 1
    )
    assert values['torch_judge_queue{state="waiting"}'] == 0
    assert values["torch_judge_judge_errors_total"] == 0
    buckets = [value for name, value in values.items() if "bucket" in name]
    assert buckets == sorted(buckets)


def test_a_judge_that_stopped_is_told_to_whoever_watches(house: House) -> None:
    app = make_app(
        house.service, BearerAccess(house.store.accounts), Vitals(Measures(), lambda: "a judge has stopped")
    )
    with reach(app) as client:
        answer = client.get("/health")
    check_answer(answer)
    assert (answer.status_code, answer.json()["status"]) == (503, "a judge has stopped")


def test_a_store_that_is_away_is_said_and_no_more(house: House) -> None:
    with house.store.database.transaction(alone=True) as transaction:
        transaction.run("ALTER TABLE submissions RENAME TO elsewhere")
    said = house.ada.refuse(503, "POST", "/submissions", json={"problem": "double", "source": RIGHT})
    assert said == "the judge cannot reach its store; try again soon"
    assert Client(house.client, "").ask("GET", "/health").status_code == 503
    assert Client(house.client, "").ask("GET", "/metrics").status_code == 503


def test_a_bank_that_breaks_names_no_file_to_a_learner(house: House) -> None:
    (house.service.bank.load("double").folder / "problem.toml").write_text("title = 7")
    said = house.ada.refuse(500, "GET", "/problems")
    assert said == "the judge failed; it is not your fault"


def test_the_routes_are_for_any_application(house: House) -> None:
    token = house.store.accounts.renew_token("ada")
    app = Starlette(routes=make_routes(house.service, BearerAccess(house.store.accounts)))
    with reach(app) as client:
        answer = client.get(f"{PREFIX}/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["name"] == "ada"
