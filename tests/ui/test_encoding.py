"""A stream that lacks our marks shows plain ones; nothing stops at a character."""

from __future__ import annotations

import io
import sys

import pytest

from torch_judge.ui.encoding import PLAIN, is_terminal, soften_stdout


@pytest.mark.parametrize(
    ("encoding", "shown"), [("ascii", "+ x > ?"), ("latin-1", "+ x > \xe9"), ("utf-8", "✓ ✗ ▸ \xe9")]
)
def test_a_mark_that_an_encoding_lacks_is_a_plain_one(encoding: str, shown: str) -> None:
    assert "✓ ✗ ▸ \xe9".encode(encoding, PLAIN).decode(encoding) == shown


def test_bytes_that_cannot_be_read_are_still_an_error() -> None:
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("utf-8", PLAIN)


def test_stdout_stops_at_nothing_once_it_is_softened(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="latin-1"))
    soften_stdout()
    sys.stdout.write("✗ failed")
    sys.stdout.flush()
    assert written.getvalue() == b"x failed"


def test_a_stream_that_is_closed_is_no_terminal_and_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    soften_stdout()
    assert not is_terminal(sys.stdout)
