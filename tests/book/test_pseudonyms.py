"""The audit names no subscriber: it holds pseudonyms, and their meaning can be destroyed with the chain whole."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from tocsin.book import Book, audit, pseudonyms
from tocsin.book.contracts import add_subscribers
from tocsin.book.tables import audit as table

AT = datetime(2026, 11, 24, tzinfo=UTC)


def _note(book: Book, action: str, object: str, subscriber: int | None = None) -> None:
    with book.write() as tx:
        audit.append(tx, at=AT, actor="anna", action=action, object=object, reason="why", subscriber=subscriber)


def _written(book: Book) -> list[str]:
    with book.read() as tx:
        return list(tx.execute(sa.select(table.c.object).order_by(table.c.number)).scalars())


def _shown(book: Book) -> list[str]:
    with book.read() as tx:
        assert audit.verify(tx)[1] is None
        return [entry.object for entry in audit.entries(tx)]


def test_what_means_a_subscriber_is_written_as_a_pseudonym_and_shown_as_itself(any_book: Book) -> None:
    with any_book.write() as tx:
        numbers = add_subscribers(tx, ["K-1", "K-2"])
    objects = ["K-1", "192.0.2.1 port 4000 at 2026-11-24T00:00:00Z", "2001:db8::/56 from then", "settings", "K-1"]
    for each in objects:
        _note(any_book, "look", each)
    _note(any_book, "search", "Anna Berg")
    _note(any_book, "export", "a file", numbers["K-2"])
    written = _written(any_book)
    assert [each.startswith("~") for each in written] == [True, True, True, False, True, True, True]
    assert written[0] == written[4]
    assert _shown(any_book) == [*objects, "Anna Berg", "a file"]


def test_destroying_the_pseudonyms_leaves_the_chain_whole_and_means_nobody(any_book: Book) -> None:
    with any_book.write() as tx:
        numbers = add_subscribers(tx, ["K-1", "K-2"])
    for each in ("K-1", "K-2", "192.0.2.1 at then"):
        _note(any_book, "look", each)
    with any_book.write() as tx:
        pseudonyms.belongs_to(tx, "192.0.2.1 at then", numbers["K-1"])
        assert len(audit.about(tx, numbers["K-1"])) == 2
        assert pseudonyms.destroy(tx, numbers["K-1"]) == 2
    first, second, third = _shown(any_book)
    assert (first[0], second, third[0]) == ("~", "K-2", "~")


def test_a_search_in_the_audit_finds_by_what_is_meant(any_book: Book) -> None:
    with any_book.write() as tx:
        add_subscribers(tx, ["K-1", "K-2"])
    for each in ("K-1", "K-2"):
        _note(any_book, "look", each)
    with any_book.read() as tx:
        found = audit.page(tx, audit.Wanted(text="k-2"), 10)
    assert [entry.object for entry in found] == ["K-2"]


def test_the_same_work_twice_gives_the_same_dump(any_book: Book) -> None:
    from tocsin.book.dump import rows

    with any_book.write() as tx:
        add_subscribers(tx, ["K-1"])
    _note(any_book, "look", "K-1")
    with any_book.read() as tx:
        dumped = [row for name, row in rows(tx) if name == "audit"]
    assert dumped == [{"number": 1, "at": AT, "actor": "anna", "action": "look", "object": "K-1", "reason": "why"}]
