"""The book itself: where it is kept, and the two ways into it: `read` and `write`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, exc

from tocsin.book.migrations import HEAD
from tocsin.terms.errors import BadConfig, BadRequest, Busy, StorageFailed

Transaction = sa.Connection  # what the other rooms pass around without looking inside

_BUSY_S = 30
_ONE_WRITER = 0x70C51  # the advisory lock's number, ours alone in this database


class Book:
    """An open book. `url` is SQLAlchemy's: `sqlite:///…/book.sqlite` or `postgresql+psycopg://…`."""

    def __init__(self, url: str) -> None:
        try:
            self.engine = sa.create_engine(url, **_options(url))
        except (exc.ArgumentError, exc.NoSuchModuleError) as error:
            raise BadConfig(f"not a database URL: {error}", where="[book] url") from error
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        if self.is_sqlite:
            event.listen(self.engine, "connect", _on_sqlite_connect)
            event.listen(self.engine, "begin", _on_sqlite_begin)

    @classmethod
    def at(cls, folder: Path) -> Book:
        """The embedded book of a data folder."""
        return cls(f"sqlite:///{folder / 'book.sqlite'}")

    def close(self) -> None:
        self.engine.dispose()

    def migrate(self) -> None:
        """Bring the tables to this version's form: all of the way or nothing, also when two processes try at once.

        BadRequest when a newer version has written the book.
        """
        if self.form() == HEAD:
            return
        from tocsin.book.migrations import migrate  # noqa: PLC0415 - Alembic takes 0.2 s, and is needed once

        with self.write() as tx:
            present = _form(tx)
            if present and present not in migrate.known_forms():
                raise BadRequest(
                    f"the book has form {present}, this version knows up to {HEAD}", remedy="use the newer version"
                )
            migrate.upgrade(tx)

    def form(self) -> str | None:
        """The number of the form that the tables have; None of an empty book."""
        with self.read() as tx:
            return _form(tx)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A consistent view; nothing written in it stays."""
        with _as_ours(), self.engine.connect() as connection:
            if not self.is_sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection
            connection.rollback()

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """One transaction: all of it or nothing. Held briefly; never during bulk work.

        One writer at a time on both databases, from the first statement on (SQLite: BEGIN IMMEDIATE; PostgreSQL:
        an advisory lock): a lock taken at the first write can lose an update that another process made in
        between. Raises Busy when SQLite's lock is not to be had for 30 s.
        """
        with _as_ours(), self.engine.connect() as connection:
            connection.execution_options(tocsin_write=True)
            with connection.begin():
                if not self.is_sqlite:
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_WRITER)))
                yield connection

    @contextmanager
    def claim(self) -> Iterator[Transaction]:
        """One transaction that takes work on: `SELECT … FOR UPDATE SKIP LOCKED` and the mark that it is taken.

        On PostgreSQL it waits for no other writer, so that many workers take on different work at once; write nothing
        in it but rows that it has locked. On SQLite it is a `write`.
        """
        if self.is_sqlite:
            with self.write() as tx:
                yield tx
            return
        with _as_ours(), self.engine.connect() as connection, connection.begin():
            yield connection


def _form(tx: Transaction) -> str | None:
    if not sa.inspect(tx).has_table("alembic_version"):
        return None
    return tx.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def _options(url: str) -> dict[str, Any]:
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": _BUSY_S, "isolation_level": None}}  # we say BEGIN ourselves
    # A plan that psycopg has prepared for any value reads a whole table where this value names a few rows.
    arguments = {"prepare_threshold": None}
    return {"isolation_level": "READ COMMITTED", "pool_pre_ping": True, "connect_args": arguments}


def _on_sqlite_connect(connection: Any, _record: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _on_sqlite_begin(connection: sa.Connection) -> None:
    immediate = connection.get_execution_options().get("tocsin_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


@contextmanager
def _as_ours() -> Iterator[None]:
    """The driver's errors that an operator can mend, in words that say how."""
    try:
        yield
    except exc.OperationalError as error:
        said = str(error.orig)
        if "locked" in said:
            raise Busy("another process is writing to the book", remedy="run again in a moment") from error
        raise StorageFailed(
            f"the book cannot be used: {said}", remedy="free space or fix the folder's rights, then run again"
        ) from error
