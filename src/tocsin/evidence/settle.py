"""Staged evidence into the lake: new sightings, pieces and rejects in one batch, under the writer lease."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import msgspec

from tocsin.book import Transaction
from tocsin.book import evidence as book_evidence
from tocsin.book.evidence import Evidence
from tocsin.engine import read_sql
from tocsin.evidence.staged import SIGHTING_COLUMNS, Staged
from tocsin.lake import Batch, Lake
from tocsin.lake.lake import Writing
from tocsin.terms.identity import digest
from tocsin.terms.moments import utc_day

TABLES = ("sightings", "pieces", "rejects")
RETENTION = timedelta(days=400)
FUTURE_MARGIN = timedelta(minutes=15)


class Window(msgspec.Struct, frozen=True):
    """Which moments may be kept: `oldest <= seen_at` and `seen_until <= newest`."""

    oldest: datetime
    newest: datetime


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What an evidence has brought in."""

    sightings: int = 0  # new ones
    pieces: int = 0  # records whose sighting was there already
    rejects: int = 0
    already: bool = False  # the same evidence had been read before: nothing was added
    reader: str = ""
    warnings: tuple[str, ...] = ()


def window_at(now: datetime, *, retention: timedelta = RETENTION, margin: timedelta = FUTURE_MARGIN) -> Window:
    return Window(now - retention, now + margin)


def batch_name(sha256: str, source: str, reader: str) -> str:
    """Follows from content, so that a run that was killed and repeated makes the same batch."""
    return digest("read", sha256, source, reader)[:40]


def read_before(lake: Lake, sha256: str, source: str, reader: str) -> Evidence | None:
    """The evidence's row in the book, if it has been read to its end for that source by that reader."""
    with lake.book.read() as tx:
        known = book_evidence.find(tx, sha256, source, reader)
    return known if known and known.batch else None


def settle(writing: Writing, staged: Staged, *, at: datetime, window: Window) -> Counts:
    """Add what is new and note the evidence as read, all in one transaction of the book."""
    lake = writing.lake
    if read_before(lake, staged.kept.sha256, staged.source, staged.reader):
        return Counts(already=True, reader=staged.reader, warnings=staged.warnings)
    days = _sort_out(lake, staged, window)
    batch = writing.batch(batch_name(staged.kept.sha256, staged.source, staged.reader), kind="read", at=at)
    counts = _write(batch, lake, staged, days, utc_day(at))
    this = Evidence(
        sha256=staged.kept.sha256,
        source=staged.source,
        reader=staged.reader,
        name=staged.name,
        bytes=staged.kept.bytes,
        received_at=at,
        batch=batch.name,
        records=counts.sightings,
        pieces=counts.pieces,
        rejects=counts.rejects,
    )

    def note(tx: Transaction) -> None:
        book_evidence.note_read(tx, this)
        book_evidence.meet_source(tx, staged.source, at)

    batch.commit(also=note)
    lake.engine.run("DROP TABLE settling; DROP TABLE twins; DROP TABLE stale")
    return counts


def _sort_out(lake: Lake, staged: Staged, window: Window) -> Sequence[date]:
    """Make the tables `settling` and `stale`; returns the days touched."""
    engine = lake.engine
    engine.run(f"CREATE OR REPLACE VIEW staged AS {staged.rows()}")
    engine.run(
        f"CREATE OR REPLACE TEMP TABLE settling AS {read_sql(__package__, 'settling')}",
        oldest=window.oldest,
        newest=window.newest,
    )
    days = [day for (day,) in engine.rows("SELECT DISTINCT day FROM settling WHERE late IS NULL ORDER BY day")]
    touched = [day for day in days if isinstance(day, date)]
    engine.run(f"CREATE OR REPLACE TEMP VIEW known AS SELECT id FROM {lake.scan('sightings', touched)}")
    engine.run(f"CREATE OR REPLACE TEMP TABLE twins AS {read_sql(__package__, 'twins')}")
    engine.run(f"CREATE OR REPLACE TEMP TABLE stale AS {read_sql(__package__, 'stale')}")
    return touched


def _new_sightings(lake: Lake) -> str:
    """A query: what is new of `$this_day`, each once."""
    columns = ", ".join(SIGHTING_COLUMNS)
    query = (
        f"{columns} FROM staged ANTI JOIN stale USING (id, evidence_line)"
        " WHERE reject IS NULL AND seen_at >= $this_day AND seen_at < $this_day + INTERVAL 1 DAY"
    )
    if lake.engine.rows(read_sql(__package__, "doubled")) == [(0,)]:
        return f"SELECT {query}"
    return f"SELECT DISTINCT ON (id) {query} ORDER BY id, seen_until, source_ref, peer_port, extra, {columns}"


def _write(batch: Batch, lake: Lake, staged: Staged, days: Sequence[date], run_day: date) -> Counts:
    sightings = pieces = 0
    fresh = _new_sightings(lake)
    for day in days:
        sightings += batch.add("sightings", day, fresh, this_day=day)
        pieces += batch.add(
            "pieces", day, read_sql(__package__, "pieces_of_day"), this_day=day, sha256=staged.kept.sha256
        )
    rejects = batch.add(
        "rejects",
        run_day,
        "SELECT evidence_line, reject, excerpt, $sha256 AS evidence_sha256, $source AS source, $reader AS reader"
        f" FROM ({staged.rejected()} UNION ALL"
        " SELECT evidence_line, late AS reject, '' AS excerpt FROM settling WHERE late IS NOT NULL)",
        sha256=staged.kept.sha256,
        source=staged.source,
        reader=staged.reader,
    )
    return Counts(
        sightings=sightings,
        pieces=pieces - sightings,
        rejects=rejects,
        reader=staged.reader,
        warnings=staged.warnings,
    )
