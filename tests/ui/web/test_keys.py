"""Keys: a token is good once, and nothing but the cookie's value fits."""

from __future__ import annotations

from torch_judge.ui.web.keys import Keys


def test_a_token_is_traded_once_for_a_value_that_fits() -> None:
    keys = Keys()
    token = keys.make_token()
    value = keys.trade(token)
    assert value is not None and keys.fits(value)
    assert keys.trade(token) is None


def test_each_token_is_another_and_no_cookie_is_a_token() -> None:
    keys = Keys()
    tokens = {keys.make_token() for _ in range(10)}
    assert len(tokens) == 10
    value = keys.trade(tokens.pop())
    assert value not in tokens
    assert keys.trade(value or "") is None
    assert not any(keys.fits(token) for token in tokens)


def test_nothing_else_fits() -> None:
    keys = Keys()
    keys.make_token()
    assert [keys.trade(token) for token in ("", "x", "\ud800", "ü")] == [None] * 4
    assert not any(keys.fits(value) for value in ("", "x", "\ud800", "ü"))
    other = Keys()
    assert not keys.fits(other.trade(other.make_token()) or "")
