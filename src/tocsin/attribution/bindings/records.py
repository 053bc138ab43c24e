"""What line-regular logs have in common: their lines as a column, their records judged by one query.

A reader says in SQL what each line says (the columns of RECORDS); `judged.sql` decides which of it can be believed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tocsin.attribution.bindings.staging import Staging, rejects_staged, stage_events
from tocsin.engine import Engine, RecordBatchReader, read_sql, table_of
from tocsin.engine.readers import text_lines
from tocsin.evidence.lines import OnReject, Truncated, numbered_lines

_ROOM = "tocsin.attribution.bindings"

# What a record says; everything may be absent (NULL or '') but `line`, and most is text that nobody has judged yet.
RECORDS: tuple[tuple[str, str], ...] = (
    ("line", "UBIGINT"),  # the physical line where the record starts
    # start, interim, stop: of a session or a mapping · lease, release: of a DHCP lease · nas-on, nas-off: the device
    # lost all its sessions · '' a line that says nothing about who held what · absent: a reject
    ("status", "VARCHAR"),
    ("moment", "TIMESTAMP"),  # UTC, where the record leaves no doubt of it; else:
    ("local_at", "TIMESTAMP"),  # what its clock showed; of a year-less one in the year 2000 (macro local_of)
    ("zone", "VARCHAR"),  # what the record says of its zone: a name or an offset
    ("nas", "VARCHAR"),  # the device
    ("session", "VARCHAR"),  # its id of the session; a mapping needs none
    ("account_name", "VARCHAR"),  # a login
    ("mac", "VARCHAR"),
    ("duid", "VARCHAR"),
    ("client_id", "VARCHAR"),
    ("circuit_id", "VARCHAR"),
    ("remote_id", "VARCHAR"),
    ("hostname", "VARCHAR"),
    ("network", "VARCHAR"),  # an address, or ADDRESS/LENGTH: what was held (of a mapping: the public side)
    ("port_first", "VARCHAR"),
    ("port_last", "VARCHAR"),  # absent: the same as the first
    ("protocol", "VARCHAR"),  # a name or an IANA number
    ("inside", "VARCHAR"),  # of a mapping: the private address or prefix that it was made for
    ("vrf", "VARCHAR"),
    ("session_s", "VARCHAR"),  # for how long it has been held by then
    ("lifetime_s", "VARCHAR"),  # of a lease: how long from then it may be held; or:
    ("until", "TIMESTAMP"),
    ("reject", "VARCHAR"),  # why the reader refuses the record
    ("excerpt", "VARCHAR"),
)
_ZONE_COLUMNS = (("zone_from", "TIMESTAMP"), ("zone_until", "TIMESTAMP"), ("offset_s", "BIGINT"), ("name", "VARCHAR"))


def of_lines(package: str, name: str) -> Callable[[Staging], None]:
    """A reader whose records are lines: the query `name`.sql of `package`, from `log_lines` (line, text)."""

    def stage(staging: Staging) -> None:
        stage_records(staging, read_sql(package, name), "log_lines", lambda reject: line_columns(staging, reject))

    return stage


def line_columns(staging: Staging, on_reject: OnReject) -> RecordBatchReader:
    """`line` and `text`, one row a physical line that is not blank."""
    return text_lines(_numbered(staging.blocks, on_reject))


def stage_records(
    staging: Staging, query: str, relation: str, columns: Callable[[OnReject], RecordBatchReader], **params: str | None
) -> None:
    """Let `query` read `columns` as `relation`; judge the records it gives (some of RECORDS) and stage their events."""
    engine, log = staging.engine, staging.log
    engine.run(read_sql(_ROOM, "macros"))
    with rejects_staged(engine) as on_reject:
        engine.add(relation, columns(on_reject))
        try:
            engine.run(f"CREATE OR REPLACE TEMP TABLE log_records AS {_complete(query)}", **params)
        finally:
            engine.drop(relation)
        load_zone(engine, log.zone, staging.oldest, staging.newest)
        engine.run(read_sql(_ROOM, "dated"), latest=staging.newest, year=log.year)
        engine.run(
            read_sql(_ROOM, "judged"),
            latest=staging.newest,
            since=staging.oldest,
            account_from=log.account_from,
            vrf=log.vrf,
        )
        engine.run(
            "CREATE OR REPLACE TEMP TABLE staged_rejects AS"
            " SELECT line, reject AS reason, excerpt FROM log_judged WHERE reject IS NOT NULL"
        )
    stage_events(engine, read_sql(_ROOM, "log_events"))
    engine.run("DROP TABLE log_records; DROP TABLE log_dated; DROP TABLE log_judged; DROP TABLE log_zone")


def _numbered(blocks: Iterable[bytes | Truncated], on_reject: OnReject) -> Iterator[tuple[int, list[bytes | None]]]:
    for lines in numbered_lines(blocks, on_reject):
        yield lines.first, lines.split()


def _complete(query: str) -> str:
    absent = ", ".join(f"NULL::{kind} AS {name}" for name, kind in RECORDS)
    names = ", ".join(name for name, _ in RECORDS)
    numbered = "row_number() OVER () AS record"  # a line may hold several records
    return f"SELECT {numbered}, {names} FROM (SELECT {absent} WHERE false UNION ALL BY NAME ({query}))"


def load_zone(engine: Engine, zone: str | None, oldest: datetime, newest: datetime) -> None:
    """The table `log_zone`: the zone's offsets and their names (JST, CEST …), each with the span that it held."""
    rows = zone_spans(ZoneInfo(zone), oldest - timedelta(days=800), newest + timedelta(days=2)) if zone else []
    values = [[row[place] for row in rows] for place in range(len(_ZONE_COLUMNS))]
    engine.add("zone_rows", table_of(_ZONE_COLUMNS, values))
    engine.run("CREATE OR REPLACE TEMP TABLE log_zone AS SELECT zone_from, zone_until, offset_s, name FROM zone_rows")
    engine.drop("zone_rows")


def zone_spans(zone: ZoneInfo, first: datetime, last: datetime) -> list[tuple[datetime, datetime, int, str]]:
    """(from, until, offset in seconds, name) for the whole of [first, last]; found by halving each day that differs."""
    spans: list[tuple[datetime, datetime, int, str]] = []
    begin, moment = first, first
    while moment < last:
        later = min(moment + timedelta(days=1), last)
        if _offset(zone, later) != _offset(zone, moment):
            change = _change(zone, moment, later)
            spans.append((begin, change, *_offset(zone, moment)))
            begin = change
        moment = later
    spans.append((begin, last, *_offset(zone, last)))
    return spans


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        if _offset(zone, middle) == _offset(zone, before):
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def _offset(zone: ZoneInfo, moment: datetime) -> tuple[int, str]:
    local = moment.replace(tzinfo=UTC).astimezone(zone)
    offset = local.utcoffset()
    assert offset is not None
    return int(offset.total_seconds()), local.tzname() or ""
