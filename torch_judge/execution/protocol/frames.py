"""Frames: what every message travels in.

A frame is a magic word, two lengths, a JSON header and a body of raw array bytes. Whoever reads one
believes nothing in it: every length, dtype, shape, depth and count is bounded and checked first, and
nothing that arrives is ever executed or unpickled.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from typing import Any, Final, NoReturn

from torch_judge.model.errors import WireError

MAGIC: Final = b"tj1\n"
PREFIX: Final = struct.Struct("!4sII")
LARGEST_HEADER: Final = 4 << 20
LARGEST_HEADER_HANDED_ON: Final = LARGEST_HEADER + (64 << 10)
"""What the conductor may send: it adds a seed to the largest header that a worker may send."""
LARGEST_BODY: Final = 64 << 20
LARGEST_JOB: Final = 256 << 20
HEADERS_IN_ALL: Final = 4 * LARGEST_HEADER
BODIES_IN_ALL: Final = 4 * LARGEST_BODY
DEEPEST_HEADER: Final = 64

Header = dict[str, Any]
Read = Callable[[int], bytes]


def pack(header: Header, body: bytes = b"") -> bytes:
    """Make a frame."""
    head = json.dumps(header, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()
    return PREFIX.pack(MAGIC, len(head), len(body)) + head + body


def read_frame(
    read: Read, *, largest_header: int = LARGEST_HEADER, largest_body: int = LARGEST_BODY
) -> tuple[Header, bytes]:
    """Read one frame with `read(n)`, which returns exactly n bytes or raises."""
    magic, head, body = PREFIX.unpack(read(PREFIX.size))
    if magic != MAGIC:
        raise WireError(f"expected a frame, found {magic!r}")
    if head > largest_header or body > largest_body:
        raise WireError(f"a frame of {head} + {body} bytes is over the limit")
    return parse_header(read(head)), read(body)


class Allowance:
    """How much one submission may send in all: each frame costs the judge's own time."""

    def __init__(self, *, headers: int = HEADERS_IN_ALL, bodies: int = BODIES_IN_ALL) -> None:
        self._headers, self._bodies = headers, bodies

    def read_frame(self, read: Read) -> tuple[Header, bytes]:
        """Read one frame, and count what it took."""
        taken: list[int] = []

        def read_and_count(count: int) -> bytes:
            taken.append(count)
            return read(count)

        try:
            return read_frame(
                read_and_count,
                largest_header=min(LARGEST_HEADER, self._headers),
                largest_body=min(LARGEST_BODY, self._bodies),
            )
        finally:
            self._headers -= sum(taken[1:2])
            self._bodies -= sum(taken[2:3])


def parse_header(raw: bytes) -> Header:
    """Parse a frame's JSON, which is an object in printable ASCII.

    Refuses fractions, NaN, doubled keys and deep nesting. What is parsed here packs again into no more bytes,
    so a hostile header can be handed on.
    """
    try:
        text = raw.decode("ascii")
        header = json.loads(
            text, parse_constant=_refuse_number, parse_float=_refuse_number, object_pairs_hook=_make_object
        )
    except (ValueError, RecursionError) as error:
        raise WireError(f"a header that is not JSON: {type(error).__name__}") from None
    if type(header) is not dict or not text.isprintable():
        raise WireError(f"a header is an object in printable characters, found {type(header).__name__}")
    if _is_deeper(header, DEEPEST_HEADER):
        raise WireError(f"a header nested more than {DEEPEST_HEADER} deep")
    return header


def _refuse_number(text: str) -> NoReturn:
    raise ValueError(text)


def _is_deeper(value: Any, depth: int) -> bool:
    """Tell whether lists and objects are nested deeper than this, level by level."""
    level = [value]
    for _ in range(depth):
        if not level:
            return False
        level = [
            inner
            for value in level
            if type(value) in {dict, list}
            for inner in (value.values() if type(value) is dict else value)
        ]
    return any(type(inner) in {dict, list} for inner in level)


def _make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        raise ValueError("doubled key")
    return table
