"""Sessions: a key is good until it is closed, runs out, or its user gets another token."""

from __future__ import annotations

import pytest

from torch_judge.service import sessions
from torch_judge.service.store import Store
from torch_judge.service.users import User


def add_user(store: Store, name: str) -> User:
    user = store.accounts.find(store.accounts.add(name))
    assert user is not None
    return user


def test_a_key_is_known_for_its_user_and_another_is_none(store: Store) -> None:
    ada, bob = add_user(store, "ada"), add_user(store, "bob")
    key = store.sessions.open(ada)
    assert store.sessions.find(key) == ada
    assert store.sessions.find(store.sessions.open(bob)) == bob
    assert store.sessions.find(key + "x") is None
    assert store.sessions.find("") is None
    assert store.accounts.find(key) is None  # the API takes no session's key


def test_only_a_hash_of_a_key_is_kept(store: Store) -> None:
    key = store.sessions.open(add_user(store, "ada"))
    with store.database.transaction() as transaction:
        rows = transaction.read("SELECT * FROM sessions")
    assert len(rows) == 1 and key not in str(rows)


def test_a_session_ends_when_it_is_closed_and_no_other_does(store: Store) -> None:
    ada = add_user(store, "ada")
    first, second = store.sessions.open(ada), store.sessions.open(ada)
    store.sessions.close(first)
    assert store.sessions.find(first) is None
    assert store.sessions.find(second) == ada


def test_another_token_or_the_end_of_an_account_ends_its_sessions(store: Store) -> None:
    ada, bob = add_user(store, "ada"), add_user(store, "bob")
    hers, his = store.sessions.open(ada), store.sessions.open(bob)
    store.accounts.renew_token("ada")
    assert store.sessions.find(hers) is None
    assert store.sessions.find(his) == bob
    store.accounts.remove("bob")
    assert store.sessions.find(his) is None


def test_a_session_runs_out(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "SECONDS_OF_A_SESSION", -1.0)
    assert store.sessions.find(store.sessions.open(add_user(store, "ada"))) is None


def test_of_too_many_sessions_the_oldest_ends(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "MOST_SESSIONS", 2)
    ada = add_user(store, "ada")
    keys = [store.sessions.open(ada) for _ in range(3)]
    assert [store.sessions.find(key) for key in keys] == [None, ada, ada]


def test_a_folder_has_one_name_for_each_user(store: Store) -> None:
    ada, bob = add_user(store, "ada"), add_user(store, "bob")
    name = store.sessions.name_folder(ada)
    assert store.sessions.name_folder(ada) == name != store.sessions.name_folder(bob)
    store.accounts.remove("ada")
    assert store.sessions.name_folder(add_user(store, "ada")) != name
