"""Accounts: a token is known by its hash alone, and ends with another one or with its user."""

from __future__ import annotations

from pathlib import Path

import pytest

from torch_judge.model.errors import UsageError
from torch_judge.service.queue import Asked, Rate
from torch_judge.service.store import FILE, Store, open_store
from torch_judge.service.users import Role


def test_a_token_finds_its_user(store: Store) -> None:
    token = store.accounts.add("ada", Role.TEACHER)
    store.accounts.add("bob")
    found = store.accounts.find(token)
    assert found is not None
    assert (found.name, found.role) == ("ada", Role.TEACHER)
    assert store.accounts.find(token + "x") is None
    assert store.accounts.find("") is None


def test_users_are_listed_by_name(store: Store) -> None:
    for name in ("bob", "ada"):
        store.accounts.add(name)
    assert [(user.name, user.role) for user in store.accounts.list()] == [
        ("ada", Role.LEARNER),
        ("bob", Role.LEARNER),
    ]


def test_a_name_is_given_once(store: Store) -> None:
    store.accounts.add("ada")
    with pytest.raises(UsageError, match="there is a user 'ada' already"):
        store.accounts.add("ada")
    assert len(store.accounts.list()) == 1


def test_another_token_takes_the_place_of_the_one_before(store: Store) -> None:
    old = store.accounts.add("ada")
    new = store.accounts.renew_token("ada")
    assert store.accounts.find(old) is None
    found = store.accounts.find(new)
    assert found is not None
    assert found.name == "ada"


def test_a_user_who_is_removed_leaves_nothing_behind(store: Store) -> None:
    token = store.accounts.add("ada")
    user = store.accounts.find(token)
    assert user is not None
    identity = store.queue.add(user.id, Asked("double", "{}", 7), Rate())
    store.accounts.remove("ada")
    assert store.accounts.find(token) is None
    assert store.ledger.find(identity) is None
    assert store.queue.take() is None


def test_who_is_not_there_is_said_with_who_was_perhaps_meant(store: Store) -> None:
    store.accounts.add("ada")
    for ask in (store.accounts.remove, store.accounts.renew_token):
        with pytest.raises(UsageError, match=r"no user 'adaa'; did you mean 'ada'\?"):
            ask("adaa")


def test_no_token_stands_in_the_file_which_nobody_else_may_read(tmp_path: Path) -> None:
    with open_store(tmp_path / "data") as store:
        token = store.accounts.add("ada")
    files = list((tmp_path / "data").iterdir())
    assert tmp_path / "data" / FILE in files
    for path in files:
        assert token.removeprefix("tj_").encode() not in path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0
