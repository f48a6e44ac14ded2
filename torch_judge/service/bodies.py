"""The body of a request: read as long as it is neither too large nor too slow.

What is too large is read on and dropped up to a second bound: whoever is cut off while sending reads nothing.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum

from starlette.types import Receive


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many bytes are kept, how many are read before it is refused, and how long it may take."""

    largest: int
    largest_read: int
    seconds: float


class Flaw(StrEnum):
    """Why a body was not read."""

    TOO_LARGE = "too large"
    TOO_SLOW = "too slow"
    CUT_OFF = "cut off"


async def read_body(receive: Receive, bounds: Bounds) -> bytes | Flaw:
    """Read the body of a request, or say why not."""
    body, size = bytearray(), 0
    try:
        async with asyncio.timeout(bounds.seconds):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    return Flaw.CUT_OFF
                piece = message.get("body", b"")
                size += len(piece)
                body += piece[: max(0, bounds.largest - len(body))]
                if not message.get("more_body", False) or size > bounds.largest_read:
                    return bytes(body) if size <= bounds.largest else Flaw.TOO_LARGE
    except TimeoutError:
        return Flaw.TOO_SLOW
