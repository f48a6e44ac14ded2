"""Databases: a transaction counts wholly or not at all, and what fails is a sentence."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from torch_judge.model.errors import UsageError
from torch_judge.service.database import Database, open_database
from torch_judge.service.errors import StoreError
from torch_judge.service.queue import Asked, Rate, State
from torch_judge.service.store import Store, open_store
from torch_judge.service.tables import UPGRADED, VERSION, make_tables


def count_users(database: Database) -> int:
    with database.transaction() as transaction:
        row = transaction.find("SELECT COUNT(*) FROM users")
    assert row is not None
    return int(row[0])


INSERT = "INSERT INTO users (name, role, token_hash) VALUES (?, 'learner', ?)"


def test_what_raises_in_a_transaction_undoes_it(store: Store) -> None:
    def add_and_raise() -> None:
        with store.database.transaction(alone=True) as transaction:
            transaction.run(INSERT, "ada", "1")
            raise LookupError("this one")

    with pytest.raises(LookupError, match="this one"):
        add_and_raise()
    assert count_users(store.database) == 0


def test_a_statement_that_fails_is_a_sentence_and_undoes_what_was_before(store: Store) -> None:
    def add_twice() -> None:
        with store.database.transaction(alone=True) as transaction:
            transaction.run(INSERT, "ada", "1")
            transaction.run(INSERT, "ada", "2")

    with pytest.raises(StoreError, match=r"the store failed: .*[Uu][Nn][Ii][Qq][Uu][Ee]"):
        add_twice()
    assert count_users(store.database) == 0


def test_whoever_is_alone_is_alone(store: Store) -> None:
    """Two threads add one to the same number many times, and none of it is lost."""
    store.accounts.add("ada")

    def add() -> None:
        for _ in range(20):
            with store.database.transaction(alone=True) as transaction:
                row = transaction.find("SELECT served_at FROM users")
                assert row is not None
                transaction.run("UPDATE users SET served_at = ?", row[0] + 1)

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.database.transaction() as transaction:
        assert transaction.find("SELECT served_at FROM users") == (80.0,)


def test_the_clock_goes_forward(store: Store) -> None:
    with store.database.transaction() as transaction:
        first, second = transaction.now(), transaction.now()
    assert 1.7e9 < first <= second


def test_a_connection_that_died_while_idle_is_replaced(empty_postgres: str) -> None:
    with open_store(empty_postgres) as store:
        store.accounts.add("ada")
        import psycopg

        with psycopg.connect(empty_postgres, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        assert count_users(store.database) == 1


def test_a_server_that_is_not_there_is_said() -> None:
    pytest.importorskip("psycopg")
    database = open_database("postgresql://judge@/postgres?host=%2Fnowhere")
    with pytest.raises(StoreError, match=r"the store cannot be reached: .*/nowhere"):
        make_tables(database)


def test_a_url_of_another_database_is_refused() -> None:
    with pytest.raises(UsageError, match="no database 'mysql': a URL begins with postgresql://"):
        open_database("mysql://localhost/x")


def test_a_file_that_is_none_or_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no database, and long enough to be looked at" * 100)
    with pytest.raises(StoreError, match="cannot be reached: file is not a database"):
        make_tables(open_database(str(tmp_path / "file")))
    with pytest.raises(StoreError, match="cannot be opened: "):
        open_database(str(tmp_path / "file" / "inside"))


def test_a_store_of_another_release_is_refused(place: str) -> None:
    with open_store(place) as store, store.database.transaction(alone=True) as transaction:
        transaction.run("UPDATE format SET version = ?", VERSION + 1)
    with (
        pytest.raises(StoreError, match=f"has the format {VERSION + 1}, this release .* knows {VERSION}"),
        open_store(place),
    ):
        pytest.fail("it was opened")


@pytest.mark.parametrize("version", sorted(UPGRADED))
def test_a_store_of_an_earlier_release_is_taken_over_with_all_that_it_holds(place: str, version: int) -> None:
    with open_store(place) as store:
        user = store.accounts.find(store.accounts.add("ada"))
        assert user is not None
        identity, other = (store.queue.add(user.id, Asked("double", "{}", 7), Rate()) for _ in range(2))
        with store.database.transaction(alone=True) as transaction:
            transaction.run("UPDATE format SET version = ?", version)
    with open_store(place) as store:
        assert store.queue.withdraw(user.id, identity) is State.WITHDRAWN
        taken = store.queue.take()
        assert taken is not None and taken.id == other
        with store.database.transaction() as transaction:
            assert transaction.read("SELECT version FROM format") == [(VERSION,)]
