"""The store: accounts, sessions, queue and ledger in one database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .accounts import Accounts
from .database import Database, open_database
from .ledger import Ledger
from .queue import SECONDS_OF_A_LEASE, Queue
from .sessions import Sessions
from .tables import make_tables

FILE: Final = "service.sqlite3"


@dataclass(frozen=True, slots=True)
class Store:
    """What a service keeps."""

    accounts: Accounts
    queue: Queue
    ledger: Ledger
    database: Database
    sessions: Sessions


@contextmanager
def open_store(place: str | Path, *, seconds_of_a_lease: float = SECONDS_OF_A_LEASE) -> Iterator[Store]:
    """Open the store in a folder, or in the PostgreSQL of a URL. Raises StoreError."""
    is_url = isinstance(place, str) and "://" in place
    database = open_database(place if is_url else Path(place) / FILE)
    try:
        make_tables(database)
        queue = Queue(database, seconds_of_a_lease=seconds_of_a_lease)
        yield Store(Accounts(database), queue, Ledger(database), database, Sessions(database))
    finally:
        database.close()
