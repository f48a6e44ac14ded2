"""A class on the pages of `torch-judge serve`: a real server, a queue, and members who sign in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from torch_judge.judging.desk import Desk
from torch_judge.model.bank import find_bank
from torch_judge.model.reveals import Reveals
from torch_judge.service.access import BearerAccess
from torch_judge.service.api import Service
from torch_judge.service.app import Vitals, make_app
from torch_judge.service.bell import Bell
from torch_judge.service.judges import Judges, Judging
from torch_judge.service.measures import Measures
from torch_judge.service.queue import Rate
from torch_judge.service.store import Store, open_store
from torch_judge.service.users import Role
from torch_judge.ui.board.app import add_pages

from .packages import NUMPY_CASES
from .services import NUMPY, reach, write_bank

TAB = "abcdefgh12345678"
TITLE, SENTENCE = "hidden title of a case", "Hidden sentence of a case."
CASES = NUMPY_CASES.replace("@case(rejects", f'@case(title="{TITLE}", rejects').replace(
    "Without a scale, the result is twice x.", SENTENCE
)
HINTS = "fits: returns_x\nIs it twice as much?\n---\nMultiply `x` by *scale*.\n"


@dataclass(frozen=True, slots=True)
class Told:
    """An event that a stream told."""

    name: str
    data: dict[str, Any]


@dataclass
class Member:
    """Somebody with a browser, who may have signed in."""

    client: httpx.Client
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    cookie: str = ""

    @property
    def address(self) -> str:
        """Return where the server is."""
        return str(self.client.base_url).rstrip("/")

    def ask(self, method: str, path: str, headers: Mapping[str, str] = {}, **options: Any) -> httpx.Response:
        """Ask for something; nothing is followed."""
        own = {"Cookie": self.cookie} if self.cookie else {}
        self.client.cookies.clear()  # members share a client, and no jar
        return self.client.request(method, path, headers={**own, **self.headers, **headers}, **options)

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask for a page or for what a script reads; `_` in a header's name is `-`."""
        return self.ask("GET", path, _name(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Post JSON as the page's own script does."""
        own = {"Origin": self.address, "Content-Type": "application/json", "X-Torch-Judge": "page"}
        return self.ask("POST", path, {**own, **_name(headers)}, content=json.dumps(body or {}))

    def send_form(self, path: str, fields: Mapping[str, str] = {}, **headers: str) -> httpx.Response:
        """Send a form as a page of ours does."""
        return self.ask("POST", path, {"Origin": self.address, **_name(headers)}, data=dict(fields))

    def sign_in(self, **headers: str) -> Member:
        """Sign in with the token."""
        answer = self.send_form("/sign-in", {"token": self.token}, **headers)
        assert answer.status_code == 303, answer.text
        self.cookie = answer.headers["set-cookie"].partition(";")[0]
        return self

    def submit(self, code: str, problem: str = "double", tab: str = TAB) -> list[Told]:
        """Submit an answer and return all that the page is told of it."""
        answer = self.post(f"/api/tabs/{tab}/submit", {"problem": problem, "code": code})
        assert answer.status_code == 202, answer.text
        return self.hear(tab)

    def run(self, code: str, example: str, tab: str = TAB) -> httpx.Response:
        """Run an answer on an example; what comes of it is heard."""
        body = {"problem": "double", "code": code, "example": example}
        return self.post(f"/api/tabs/{tab}/run", body)

    def hear(self, tab: str = TAB) -> list[Told]:
        """Listen to a tab until its stream ends."""
        answer = self.get(f"/api/tabs/{tab}/events")
        assert answer.status_code == 200, answer.text
        return list(_read_events(answer.text))


def _name(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def _read_events(text: str) -> Iterator[Told]:
    for block in text.split("\n\n"):
        fields = dict(
            line.partition(": ")[::2] for line in block.split("\n") if line and not line.startswith(":")
        )
        if "event" in fields:
            yield Told(fields["event"], json.loads(fields["data"]))


@dataclass(frozen=True, slots=True)
class Class:
    """A server with its pages, two learners and a teacher, none of whom has signed in."""

    store: Store
    service: Service
    judging: Judging
    pages: Path
    ada: Member
    bob: Member
    tina: Member
    stranger: Member

    def judge(self) -> Judges:
        """Return judges that work off what waits, for a block."""
        return Judges(self.judging, [Desk(self.judging.required)])


@contextmanager
def open_class(
    folder: Path, reveal: Reveals = Reveals.EVERYTHING, *, per_minute: int = 1000, runs: int = 1
) -> Iterator[Class]:
    """Serve pages and API of a bank with one small problem, for a block."""
    bank = find_bank(write_bank(folder / "bank", problem=NUMPY, cases=CASES, hints=HINTS))
    bell, measures = Bell(), Measures()
    with open_store(folder / "data") as store:
        service = Service(store, bank, reveal, Rate(per_minute=per_minute, waiting=1000), bell)
        api = make_app(service, BearerAccess(store.accounts), Vitals(measures, lambda: ""))
        tokens = [store.accounts.add(name) for name in ("ada", "bob")]
        tokens.append(store.accounts.add("tina", Role.TEACHER))
        with add_pages(api, service, folder / "pages", runs=runs) as pages, reach(pages) as client:
            members = [Member(client, token) for token in (*tokens, "")]
            judging = Judging(store, bank, frozenset(), reveal, bell, measures)
            yield Class(store, service, judging, folder / "pages", *members)
