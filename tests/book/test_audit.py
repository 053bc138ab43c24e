"""The audit takes new lines and nothing else; whoever gets past that is found out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from tocsin.book import Book, audit
from tocsin.book.tables import audit as table

AT = datetime(2026, 11, 24, 3, 16, 38, 250_000, tzinfo=UTC)
_TRIGGERS = ("audit_keeps_lines", "audit_loses_none", "audit_replaces_none")


def _looked(book: Book, *objects: str) -> None:
    for name in objects:
        with book.write() as tx:
            audit.append(tx, at=AT, actor="clerk", action="who", object=name, reason="a call, ticket 7")


@pytest.fixture
def looked(any_book: Book) -> Book:
    _looked(any_book, "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4")
    return any_book


def _without_triggers(book: Book, *statements: str) -> None:
    """What somebody can do who owns the database."""
    with book.write() as tx:
        if book.is_sqlite:
            for trigger in _TRIGGERS:
                tx.execute(sa.text(f"DROP TRIGGER {trigger}"))
        else:
            tx.execute(sa.text("ALTER TABLE audit DISABLE TRIGGER USER"))
        for statement in statements:
            tx.execute(sa.text(statement))


def _verdict(book: Book) -> tuple[int, str | None]:
    with book.read() as tx:
        return audit.verify(tx)


def test_an_untouched_audit_is_whole(looked: Book) -> None:
    assert _verdict(looked) == (4, None)


def test_an_empty_audit_is_whole(any_book: Book) -> None:
    assert _verdict(any_book) == (0, None)


def test_lines_read_back_as_they_were_written(looked: Book) -> None:
    with looked.read() as tx:
        first = next(audit.entries(tx))
    assert (first.number, first.at, first.actor, first.object) == (1, AT, "clerk", "192.0.2.1")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET reason = 'nothing' WHERE number = 2",
        "DELETE FROM audit WHERE number = 2",
        "DELETE FROM audit",
    ],
)
def test_the_database_refuses_changes_and_removals(looked: Book, statement: str) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), looked.write() as tx:
        tx.execute(sa.text(statement))
    assert _verdict(looked) == (4, None)


@pytest.mark.parametrize("book_url", ["sqlite"], indirect=True)  # PostgreSQL has no REPLACE; its UPSERT is an UPDATE
def test_a_line_cannot_be_replaced_on_sqlite(looked: Book) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), looked.write() as tx:
        tx.execute(sa.text("REPLACE INTO audit SELECT number, at, 'nobody', action, object, reason, hash FROM audit"))
    assert _verdict(looked) == (4, None)


@pytest.mark.parametrize("book_url", ["postgresql"], indirect=True)  # SQLite has no TRUNCATE
def test_the_audit_cannot_be_truncated_on_postgresql(looked: Book) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), looked.write() as tx:
        tx.execute(sa.text("TRUNCATE audit"))


@pytest.mark.parametrize("column", ["actor", "action", "object", "reason"])
def test_an_altered_line_is_found(looked: Book, column: str) -> None:
    _without_triggers(looked, f"UPDATE audit SET {column} = 'altered' WHERE number = 2")
    lines, wrong = _verdict(looked)
    assert lines == 2
    assert wrong is not None
    assert "line 2" in wrong
    assert "was changed" in wrong


def test_an_altered_moment_is_found(looked: Book) -> None:
    _without_triggers(looked)
    with looked.write() as tx:
        tx.execute(table.update().where(table.c.number == 3).values(at=AT.replace(microsecond=250_001)))
    assert _verdict(looked)[0] == 3


def test_a_line_altered_with_its_own_hash_made_anew_is_found_in_the_next(looked: Book) -> None:
    _without_triggers(looked)
    with looked.write() as tx:
        lines = list(audit._written(tx))
        forged = audit._hash(lines[0].hash, 2, AT, "nobody", "who", lines[1].object, "a call, ticket 7")
        tx.execute(table.update().where(table.c.number == 2).values(actor="nobody", hash=forged))
    lines_read, wrong = _verdict(looked)
    assert lines_read == 3
    assert wrong is not None


def test_a_removed_line_is_found(looked: Book) -> None:
    _without_triggers(looked, "DELETE FROM audit WHERE number = 2")
    assert _verdict(looked) == (2, "line 2 is missing: line 3 stands in its place")


def test_a_removed_line_is_found_though_the_numbers_were_closed_up(looked: Book) -> None:
    _without_triggers(
        looked,
        "DELETE FROM audit WHERE number = 2",
        "UPDATE audit SET number = 2 WHERE number = 3",
        "UPDATE audit SET number = 3 WHERE number = 4",
    )
    assert _verdict(looked)[0] == 2
    assert _verdict(looked)[1] is not None


def test_swapped_lines_are_found(looked: Book) -> None:
    _without_triggers(
        looked,
        "UPDATE audit SET number = 99 WHERE number = 2",
        "UPDATE audit SET number = 2 WHERE number = 3",
        "UPDATE audit SET number = 3 WHERE number = 99",
    )
    assert _verdict(looked)[0] == 2
    assert _verdict(looked)[1] is not None


def test_a_cut_at_the_end_shows_in_the_last_hash(looked: Book) -> None:
    with looked.read() as tx:
        kept_elsewhere = audit.last_hash(tx)
    _without_triggers(looked, "DELETE FROM audit WHERE number = 4")
    with looked.read() as tx:
        assert audit.verify(tx) == (3, None)
        assert audit.last_hash(tx) != kept_elsewhere
