"""The outbox, runs and holds, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import sqlalchemy as sa

from tocsin.book import Book, Transaction, holds, manifest, notices, runs
from tocsin.book.holds import Hold
from tocsin.book.notices import Notice
from tocsin.book.runs import SourceRun
from tocsin.book.tables import cases, subscribers
from tocsin.terms.errors import BadRequest

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _notice(name: str = "N-1", **fields: object) -> Notice:
    values: dict[str, object] = {
        "notice": name,
        "subscriber": 1,
        "decided_at": AT,
        "expires_at": AT + 24 * HOUR,
        "facts": '{"name":"渡辺"}',
        "code_sha256": f"digest of {name}",
        "state": "decided",
    }
    return msgspec.convert(values | fields, Notice)


@pytest.fixture
def outbox(any_book: Book) -> Book:
    """Two subscribers, two cases, no notice."""
    with any_book.write() as tx:
        tx.execute(subscribers.insert(), [{"number": n, "ref": f"K-{n}"} for n in (1, 2)])
        same = {"kind": "scanner", "malware": "", "role": "attacker", "state": "open", "sightings": 1}
        moments = dict.fromkeys(("opened_at", "changed_at", "first_at", "last_at"), AT)
        tx.execute(cases.insert(), [{"case": f"C-{n}", "subscriber": n, **same, **moments} for n in (1, 2)])
    return any_book


def _add(book: Book, *decided: Notice) -> None:
    with book.write() as tx:
        notices.add(tx, decided, {notice.notice: ["C-1"] for notice in decided})


def _queue(tx: Transaction, name: str = "N-1") -> None:
    notices.queue(tx, name, message_id=f"<{name}@isp.example>", envelope_from="b+1@isp.example", raw=b"\x00raw\xff")


def _dot(tx: Transaction, name: str = "N-1") -> None:
    notices.note_dot(tx, name, AT + HOUR)


def _sent(tx: Transaction, name: str = "N-1") -> None:
    notices.note_sent(tx, name, AT + HOUR)


def _uncertain(tx: Transaction, name: str = "N-1") -> None:
    notices.note_uncertain(tx, name, "the process died")


def _refused(tx: Transaction, name: str = "N-1") -> None:
    notices.refuse(tx, name, "judged unclear " * 40)


def _do(book: Book, *steps: Callable[[Transaction, str], None], name: str = "N-1") -> Notice:
    for step in steps:
        with book.write() as tx:
            step(tx, name)
    with book.read() as tx:
        found = notices.find(tx, name)
    assert found is not None
    return found


def test_a_decision_reads_back_with_its_cases(outbox: Book) -> None:
    with outbox.write() as tx:
        notices.add(tx, [_notice()], {"N-1": ["C-2", "C-1"]})
    with outbox.read() as tx:
        assert notices.find(tx, "N-1") == _notice()
        assert notices.find_by_code(tx, "digest of N-1") == _notice()
        assert notices.find_by_code(tx, "digest of another") is None
        assert notices.cases_of(tx, "N-1") == ["C-1", "C-2"]
        assert notices.of_cases(tx, ["C-2"]) == {"C-2": [_notice()]}


def test_the_bytes_and_the_message_id_are_kept_before_anything_is_sent(outbox: Book) -> None:
    _add(outbox, _notice())
    with pytest.raises(BadRequest, match="has not been composed"), outbox.read() as tx:
        notices.raw_of(tx, "N-1")
    queued = _do(outbox, _queue)
    assert (queued.state, queued.message_id, queued.sent_at) == ("queued", "<N-1@isp.example>", None)
    with outbox.read() as tx:
        assert notices.raw_of(tx, "N-1") == b"\x00raw\xff"


def test_a_delivery_leaves_its_moments(outbox: Book) -> None:
    _add(outbox, _notice())
    sent = _do(outbox, _queue, _dot, _sent)
    assert (sent.state, sent.dot_at, sent.sent_at) == ("sent", AT + HOUR, AT + HOUR)


STEPS = {"queue": _queue, "dot": _dot, "sent": _sent, "uncertain": _uncertain, "refused": _refused}
ALLOWED = {
    (): {"queue", "refused"},
    ("queue",): {"dot", "sent", "uncertain", "refused"},
    ("queue", "dot"): {"dot", "sent", "uncertain", "refused"},
    ("queue", "uncertain"): {"sent", "refused"},
    ("queue", "sent"): set[str](),
    ("refused",): set[str](),
}


def test_a_notice_takes_no_step_but_the_allowed(outbox: Book) -> None:
    for place, (before, allowed) in enumerate(ALLOWED.items()):
        for step, take in STEPS.items():
            name = f"N-{place}-{step}"
            _add(outbox, _notice(name))
            state = _do(outbox, *(STEPS[each] for each in before), name=name).state
            if step in allowed:
                _do(outbox, take, name=name)
                continue
            with pytest.raises(BadRequest, match=name):
                _do(outbox, take, name=name)
            assert _do(outbox, name=name).state == state


def test_a_notice_that_there_is_not_takes_no_step(outbox: Book) -> None:
    with pytest.raises(BadRequest, match="N-1 cannot become sent"), outbox.write() as tx:
        _sent(tx, "N-1")


def test_waiting_notices_come_oldest_first(outbox: Book) -> None:
    _add(outbox, _notice("N-3"), _notice("N-2", decided_at=AT - HOUR), _notice("N-1"))
    with outbox.read() as tx:
        assert [notice.notice for notice in notices.in_state(tx, "decided")] == ["N-2", "N-1", "N-3"]
        assert notices.in_state(tx, "queued", "sent") == []


def test_a_notice_that_was_refused_after_it_was_queued_counts_since_it_may_have_left(outbox: Book) -> None:
    _add(outbox, _notice())
    _do(outbox, _queue, _refused)
    with outbox.read() as tx:
        assert notices.last_decided(tx, [1]) == {1: AT}


def test_a_refused_notice_does_not_count_as_written(outbox: Book) -> None:
    _add(outbox, _notice(), _notice("N-2", decided_at=AT - HOUR), _notice("N-3", subscriber=2))
    with outbox.read() as tx:
        assert notices.last_decided(tx, [1, 2, 3]) == {1: AT, 2: AT}
    _do(outbox, _refused)
    with outbox.read() as tx:
        assert notices.last_decided(tx, [1]) == {1: AT - HOUR}
        assert notices.refs_of(tx, [1]) == {"N-1", "N-2"}


@pytest.mark.parametrize("second", [_notice(), _notice("N-2", code_sha256="digest of N-1")])
def test_neither_a_reference_nor_a_code_comes_twice(outbox: Book, second: Notice) -> None:
    _add(outbox, _notice())
    with pytest.raises(sa.exc.IntegrityError):
        _add(outbox, second)


# --- runs --------------------------------------------------------------------------------------------------------


def test_a_run_is_finished_once(any_book: Book) -> None:
    for summary in ("{}", '{"notices": 3}'):
        with any_book.write() as tx:
            runs.finish(tx, AT, summary)
            runs.finish(tx, AT - HOUR, "{}")
    with any_book.read() as tx:
        assert runs.finished(tx) == [AT - HOUR, AT]


def test_what_a_source_brought_is_replaced_when_it_is_counted_again(any_book: Book) -> None:
    first = SourceRun(source="cert", run_at=AT, sightings=3, outcomes={"pending": 3})
    again = SourceRun(source="cert", run_at=AT, sightings=3, outcomes={"subscriber": 1, "no-binding": 2})
    earlier = SourceRun(source="cert", run_at=AT - HOUR, sightings=0, outcomes={})
    for counted in ([first, earlier], [again], []):
        with any_book.write() as tx:
            runs.note_sources(tx, counted)
    with any_book.read() as tx:
        assert runs.source_runs(tx) == [earlier, again]


def test_the_files_of_a_run_are_found_by_its_moment(any_book: Book) -> None:
    def file(path: str, table: str = "sightings") -> manifest.File:
        return manifest.File(path, table, AT.date(), 1, 1)

    with any_book.write() as tx:
        for batch, at, added in [
            ("b1", AT, [file("s1"), file("p1", "pieces")]),
            ("b2", AT, [file("s2")]),
            ("b3", AT + HOUR, [file("s3")]),
        ]:
            manifest.commit(tx, batch, kind="read", made_at=at, added=added, dropped=[], fences={})
    with any_book.read() as tx:
        assert runs.paths_by_run(tx, "sightings") == {AT: ["s1", "s2"], AT + HOUR: ["s3"]}


# --- holds -------------------------------------------------------------------------------------------------------

HOLD = Hold(hold="H-1", at=AT, brake="volume", reason="too much", notices=3, source="cert")
WIDE = Hold(hold="H-2", at=AT, brake="share-max", reason="too many", notices=30)


def test_a_hold_waits_until_it_is_released_once(any_book: Book) -> None:
    with any_book.write() as tx:
        holds.add(tx, [HOLD, WIDE])
        holds.add(tx, [msgspec.structs.replace(HOLD, notices=99)])
    with any_book.write() as tx:
        assert holds.unreleased(tx) == [HOLD, WIDE]
        holds.release(tx, "H-1", at=AT + HOUR, by="desk")
        assert holds.unreleased(tx) == [WIDE]
    with pytest.raises(BadRequest, match="H-1 waits"), any_book.write() as tx:
        holds.release(tx, "H-1", at=AT + 2 * HOUR, by="another")
    with any_book.read() as tx:
        assert holds.every(tx)[0] == msgspec.structs.replace(HOLD, released_at=AT + HOUR, released_by="desk")


def test_a_release_is_spent_once(any_book: Book) -> None:
    with any_book.write() as tx:
        holds.add(tx, [WIDE])
        holds.release(tx, "H-2", at=AT, by="desk")
        holds.spend(tx, ["H-2"], AT + HOUR)
        holds.spend(tx, ["H-2"], AT + 2 * HOUR)
        holds.spend(tx, [], AT)
    with any_book.read() as tx:
        assert [hold.spent_at for hold in holds.every(tx)] == [AT + HOUR]


def test_a_hold_that_there_is_not_cannot_be_released(any_book: Book) -> None:
    with pytest.raises(BadRequest, match="no hold H-9"), any_book.write() as tx:
        holds.release(tx, "H-9", at=AT, by="desk")
