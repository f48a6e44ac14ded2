"""Users: what may be a name, and what is kept of a token."""

from __future__ import annotations

import pytest

from torch_judge.model.errors import UsageError
from torch_judge.service.users import Role, User, check_name, draw_token, hash_token


@pytest.mark.parametrize("name", ["ada", "Ada.Lovelace", "ada@example.org", "a-1_b", "0"])
def test_a_name_is_a_word_or_an_address(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize("name", ["", "=cmd", "@ada", "-ada", "a b", "a\nb", "ä", "a" * 65, "../x", "a,b"])
def test_what_a_shell_or_a_spreadsheet_reads_otherwise_is_no_name(name: str) -> None:
    with pytest.raises(UsageError, match="can be no user's name"):
        check_name(name)


def test_tokens_are_long_known_by_their_beginning_and_never_the_same() -> None:
    tokens = {draw_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(token.startswith("tj_") and len(token) >= 43 for token in tokens)


def test_a_hash_says_nothing_of_its_token_and_is_always_the_same() -> None:
    token = draw_token()
    assert hash_token(token) == hash_token(token) != hash_token(token + "x")
    assert token not in hash_token(token)
    assert len(hash_token("\ud800")) == 64  # whatever a header holds can be asked about


def test_a_teacher_sees_the_class_and_a_learner_does_not() -> None:
    assert User(1, "ada", Role.TEACHER).is_teacher
    assert not User(1, "ada", Role.LEARNER).is_teacher
