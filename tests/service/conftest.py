"""A store in each database that there is: SQLite always, PostgreSQL where it is installed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.postgres import find_programs, run_postgres
from torch_judge.service.store import Store, open_store


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """Run a PostgreSQL server for a module: others count what runs."""
    psycopg = pytest.importorskip("psycopg")
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    with run_postgres(programs) as url:
        psycopg.connect(url).close()
        yield url


@pytest.fixture
def empty_postgres(postgres: str) -> str:
    """Make a database that is empty, and return its URL."""
    import psycopg

    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return postgres.replace("@/postgres", f"@/{name}")


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Say where a store is kept: in a folder, or in a PostgreSQL."""
    if request.param == "sqlite":
        return str(tmp_path / "data")
    url: str = request.getfixturevalue("empty_postgres")
    return url


@pytest.fixture
def store(place: str) -> Iterator[Store]:
    """Open a store."""
    with open_store(place) as opened:
        yield opened
