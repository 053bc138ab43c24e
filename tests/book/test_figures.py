"""The figures of the desk's pages, on both databases: each is what a slow count would say."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

import msgspec
import pytest
import sqlalchemy as sa

from tocsin.book import Book, audit, evidence, figures, notices, runs, uploads
from tocsin.book.audit import Wanted
from tocsin.book.evidence import Evidence
from tocsin.book.figures import OutcomeDay, Reach
from tocsin.book.notices import Notice
from tocsin.book.runs import SourceRun
from tocsin.book.tables import case_moves, cases, subscribers
from tocsin.book.tables_portal import statements
from tocsin.book.uploads import Read, Upload
from tocsin.cases.silence import UNPROVEN

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def _case(number: int, state: str, *, kind: str = "infected-system", seen_days: float = 1.0) -> dict[str, object]:
    first = NOW - 20 * DAY
    return {
        "case": f"C-{number}",
        "subscriber": 1,
        "kind": kind,
        "malware": f"m{number}",
        "role": "infected",
        "state": state,
        "opened_at": first,
        "changed_at": NOW,
        "sightings": 3,
        "first_at": first,
        "last_at": first + seen_days * DAY,
    }


def _move(number: int, state: str, days: float) -> dict[str, object]:
    at = NOW - 20 * DAY + days * DAY
    return {"case": f"C-{number}", "number": 1, "at": at, "state": state, "actor": "x", "reason": "x"}


def _with_cases(book: Book, rows: list[dict[str, object]], moves: list[dict[str, object]]) -> None:
    with book.write() as tx:
        tx.execute(subscribers.insert().values(number=1, ref="S-1"))
        if rows:
            tx.execute(cases.insert(), rows)
        if moves:
            tx.execute(case_moves.insert(), moves)


def test_open_cases_are_counted_by_kind_and_state(any_book: Book) -> None:
    rows = [_case(1, "open"), _case(2, "open"), _case(3, "notified"), _case(4, "closed"), _case(5, "withdrawn")]
    _with_cases(any_book, [*rows, _case(6, "open", kind="brute-force")], [])
    with any_book.read() as tx:
        found = [(each.kind, each.state, each.cases) for each in figures.open_cases(tx, ("open", "notified"))]
    assert found == [("infected-system", "open", 2), ("brute-force", "open", 1), ("infected-system", "notified", 1)]


@pytest.mark.parametrize("lasted", [[1.0], [1.0, 4.0], [0.5, 2.0, 9.0], [1.0, 1.0, 2.0, 7.0], [0.0] * 5])
def test_the_cure_is_the_median(any_book: Book, lasted: list[float]) -> None:
    """With a notice from the notice on, without one from the first sighting on."""
    rows = [_case(number, "quiet", seen_days=days) for number, days in enumerate(lasted)]
    rows += [_case(100 + number, "closed", seen_days=days + 3) for number, days in enumerate(lasted)]
    rows += [_case(300, "open", seen_days=19)]
    _with_cases(any_book, rows, [_move(100 + number, "notified", 1) for number in range(len(lasted))])
    with any_book.read() as tx:
        told, without = figures.cures(tx, NOW - 90 * DAY, unproven=UNPROVEN)
        assert figures.cures(tx, NOW, unproven=UNPROVEN)[0] == figures.Cure(0, None)
    assert (without.cases, told.cases) == (len(lasted), len(lasted))
    assert without.median_days == pytest.approx(median(lasted), abs=1e-4)
    assert told.median_days == pytest.approx(median(days + 2 for days in lasted), abs=1e-4)


def test_what_was_quiet_before_its_notice_counts_as_nothing(any_book: Book) -> None:
    _with_cases(any_book, [_case(1, "quiet", seen_days=1)], [_move(1, "notified", 5)])
    with any_book.read() as tx:
        assert figures.cures(tx, NOW - 90 * DAY, unproven=UNPROVEN)[0] == figures.Cure(1, 0.0)


def test_what_was_closed_unproven_is_no_cure(any_book: Book) -> None:
    unproven = _move(1, "closed", 5) | {"reason": f"{UNPROVEN}: no delivery"}
    _with_cases(any_book, [_case(1, "closed", seen_days=3), _case(2, "closed", seen_days=3)], [unproven])
    with any_book.read() as tx:
        _, without = figures.cures(tx, NOW - 90 * DAY, unproven=UNPROVEN)
    assert without.cases == 1


def test_what_came_is_summed_by_utc_day(any_book: Book) -> None:
    moments = [datetime(2026, 11, 23, 23, 59, tzinfo=UTC), datetime(2026, 11, 24, 0, 1, tzinfo=UTC)]
    counted = [SourceRun(source="cert", run_at=at, sightings=5, outcomes={"subscriber": 5}) for at in moments]
    counted += [SourceRun(source="cert", run_at=NOW, sightings=2, outcomes={"shared": 2})]
    with any_book.write() as tx:
        runs.note_sources(tx, counted)
    with any_book.read() as tx:
        found = [(each.day, each.sightings) for each in figures.came_by_day(tx, NOW - 3 * DAY)]
        assert found == [(date(2026, 11, 23), 5), (date(2026, 11, 24), 7)]
        assert [each.sightings for each in runs.source_runs_since(tx, moments[1])] == [5, 2]


def test_outcomes_and_reaches_replace_what_stood_there(any_book: Book) -> None:
    day = NOW.date()
    gap = (NOW - DAY, NOW - DAY + timedelta(hours=2))
    with any_book.write() as tx:
        for count in (4, 9):
            figures.replace_outcomes(tx, day, [OutcomeDay(day, "shared", "no-port", count)])
            figures.replace_reaches(tx, [Reach("radius", NOW - 9 * DAY, NOW, (gap,)), Reach("static", None, None, ())])
    with any_book.read() as tx:
        assert figures.outcomes_since(tx, day) == [OutcomeDay(day, "shared", "no-port", 9)]
        assert figures.outcomes_since(tx, day + DAY) == []
        assert figures.reaches(tx)["radius"] == Reach("radius", NOW - 9 * DAY, NOW, (gap,))
        assert figures.reaches(tx)["static"].read_until is None


def test_arrivals_name_the_last_file(any_book: Book) -> None:
    with any_book.write() as tx:
        for hours, name in ((5, "old.csv"), (1, "new.csv"), (99, "older.csv")):
            at = NOW - timedelta(hours=hours)
            this = Evidence(sha256=name, source="cert", reader="x", name=name, bytes=1, received_at=at, batch="b")
            evidence.note_read(tx, this)
    with any_book.read() as tx:
        found = figures.arrivals(tx, NOW - DAY)["cert"]
    assert (found.last_name, found.last_at, len(found.since)) == ("new.csv", NOW - timedelta(hours=1), 2)


def _notice(number: int, state: str) -> Notice:
    return Notice(
        notice=f"N-{number:016}",
        subscriber=1,
        decided_at=NOW - number * timedelta(hours=1),
        expires_at=NOW + DAY,
        facts="{}",
        code_sha256=f"{number:064}",
        state=state,
        reason="the line broke" if state == "uncertain" else None,
    )


def test_notices_are_counted_by_what_became_of_them(any_book: Book) -> None:
    _with_cases(any_book, [_case(1, "notified")], [])
    made = [_notice(1, "sent"), _notice(2, "sent"), _notice(3, "uncertain"), _notice(4, "refused"), _notice(99, "sent")]
    with any_book.write() as tx:
        notices.add(tx, made, {each.notice: ["C-1"] for each in made})
        said = {"at": NOW, "kind": "did-it", "text": "done", "proven_by": "code"}
        tx.execute(statements.insert(), [said | {"number": n, "notice": made[0].notice} for n in (1, 2)])
    with any_book.read() as tx:
        assert figures.notices_by_state(tx, NOW - DAY) == {"sent": 2, "uncertain": 1, "refused": 1}
        assert figures.sent_by_day(tx, NOW - DAY) == {NOW.date(): 3}
        assert figures.confirmed(tx, NOW - DAY) == 1, "twice by the same reader is one"
        assert figures.unread(tx) == {"did-it": 2}
        (doubtful,) = figures.uncertain(tx, 10)
    assert (doubtful.notice, doubtful.subscriber, doubtful.cases) == (made[2].notice, "S-1", ("C-1",))


def test_the_audit_is_filtered_alike(any_book: Book) -> None:
    with any_book.write() as tx:
        for number, what in enumerate(("Ä thing", "100% sure", "under_score")):
            audit.append(tx, at=NOW + number * DAY, actor=f"p{number}", action="look", object=what, reason="Ticket 7")
    with any_book.read() as tx:

        def lines(**wanted: object) -> list[int]:
            return [each.number for each in audit.page(tx, msgspec.convert(wanted, Wanted), 10)]

        assert lines() == [3, 2, 1]
        assert lines(text="100% ") == [2]
        assert lines(text="_") == [3]
        assert lines(text="TICKET") == [3, 2, 1]
        assert lines(actor="p1") == [2]
        assert lines(since=NOW + DAY, until=NOW + 2 * DAY) == [2]
        assert lines(before=3, action="look") == [2, 1]
        assert audit.words(tx) == (["p0", "p1", "p2"], ["look"])


def test_an_upload_goes_its_way(any_book: Book) -> None:
    new = Upload(upload="u1", at=NOW, sent_by="ann", source="cert", name="f", bytes=100, sha256="s")
    with any_book.write() as tx:
        uploads.add(tx, new)
        uploads.begin(tx, "u1", NOW + DAY)
        uploads.note_progress(tx, "u1", 40)
        assert uploads.find(tx, "u1") == msgspec.structs.replace(new, state="reading", read_at=NOW + DAY, bytes_done=40)
        told = Read(records=2, pieces=1, rejects=0, already=False, read_as="csv", told=["é" * 900, *"x" * 50])
        uploads.note_read(tx, "u1", told)
        found = uploads.find(tx, "u1")
    assert found is not None
    assert (found.state, found.bytes_done, found.records, found.already) == ("read", 100, 2, False)
    assert len(found.told) == uploads.TOLD_MAX
    with any_book.write() as tx:
        assert uploads.forget(tx, before=NOW) == 0
        assert uploads.forget(tx, before=NOW + DAY) == 1


@pytest.mark.parametrize(
    "asked",
    [
        "SELECT kind, state, count(*) FROM cases WHERE state IN ('open', 'quiet') GROUP BY state, kind",
        "SELECT coalesce(state, ''), count(*) FROM notices WHERE decided_at >= '2026' GROUP BY coalesce(state, '')",
    ],
)
def test_the_start_page_counts_from_an_index(tmp_path: Path, asked: str) -> None:
    book = Book.at(tmp_path)  # PostgreSQL always scans an empty table
    book.migrate()
    with book.read() as tx:
        plan = json.dumps([list(row) for row in tx.execute(sa.text(f"EXPLAIN QUERY PLAN {asked}"))])
    book.close()
    assert "COVERING INDEX" in plan
    assert "SCAN" not in plan
