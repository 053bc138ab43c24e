"""Work is taken on by one process at a time, and by the next when the first has died over it."""

from __future__ import annotations

import multiprocessing
from datetime import UTC, datetime, timedelta

import pytest

from tocsin.book import Book, jobs

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
LASTS = timedelta(seconds=60)


def _add(book: Book, *keys: str, kind: str = "run", due_at: datetime = AT) -> list[str]:
    with book.write() as tx:
        return [jobs.add(tx, kind, "{}", key=key, made_at=AT, due_at=due_at) for key in keys]


def _claim(book: Book, by: str = "first", at: datetime = AT) -> jobs.Claim | None:
    with book.claim() as tx:
        return jobs.claim(tx, ["run"], by=by, at=at, lasts=LASTS)


def _state(book: Book, job: str) -> str:
    with book.read() as tx:
        found = jobs.find(tx, job)
    assert found
    return found.state


def test_what_is_asked_for_twice_is_there_once(any_book: Book) -> None:
    assert len(set(_add(any_book, "a", "a"))) == 1
    with any_book.read() as tx:
        assert len(jobs.newest(tx)) == 1


def test_a_job_is_taken_once_and_in_the_order_of_its_due_moments(any_book: Book) -> None:
    later = _add(any_book, "a", due_at=AT - timedelta(seconds=1))[0]
    sooner = _add(any_book, "b", due_at=AT - timedelta(seconds=2))[0]
    _add(any_book, "c", due_at=AT + timedelta(seconds=1))
    _add(any_book, "d", kind="another")
    taken = [_claim(any_book, by) for by in ("first", "second", "third")]
    assert [claim and claim.job.job for claim in taken] == [sooner, later, None]


def test_a_job_whose_worker_fell_silent_is_taken_by_the_next(any_book: Book) -> None:
    [job] = _add(any_book, "a")
    first = _claim(any_book)
    assert first
    with any_book.claim() as tx:
        assert jobs.hold(tx, first, until=AT + 2 * LASTS)
    assert _claim(any_book, "second", AT + 1.5 * LASTS) is None
    second = _claim(any_book, "second", AT + 3 * LASTS)
    assert second
    assert second.tries == 2
    with any_book.claim() as tx:
        assert not jobs.hold(tx, first, until=AT + 9 * LASTS)
        assert not jobs.finish(tx, first, at=AT, result="{}")  # it came back from the dead too late
        assert jobs.finish(tx, second, at=AT, result="{}")
    assert _state(any_book, job) == "done"


def test_a_job_over_which_every_worker_dies_is_given_up(any_book: Book) -> None:
    [job] = _add(any_book, "a")
    moments = [AT + each * 2 * LASTS for each in range(jobs.TRIES_MAX + 1)]
    taken = [_claim(any_book, f"worker {at}", at) for at in moments]
    assert all(taken[:-1])
    assert taken[-1] is None
    assert _state(any_book, job) == "failed"


def test_being_in_the_way_of_somebody_is_no_try(any_book: Book) -> None:
    [job] = _add(any_book, "a")
    claim = _claim(any_book)
    assert claim
    with any_book.claim() as tx:
        assert jobs.put_off(tx, claim, due_at=AT + LASTS, reason="busy", spoiled=False)
    again = _claim(any_book, at=AT + LASTS)
    assert again
    assert again.tries == 1
    with any_book.claim() as tx:
        assert jobs.fail(tx, again, at=AT, reason="x" * 9000)
    assert _state(any_book, job) == "failed"


def test_what_ended_long_ago_is_forgotten(any_book: Book) -> None:
    ended, waiting = _add(any_book, "a")[0], _add(any_book, "b", due_at=AT + LASTS)[0]
    claim = _claim(any_book)
    assert claim
    with any_book.claim() as tx:
        jobs.finish(tx, claim, at=AT, result="{}")
    with any_book.write() as tx:
        assert jobs.forget(tx, before=AT) == 0
        assert jobs.forget(tx, before=AT + LASTS) == 1
        assert jobs.find(tx, ended) is None
        assert jobs.find(tx, waiting)


def _take_all(url_and_name: tuple[str, str]) -> list[str]:
    book = Book(url_and_name[0])
    taken = []
    while claim := _claim(book, url_and_name[1]):
        taken.append(claim.job.job)
        with book.claim() as tx:
            assert jobs.finish(tx, claim, at=AT, result="{}")
    book.close()
    return taken


@pytest.mark.timeout(120)
def test_processes_that_take_at_once_never_take_the_same(any_book: Book, book_url: str) -> None:
    asked = _add(any_book, *(str(number) for number in range(200)))
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        taken = pool.map(_take_all, [(book_url, f"process {number}") for number in range(3)])
    assert sorted(job for each in taken for job in each) == sorted(asked)
