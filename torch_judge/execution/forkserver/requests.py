"""What the conductor asks the fork server's program, and what that answers: each a line of JSON.

The standard library alone: the conductor imports this before it is asked for anything.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, Final, TypeVar

from torch_judge.model.errors import JudgeError


class Role(StrEnum):
    """What a child is."""

    WORKER = "worker"
    CHECKER = "checker"


@dataclass(frozen=True, slots=True)
class Confinement:
    """How a child is to be shut in: what of bank and packages it cannot open, and the layers it must have.

    `operators` are those that its submission may not call; `seconds` are of processor time.
    """

    bank: str = ""
    packages: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    memory_mib: int = 2048
    seconds: float = 20.0
    required: tuple[str, ...] = ()


# --- asked ---


@dataclass(frozen=True, slots=True)
class StartChild:
    """Start a child; where descriptors can be handed over, its channel and its output come with this."""

    role: Role
    confinement: Confinement


@dataclass(frozen=True, slots=True)
class Kill:
    """Have children die at once; each is reaped when it is ended."""

    pids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class End:
    """Wait so long for a child to end by itself, then kill it."""

    pid: int
    grace: float


@dataclass(frozen=True, slots=True)
class Describe:
    """Say what isolation holds for a child that is shut in so."""

    confinement: Confinement = Confinement()


# --- answered ---


@dataclass(frozen=True, slots=True)
class Started:
    """A child runs; `scratch` is the folder that would stay if the program were killed, if one would.

    `shortage` says by how much it has less memory than it is to have, if it has.
    """

    pid: int
    scratch: str
    shortage: str = ""


@dataclass(frozen=True, slots=True)
class Lacking:
    """No child was started: a required layer does not hold, for these reasons."""

    reasons: str


@dataclass(frozen=True, slots=True)
class Killed:
    """These of the children were still there."""

    pids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """A child is gone: its exit status, None if it had to be killed, and why the program killed it."""

    status: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Described:
    """What holds here, why the rest does not, and what the scratch folder is bounded by."""

    layers: tuple[str, ...]
    missing: dict[str, str]
    bounded: bool
    scratch: str


@dataclass(frozen=True, slots=True)
class Unable:
    """No child was started, for want of what the system gives; the program serves on."""

    error: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The program cannot serve, and ends."""

    error: str


Request = StartChild | Kill | End | Describe
Answer = Started | Lacking | Killed | Ended | Described | Unable | Failed
_Message = TypeVar("_Message")

_REQUESTS: Final[Mapping[str, type[Request]]] = {
    kind.__name__: kind for kind in (StartChild, Kill, End, Describe)
}
_ANSWERS: Final[Mapping[str, type[Answer]]] = {
    kind.__name__: kind for kind in (Started, Lacking, Killed, Ended, Described, Unable, Failed)
}


def encode(message: Request | Answer) -> bytes:
    """Write a message as one line, its kind first."""
    return json.dumps({"kind": type(message).__name__, **asdict(message)}).encode() + b"\n"


def decode_request(line: bytes) -> Request:
    """Read what the conductor asks; raises JudgeError if it is no request."""
    return _decode(line, _REQUESTS)


def decode_answer(line: bytes) -> Answer:
    """Read what the program answers; raises JudgeError if it is no answer."""
    return _decode(line, _ANSWERS)


def _decode(line: bytes, kinds: Mapping[str, type[_Message]]) -> _Message:
    try:
        values = json.loads(line)
        return _build(kinds[values.pop("kind")], values)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise JudgeError(f"the warm server's line is out of step: {line[:80]!r}: {error}") from None


def _build(kind: type[_Message], values: Mapping[str, Any]) -> _Message:
    readers = {field.name: _READERS[str(field.type)] for field in fields(kind)}  # type: ignore[arg-type]
    if values.keys() != readers.keys():
        raise ValueError(f"{kind.__name__} has the fields {', '.join(readers)}")
    return kind(**{name: read(values[name]) for name, read in readers.items()})


def _take(*kinds: type) -> Callable[[Any], Any]:
    """Make a reader of values of exactly these types: a flag is no number."""

    def read(value: Any) -> Any:
        if type(value) not in kinds:
            raise TypeError(f"{value!r} is not of type {kinds[0].__name__}")
        return value

    return read


def _take_many(kind: type) -> Callable[[Any], tuple[Any, ...]]:
    def read(value: Any) -> tuple[Any, ...]:
        return tuple(map(_take(kind), _take(list)(value)))

    return read


def _take_table(value: Any) -> dict[str, str]:
    return {key: _take(str)(text) for key, text in _take(dict)(value).items()}


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "int": _take(int),
    "int | None": _take(int, type(None)),
    "float": _take(float, int),
    "bool": _take(bool),
    "str": _take(str),
    "tuple[str, ...]": _take_many(str),
    "tuple[int, ...]": _take_many(int),
    "dict[str, str]": _take_table,
    "Role": Role,
    "Confinement": lambda values: _build(Confinement, values),
}
"""How a field is read, by its annotation as it is written above."""
