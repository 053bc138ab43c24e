"""One writer per table of the lake; who lost the right cannot commit, however late he learns of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tocsin.book import Book, manifest
from tocsin.terms.errors import Busy

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
LASTS = timedelta(minutes=10)
FILE = manifest.File("sightings/day=2026-11-24/b1.parquet", "sightings", date(2026, 11, 24), 1, 1)


def _take(book: Book, holder: str, now: datetime = NOW) -> int:
    with book.write() as tx:
        return manifest.take_lease(tx, "sightings", holder=holder, now=now, lasts=LASTS)


def _drop(book: Book, fence: int) -> None:
    with book.write() as tx:
        manifest.drop_lease(tx, "sightings", fence)


def _commit(book: Book, fence: int) -> None:
    with book.write() as tx:
        manifest.commit(tx, "b1", kind="read", made_at=NOW, added=[FILE], dropped=[], fences={"sightings": fence})


def _files(book: Book) -> int:
    with book.read() as tx:
        return len(manifest.listed(tx, "sightings"))


def test_a_taken_lease_is_busy_for_others(any_book: Book) -> None:
    _take(any_book, "a")
    with pytest.raises(Busy, match=r"\(a\) is writing sightings"):
        _take(any_book, "b", NOW + LASTS - timedelta(seconds=1))


def test_another_table_is_free(any_book: Book) -> None:
    _take(any_book, "a")
    with any_book.write() as tx:
        assert manifest.take_lease(tx, "bindings", holder="b", now=NOW, lasts=LASTS) == 1


def test_a_dropped_lease_is_free(any_book: Book) -> None:
    fence = _take(any_book, "a")
    _drop(any_book, fence)
    assert _take(any_book, "b") > fence


def test_an_expired_lease_is_free(any_book: Book) -> None:
    fence = _take(any_book, "a")
    assert _take(any_book, "b", NOW + LASTS) > fence


def test_a_holder_may_take_his_own_again(any_book: Book) -> None:
    fence = _take(any_book, "a")
    assert _take(any_book, "a") > fence


def test_a_stale_fence_cannot_commit(any_book: Book) -> None:
    stale = _take(any_book, "a")
    _take(any_book, "b", NOW + LASTS)
    with pytest.raises(Busy, match="has passed to another"):
        _commit(any_book, stale)
    assert _files(any_book) == 0


def test_the_right_fence_commits(any_book: Book) -> None:
    _commit(any_book, _take(any_book, "a"))
    assert _files(any_book) == 1


def test_a_stale_holder_cannot_drop_the_lease_of_the_next(any_book: Book) -> None:
    stale = _take(any_book, "a")
    fresh = _take(any_book, "b", NOW + LASTS)
    _drop(any_book, stale)
    with pytest.raises(Busy):
        _take(any_book, "c", NOW + LASTS)
    _commit(any_book, fresh)


def test_a_table_that_was_never_leased_cannot_be_written(any_book: Book) -> None:
    with pytest.raises(Busy):
        _commit(any_book, 1)
