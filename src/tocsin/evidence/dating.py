"""When a log's lines were written, where its clock names no year or no zone: one set of rules for every log."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tocsin.engine import Engine, read_sql, table_of
from tocsin.evidence.stamps import in_zone

_CLOCKS = (("local_at", "TIMESTAMP"), ("at", "TIMESTAMP"), ("why", "VARCHAR"))


def date_yearless(engine: Engine, zone: ZoneInfo, latest: datetime) -> None:
    """Of the year-less lines in `findings` (years.sql) make the tables `years` and `clocks`.

    `clocks` (local_at, at, why) says what each local time is in UTC, or why it is none. `latest`: what the log's own
    date says, aware.
    """
    engine.run(read_sql(__package__, "years"), latest=latest.astimezone(zone).replace(tzinfo=UTC))
    clocks_of(engine, "SELECT DISTINCT local_at FROM years", zone)


def clocks_of(engine: Engine, local_times: str, zone: ZoneInfo) -> None:
    """Of a query for `local_at` make the table `clocks`: local_at, at (UTC, or NULL) and why it is none.

    The query may not ask a TEMP table: it is run by a cursor of its own, which would not see it.
    """
    clocks: list[tuple[object, ...]] = []
    for batch in engine.batches(local_times):
        for row in batch:
            local = row["local_at"]
            assert isinstance(local, datetime)
            naive = local.replace(tzinfo=None)
            stamp = in_zone(naive, zone)
            clocks.append((naive, stamp.at.replace(tzinfo=None) if stamp.at else None, stamp.why_not))
    values = [[row[place] for row in clocks] for place in range(len(_CLOCKS))]
    engine.add("loaded", table_of(_CLOCKS, values))
    engine.run('CREATE OR REPLACE TABLE clocks AS SELECT local_at, "at", why FROM loaded')
    engine.drop("loaded")


def date_of(log: Path) -> datetime:
    """The file's own date: of a gzip that of what stands in it, else when it was last written."""
    return _gzip_date(log) or datetime.fromtimestamp(log.stat().st_mtime, UTC)


def _gzip_date(log: Path) -> datetime | None:
    """RFC 1952 §2.3.1: MTIME, the last change of what was compressed; 0 where nobody said."""
    with log.open("rb") as file:
        head = file.read(8)
    seconds = int.from_bytes(head[4:8], "little") if head[:2] == b"\x1f\x8b" and len(head) == 8 else 0
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
