"""Two ways in: reading changes nothing, writing is one at a time and loses nothing."""

from __future__ import annotations

import multiprocessing
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from tocsin.book import Book, audit, manifest
from tocsin.book.tables import source_days, sources
from tocsin.terms.errors import BadConfig, StorageFailed

AT = datetime(2026, 11, 24, tzinfo=UTC)
UPDATES = 300
PROCESSES = 4


def test_four_processes_that_read_change_and_write_lose_no_update(any_book: Book, book_url: str) -> None:
    with any_book.write() as tx:
        tx.execute(source_days.insert().values(source="cert", run_at=AT, sightings=0, outcomes="{}"))
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(PROCESSES) as pool:
        pool.map(_count_up, [book_url] * PROCESSES)
    with any_book.read() as tx:
        assert tx.execute(sa.select(source_days.c.sightings)).scalar_one() == UPDATES * PROCESSES


def test_the_chain_of_the_audit_holds_when_two_processes_write_it(any_book: Book, book_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(2) as pool:
        pool.map(_look_often, [book_url] * 2)
    with any_book.read() as tx:
        assert audit.verify(tx) == (100, None)


def test_what_fails_half_way_leaves_nothing(any_book: Book) -> None:
    with pytest.raises(ZeroDivisionError):
        _write_half_and_fail(any_book)
    assert _names(any_book) == []


def test_what_is_written_while_reading_does_not_stay(any_book: Book) -> None:
    with any_book.read() as tx:
        tx.execute(sources.insert().values(name="cert", first_at=AT))
    assert _names(any_book) == []


def test_a_reader_sees_one_moment_whatever_is_written_meanwhile(any_book: Book) -> None:
    with any_book.read() as reading:
        before = reading.execute(sa.select(sources.c.name)).all()
        with any_book.write() as tx:
            tx.execute(sources.insert().values(name="cert", first_at=AT))
        assert reading.execute(sa.select(sources.c.name)).all() == before
    assert _names(any_book) == ["cert"]


def test_a_second_writer_waits_for_the_first(any_book: Book) -> None:
    order: list[str] = []
    inside = threading.Event()

    def second() -> None:
        inside.wait()
        with any_book.write():
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with any_book.write():
        inside.set()
        thread.join(0.3)  # time enough to get in, if it could
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


@pytest.mark.parametrize("at", [AT, AT.replace(microsecond=123_456), datetime(2026, 7, 1, 12, tzinfo=UTC)])
def test_moments_come_back_aware_and_unchanged(any_book: Book, at: datetime) -> None:
    with any_book.write() as tx:
        tx.execute(sources.insert().values(name="cert", first_at=at))
    with any_book.read() as tx:
        assert tx.execute(sa.select(sources.c.first_at)).scalar_one() == at


def test_a_moment_without_a_zone_is_refused(any_book: Book) -> None:
    naive = AT.replace(tzinfo=None)
    with pytest.raises(sa.exc.StatementError, match="without a zone"), any_book.write() as tx:
        tx.execute(sources.insert().values(name="cert", first_at=naive))


def test_a_url_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=r"\[book\] url"):
        Book("no such database")


def test_a_folder_that_is_absent_is_a_storage_failure(tmp_path: Path) -> None:
    book = Book.at(tmp_path / "absent")
    with pytest.raises(StorageFailed, match="cannot be used"):
        book.migrate()


def _write_half_and_fail(book: Book) -> None:
    with book.write() as tx:
        tx.execute(sources.insert().values(name="cert", first_at=AT))
        raise ZeroDivisionError


def _names(book: Book) -> list[str]:
    with book.read() as tx:
        return list(tx.execute(sa.select(sources.c.name)).scalars())


def _count_up(url: str) -> None:
    book = Book(url)
    for _ in range(UPDATES):
        with book.write() as tx:
            seen = tx.execute(sa.select(source_days.c.sightings)).scalar_one()
            tx.execute(source_days.update().values(sightings=seen + 1))
    book.close()


def _look_often(url: str) -> None:
    book = Book(url)
    for number in range(50):
        with book.write() as tx:
            audit.append(tx, at=AT, actor="clerk", action="who", object=str(number), reason="")
    book.close()


# --- the manifest ------------------------------------------------------------------------------------------------

LASTS = timedelta(minutes=10)
DAY = date(2026, 11, 24)


def _file(name: str, rows: int = 3) -> manifest.File:
    return manifest.File(f"sightings/day={DAY}/{name}.parquet", "sightings", DAY, rows, 1)


def _commit(book: Book, batch: str, fence: int, *added: manifest.File, dropped: tuple[str, ...] = ()) -> None:
    with book.write() as tx:
        manifest.commit(tx, batch, kind="read", made_at=AT, added=added, dropped=dropped, fences={"sightings": fence})


def _listed(book: Book) -> list[str]:
    with book.read() as tx:
        return [Path(file.path).stem for file in manifest.listed(tx, "sightings")]


def test_a_batch_replaces_files_in_one_step(any_book: Book) -> None:
    with any_book.write() as tx:
        fence = manifest.take_lease(tx, "sightings", holder="a", now=AT, lasts=LASTS)
    _commit(any_book, "b1", fence, _file("b1"))
    _commit(any_book, "b2", fence, _file("b2"), dropped=(_file("b1").path,))
    assert _listed(any_book) == ["b2"]


def test_a_batch_that_cannot_be_whole_changes_nothing(any_book: Book) -> None:
    with any_book.write() as tx:
        fence = manifest.take_lease(tx, "sightings", holder="a", now=AT, lasts=LASTS)
    _commit(any_book, "b1", fence, _file("b1"))
    with pytest.raises(sa.exc.IntegrityError):  # the same file twice: the drop before it must not stay either
        _commit(any_book, "b2", fence, _file("b2"), _file("b2"), dropped=(_file("b1").path,))
    assert _listed(any_book) == ["b1"]


def test_a_repeated_batch_replaces_its_own_rows(any_book: Book) -> None:
    with any_book.write() as tx:
        fence = manifest.take_lease(tx, "sightings", holder="a", now=AT, lasts=LASTS)
    _commit(any_book, "b1", fence, _file("b1"))
    _commit(any_book, "b1", fence, _file("b1", rows=4))
    with any_book.read() as tx:
        assert [file.rows for file in manifest.listed(tx, "sightings", [DAY])] == [4]
        assert manifest.every_path(tx) == {_file("b1").path}


def test_made_from_is_replaced_day_by_day(any_book: Book) -> None:
    with any_book.write() as tx:
        manifest.note_made(tx, "bindings", DAY, manifest.Made("inputs", "g1"))
        manifest.note_made(tx, "bindings", DAY, manifest.Made("more inputs", "g2"))
    with any_book.read() as tx:
        assert manifest.made_from(tx, "bindings") == {DAY: manifest.Made("more inputs", "g2")}
        assert manifest.made_from(tx, "attributions") == {}
