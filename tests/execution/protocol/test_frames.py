"""Frames: what goes in comes out, and what no packer wrote is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from torch_judge.execution.protocol import frames as wire
from torch_judge.execution.protocol.codec import decode, encode
from torch_judge.execution.protocol.frames import Allowance, pack, parse_header, read_frame
from torch_judge.model.errors import WireError


def reader(raw: bytes) -> wire.Read:
    """Return a `read` over some bytes that ends as a channel does."""
    left = bytearray(raw)

    def read(count: int) -> bytes:
        if count > len(left):
            raise EOFError
        chunk = bytes(left[:count])
        del left[:count]
        return chunk

    return read


FRAME = pack(
    {"case": "a", "observation": encode({"a": [1, 2.5, None, "x"], "b": np.ones((2, 2), "float32")})[0]},
    bytes(16),
)


@settings(deadline=None)
@given(st.data())
def test_a_mutated_frame_is_refused_or_read_and_nothing_else_happens(data: st.DataObject) -> None:
    frame = bytearray(FRAME)
    for _ in range(data.draw(st.integers(1, 4))):
        frame[data.draw(st.integers(0, len(frame) - 1))] = data.draw(st.integers(0, 255))
    try:
        header, body = read_frame(reader(bytes(frame)))
        decode(header.get("observation"), body)
        pack(header, body)
    except (WireError, EOFError):
        return


@given(st.binary(max_size=200))
def test_junk_is_no_frame(raw: bytes) -> None:
    with pytest.raises((WireError, EOFError)):
        read_frame(reader(raw))


@pytest.mark.parametrize(
    ("head", "body"), [(wire.LARGEST_HEADER + 1, 0), (2, wire.LARGEST_BODY + 1), (0xFFFFFFFF, 0xFFFFFFFF)]
)
def test_a_frame_over_the_limit_is_refused_before_a_byte_of_it_is_read(head: int, body: int) -> None:
    asked: list[int] = []

    def read(count: int) -> bytes:
        asked.append(count)
        return wire.PREFIX.pack(wire.MAGIC, head, body)

    with pytest.raises(WireError, match="over the limit"):
        read_frame(read)
    assert asked == [wire.PREFIX.size]


HEADERS = {
    "NaN": b'{"a": NaN}',
    "an infinity": b'{"a": -Infinity}',
    "an infinity in disguise": b'{"a": 1e999}',
    "a fraction": b'{"a": 0.5}',
    "a doubled key": b'{"a": 1, "a": 2}',
    "a doubled key inside": b'{"a": [{"b": 1, "b": 2}]}',
    "a huge integer": b'{"a": ' + b"9" * 10_000 + b"}",
    "bottomless nesting": b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "unclosed nesting": b"[" * 100_000,
    "deep nesting": b'{"a": ' + b"[" * 100 + b"]" * 100 + b"}",
    "deep objects": b'{"a": ' * 100 + b"1" + b"}" * 100,
    "a list": b"[]",
    "a number": b"1",
    "nothing": b"",
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "bytes that are no text": b'{"a": "\xff"}',
    "text that would grow": '{"a": "é"}'.encode(),
    "a control character that would grow": b'{"a": "\x7f"}',
    "a tail": b"{} {}",
}


@pytest.mark.parametrize("raw", HEADERS.values(), ids=HEADERS.keys())
def test_a_header_that_no_packer_wrote_is_refused(raw: bytes) -> None:
    with pytest.raises(WireError):
        parse_header(raw)


PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(), max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(), max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(
    PRINTABLE.map(str.encode)
    | JSON.map(lambda value: json.dumps(value, separators=(",", ":")).encode())
    | st.binary(max_size=60)
)
@example(b'{"a":-0}')
@example(b'{"a":"\\/\\u0041"}')
def test_a_header_that_is_read_packs_again_into_no_more_bytes(raw: bytes) -> None:
    try:
        header = parse_header(raw)
    except WireError:
        return
    frame = pack(header)
    assert len(frame) - wire.PREFIX.size <= len(raw)
    assert read_frame(reader(frame)) == (header, b"")


def test_what_one_submission_sends_is_bounded_in_all() -> None:
    """Each frame is within the limit; together they are not, and the one too many is refused unread."""
    frame = pack({"o": "x" * 50}, bytes(100))
    head = len(frame) - 100 - wire.PREFIX.size
    by_headers, by_bodies = Allowance(headers=3 * head + 1), Allowance(bodies=350)
    for allowance in (by_headers, by_bodies):
        for _ in range(3):
            assert allowance.read_frame(reader(frame)) == ({"o": "x" * 50}, bytes(100))
        read = reader(frame)
        with pytest.raises(WireError, match="over the limit"):
            allowance.read_frame(read)
        assert read(head + 100) == frame[wire.PREFIX.size :]
    assert by_bodies.read_frame(reader(pack({}))) == ({}, b"")


def test_a_frame_that_breaks_off_counts_too() -> None:
    allowance = Allowance(headers=100)
    with pytest.raises(EOFError):
        allowance.read_frame(reader(pack({"o": "x" * 80})[:20]))
    with pytest.raises(WireError, match="over the limit"):
        allowance.read_frame(reader(pack({"o": "x" * 80})))
