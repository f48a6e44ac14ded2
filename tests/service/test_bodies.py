"""Bodies: what is neither too large nor too slow is read, and for all else there is one reason."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest
from starlette.types import Message

from torch_judge.service.bodies import Bounds, Flaw, read_body

BOUNDS = Bounds(largest=4, largest_read=8, seconds=0.1)


def read(messages: Iterable[Message]) -> tuple[bytes | Flaw, int]:
    """Read a body that comes in these messages, then nothing; return it, and how many were left."""
    waiting = list(messages)

    async def receive() -> Message:
        if not waiting:
            await asyncio.sleep(60)
        return waiting.pop(0)

    return asyncio.run(read_body(receive, BOUNDS)), len(waiting)


def part(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


@pytest.mark.parametrize("parts", [[b"abcd"], [b"ab", b"cd"], [b"", b"abcd", b""]])
def test_a_body_is_put_together_up_to_its_bound(parts: list[bytes]) -> None:
    messages = [part(body, more=n < len(parts) - 1) for n, body in enumerate(parts)]
    assert read(messages) == (b"abcd", 0)


def test_what_is_too_large_is_heard_to_its_end_and_what_is_endless_is_not() -> None:
    assert read([part(b"abc"), part(b"def", more=False)]) == (Flaw.TOO_LARGE, 0)
    assert read([part(b"abcdef")] * 3) == (Flaw.TOO_LARGE, 1)


def test_what_does_not_come_or_comes_to_no_end_is_said() -> None:
    assert read([part(b"ab")]) == (Flaw.TOO_SLOW, 0)
    assert read([part(b"ab"), {"type": "http.disconnect"}]) == (Flaw.CUT_OFF, 0)
