"""Credentials: a token travels only where nobody reads it, and lies only where nobody else does."""

from __future__ import annotations

from pathlib import Path

import pytest

from torch_judge.model.errors import UsageError
from torch_judge.service import find_server
from torch_judge.service.credentials import find_token, parse_url


@pytest.mark.parametrize(
    "url",
    [
        *("https://judge.example.org", "https://judge.example.org:8443/judge/", "http://127.0.0.1:8400"),
        *("http://localhost:8400", "http://[::1]:8400"),
    ],
)
def test_tls_and_this_machine_are_taken(url: str) -> None:
    assert parse_url(url, allow_http=False).geturl() == url.rstrip("/")


def test_plain_http_beyond_this_machine_is_taken_only_where_that_is_said() -> None:
    for url in ("http://judge.example.org", "http://10.0.0.1:8400", "http://127.0.0.1.example.org"):
        with pytest.raises(UsageError, match="over plain HTTP anyone on the way reads your token"):
            parse_url(url, allow_http=False)
        assert parse_url(url, allow_http=True).geturl() == url


@pytest.mark.parametrize(
    "url",
    [
        *("", "judge.example.org", "ftp://x", "https://", "https://x:port", "https://x?y=1", "file:///etc"),
        *("https://me:secret@x", "https://x#y", "https://[::1"),
    ],
)
def test_what_is_no_address_is_said(url: str) -> None:
    with pytest.raises(UsageError, match="is no judge's address, such as https"):
        parse_url(url, allow_http=True)


def test_a_token_is_in_the_environment_or_in_a_file_of_one_s_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TORCH_JUDGE_TOKEN", raising=False)
    with pytest.raises(UsageError, match=r"no token: .* into \$TORCH_JUDGE_TOKEN, or write it into .*token"):
        find_token(tmp_path)
    with pytest.raises(UsageError, match=r"into \$TORCH_JUDGE_TOKEN$"):
        find_token(None)
    file = tmp_path / "token"
    file.write_text("tj_file\n")
    file.chmod(0o600)
    assert find_token(tmp_path) == "tj_file"
    monkeypatch.setenv("TORCH_JUDGE_TOKEN", "tj_environment")
    assert find_token(tmp_path) == "tj_environment"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_file_that_others_may_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    monkeypatch.delenv("TORCH_JUDGE_TOKEN", raising=False)
    file = tmp_path / "token"
    file.write_text("tj_file\n")
    file.chmod(mode)
    with pytest.raises(UsageError, match=f"can be read by others \\(mode {mode:o}\\): chmod 600"):
        find_token(tmp_path)


@pytest.mark.parametrize("token", ["two words", "tj\nx", "tj_ä"])
def test_what_no_header_holds_is_no_token(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setenv("TORCH_JUDGE_TOKEN", token)
    with pytest.raises(UsageError, match="holds no token"):
        find_token(None)


def test_the_server_is_the_one_that_is_given_or_the_environment_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TORCH_JUDGE_SERVER", raising=False)
    assert find_server(None) is None
    monkeypatch.setenv("TORCH_JUDGE_SERVER", "https://environment")
    assert find_server(None) == "https://environment"
    assert find_server("https://given") == "https://given"
    monkeypatch.setenv("TORCH_JUDGE_SERVER", "")
    assert find_server(None) is None
