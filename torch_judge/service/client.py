"""The client of a judge elsewhere: what is submitted there comes back as events and a report.

The standard library's HTTP is enough for three requests.
"""

from __future__ import annotations

import http.client
import json
import secrets
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, quote

import msgspec

from torch_judge.model.errors import JudgeError, TorchJudgeError, UsageError
from torch_judge.model.report import CaseResult, Report
from torch_judge.model.sanitize import one_line, sanitize
from torch_judge.model.submission import Submission
from torch_judge.model.version import __version__

from .credentials import find_token, parse_url
from .happenings import read_case, read_suite
from .parcel import pack

PREFIX: Final = "/api/v1"
SECONDS_TO_ANSWER: Final = 40.0
"""A stream says something every ten seconds, if only that it is still there."""
SECONDS_TO_WITHDRAW: Final = 5.0
"""Whoever pressed Ctrl-C waits no longer."""
SECONDS_TO_COME_BACK: Final = 90.0
"""A server may be started anew while a submission waits there."""
SECONDS_BETWEEN_TRIES: Final = 1.0
LARGEST_ANSWER: Final = 32 << 20
LONGEST_LINE: Final = 8 << 20
LONGEST_TEXT: Final = 1 << 20
Fields = dict[str, Any]
OnSuite = Callable[[Sequence[CaseResult]], None]
OnCase = Callable[[CaseResult], None]
_LOST: Final = (OSError, http.client.HTTPException)


class BusyError(UsageError):
    """The server has had enough of this user for now; `seconds` says when to come again."""

    def __init__(self, sentence: str, seconds: float) -> None:
        super().__init__(sentence)
        self.seconds = seconds


class _BrokenStream(Exception):  # noqa: N818 - a state of a connection, which nobody sees
    """A stream of events ended before the report; it is taken up again."""


@dataclass(frozen=True, slots=True)
class RemoteProblem:
    """What a server says of a problem."""

    slug: str
    title: str
    entry_point: str
    starter: str

    def read_starter(self) -> str:
        """Return the text that a learner starts from."""
        return self.starter


@dataclass(frozen=True, slots=True)
class Remote:
    """A judge at a URL, and the token by which it knows its user."""

    url: SplitResult
    token: str = field(repr=False)

    @property
    def name(self) -> str:
        """Return the URL as a message says it."""
        return self.url.geturl()

    def find_problem(self, name: str) -> RemoteProblem:
        """Ask for a problem by its name or its number. Raises UsageError for one that is not there."""
        fields = self._ask("GET", f"/problems/{quote(name, safe='')}")
        try:
            return msgspec.convert(
                {key: fields.get(key) for key in RemoteProblem.__dataclass_fields__}, RemoteProblem
            )
        except msgspec.ValidationError as error:
            raise self._say_strange(str(error)) from None

    def judge(
        self,
        problem: str,
        submission: Submission,
        *,
        seed: int | None = None,
        on_suite: OnSuite | None = None,
        on_case: OnCase | None = None,
        is_patient: bool = False,
    ) -> Report:
        """Have a submission judged, and return the report as far as the server tells it.

        `on_suite` and `on_case` hear what comes meanwhile. Who `is_patient` waits where the server asks to
        come again. Raises UsageError and JudgeError, whose sentences say what is wrong here or there. At
        Ctrl-C what was submitted is withdrawn.
        """
        body = {"problem": problem, **pack(submission)}
        if seed is not None:
            body["seed"] = seed
        identity = self._submit(json.dumps(body).encode(), is_patient=is_patient)
        try:
            return _Follower(self, identity, on_suite, on_case).follow()
        except KeyboardInterrupt:
            raise KeyboardInterrupt(self._withdraw(identity)) from None

    def _withdraw(self, identity: str) -> str:
        """Try once to withdraw a submission, and say what becomes of it."""
        try:
            with self.open("DELETE", f"/submissions/{identity}", seconds=SECONDS_TO_WITHDRAW):
                return "the submission is withdrawn"
        except (*_LOST, TorchJudgeError):
            return f"the submission is kept as {identity}, and will be judged"

    def _withdraw_unheard(self, body: bytes, headers: dict[str, str]) -> str:
        """Try once to learn by its key under which name a submission arrived, and to withdraw it."""
        try:
            with self.open(
                "POST", "/submissions", body=body, headers=headers, seconds=SECONDS_TO_WITHDRAW
            ) as answer:
                identity = str(json.loads(answer.read(LARGEST_ANSWER))["id"])
        except (*_LOST, TorchJudgeError, ValueError, KeyError, TypeError):
            return "the submission may have arrived, and is judged then"
        return self._withdraw(identity)

    def _submit(self, body: bytes, *, is_patient: bool) -> str:
        """Submit once, however often the connection breaks: under one key it is one submission."""
        key = secrets.token_hex(16)
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        while True:
            try:
                fields = self._ask("POST", "/submissions", body=body, headers=headers)
            except BusyError as busy:
                if not is_patient:
                    raise
                time.sleep(min(busy.seconds, 60.0))
                continue
            except KeyboardInterrupt:  # it may have arrived, and only the answer to it has not
                raise KeyboardInterrupt(self._withdraw_unheard(body, headers)) from None
            identity = fields.get("id")
            if not isinstance(identity, str):
                raise self._say_strange("a submission without an id")
            return identity

    def _ask(self, method: str, path: str, *, body: bytes | None = None, **more: Any) -> Fields:
        """Ask for JSON; a connection that breaks is tried anew for a while."""
        deadline = time.monotonic() + SECONDS_TO_ANSWER
        while True:
            try:
                with self.open(method, path, body=body, **more) as answer:
                    fields = json.loads(answer.read(LARGEST_ANSWER))
            except (ConnectionRefusedError, ssl.SSLError) as error:
                raise self._say_lost(error) from None
            except _LOST as error:
                if isinstance(error, OSError) and not isinstance(error, ConnectionError | TimeoutError):
                    raise self._say_lost(error) from None  # there is no such host, or no way to it
                if time.monotonic() > deadline:
                    raise self._say_lost(error) from None
                time.sleep(SECONDS_BETWEEN_TRIES)
            except (ValueError, RecursionError):
                raise self._say_strange("no JSON") from None
            else:
                if not isinstance(fields, dict):
                    raise self._say_strange("no JSON object")
                return fields

    @contextmanager
    def open(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        seconds: float = SECONDS_TO_ANSWER,
    ) -> Iterator[http.client.HTTPResponse]:
        """Ask the server, and lend its answer; an answer that is no success is raised as its sentence."""
        connection = self._connect(seconds)
        with closing(connection):
            sent = {"Authorization": f"Bearer {self.token}", "User-Agent": f"torch-judge/{__version__}"}
            connection.request(method, f"{self.url.path}{PREFIX}{path}", body, {**sent, **(headers or {})})
            answer = connection.getresponse()
            if answer.status not in {200, 202}:
                raise self._read_error(answer)
            yield answer

    def _connect(self, seconds: float) -> http.client.HTTPConnection:
        host, port = self.url.hostname or "", self.url.port
        if self.url.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(host, port, timeout=seconds, context=context)
        return http.client.HTTPConnection(host, port, timeout=seconds)

    def _read_error(self, answer: http.client.HTTPResponse) -> Exception:
        try:
            sentence = one_line(str(json.loads(answer.read(1 << 16))["error"]))
        except (ValueError, KeyError, TypeError, RecursionError):
            sentence = ""
        seconds = answer.headers.get("Retry-After", "")
        match answer.status:
            case 401:
                return UsageError(f"{self.name} does not know your token; a teacher gives you another one")
            case 429:
                return BusyError(f"{self.name}: {sentence}", float(seconds) if seconds.isdecimal() else 5.0)
            case 502 | 503 | 504:
                return ConnectionError(sentence or f"status {answer.status}")
            case status if 400 <= status < 500 and sentence:  # noqa: PLR2004 - what the asker did wrong
                return UsageError(f"{self.name}: {sentence}")
            case status:
                return JudgeError(f"{self.name} answered {status}{sentence and f': {sentence}'}")

    def _say_lost(self, error: Exception) -> JudgeError:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return JudgeError(f"no judge answers at {self.name}: {one_line(str(reason))}")

    def _say_strange(self, what: str) -> JudgeError:
        return JudgeError(f"{self.name} is no torch_judge of this release: it answered {one_line(what)}")


class _Follower:
    """Someone who follows a submission from event to event, whatever becomes of the connection."""

    def __init__(
        self, remote: Remote, identity: str, on_suite: OnSuite | None, on_case: OnCase | None
    ) -> None:
        self._remote, self._identity = remote, identity
        self._on_suite, self._on_case = on_suite, on_case
        self._last = "0"

    def follow(self) -> Report:
        """Follow to the report."""
        heard = time.monotonic()
        while True:
            try:
                for kind, fields in self._read_events():
                    heard = time.monotonic()
                    if kind == "report":
                        return self._read_report(fields)
                    if kind == "withdrawn":
                        raise UsageError(f"{self._remote.name}: this submission was withdrawn")
                    self._hear(kind, fields)
            except (*_LOST, _BrokenStream) as error:
                if time.monotonic() - heard > SECONDS_TO_COME_BACK:
                    reason = one_line(str(error)) or "the stream ended"
                    said = f"{self._remote.name} stopped answering ({reason})"
                    kept = f"the submission is kept there as {self._identity}, and will be judged"
                    raise JudgeError(f"{said}; {kept}") from None
                time.sleep(SECONDS_BETWEEN_TRIES)

    def _read_events(self) -> Iterator[tuple[str, Fields]]:
        path = f"/submissions/{self._identity}/events"
        with self._remote.open("GET", path, headers={"Last-Event-ID": self._last}) as answer:
            event: dict[str, str] = {}
            while line := answer.readline(LONGEST_LINE):
                text = line.decode("utf-8", "replace").rstrip("\r\n")
                if text.startswith(":"):
                    yield "", {}  # it is still there
                elif text:
                    name, _, value = text.partition(": ")
                    event[name] = value
                else:
                    if "data" in event:
                        yield event.get("event", ""), self._parse(event["data"])
                        self._last = event.get("id", self._last)
                    event = {}
        raise _BrokenStream

    def _parse(self, text: str) -> Fields:
        try:
            fields = json.loads(text)
        except (ValueError, RecursionError):
            raise _BrokenStream from None  # the connection may have ended in the middle of a line
        return _sanitize(fields) if isinstance(fields, dict) else {}

    def _hear(self, kind: str, fields: Fields) -> None:
        try:
            if kind == "suite" and self._on_suite is not None:
                self._on_suite(read_suite(fields))
            if kind == "case" and self._on_case is not None:
                self._on_case(read_case(fields))
        except (KeyError, TypeError, msgspec.ValidationError) as error:
            raise self._remote._say_strange(f"an event {kind!r}: {error}") from None

    def _read_report(self, fields: Fields) -> Report:
        try:
            return Report.from_json(json.dumps(fields))
        except ValueError as error:
            raise self._remote._say_strange(f"a report: {error}") from None


def _sanitize(value: Any) -> Any:
    """Escape what a terminal would obey; here nobody knows what runs at the other end."""
    match value:
        case str():
            return sanitize(value, longest=LONGEST_TEXT)
        case list():
            return [_sanitize(part) for part in value]
        case dict():
            return {sanitize(key): _sanitize(part) for key, part in value.items()}
        case _:
            return value


def connect(server: str, *, folder: Path | None, allow_http: bool = False) -> Remote:
    """Make a client of a judge; the token may lie in a `folder`. Raises UsageError."""
    return Remote(parse_url(server, allow_http=allow_http), find_token(folder))
