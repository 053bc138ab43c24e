"""Rows of FreeRADIUS's table radacct, exported as CSV or JSON: what the server knows of each session by then."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from tocsin.attribution.bindings.readers.opening import with_first_line
from tocsin.attribution.bindings.records import load_zone
from tocsin.attribution.bindings.staging import Staging, rejects_staged, stage_events
from tocsin.engine import RecordBatchReader, csv_fields, read_sql, reader_of
from tocsin.evidence.documents import DOCUMENT_LINE_BYTES_MAX, Found, json_objects
from tocsin.evidence.lines import Lines, OnReject, Reject, bounded, numbered_lines
from tocsin.evidence.records import csv_columns
from tocsin.terms.errors import BadRequest

# The columns that are read, by their name without `_` and `-`; circuitid is an addition that many make.
NAMES = (
    *("radacctid", "acctsessionid", "acctuniqueid", "username", "nasidentifier", "nasipaddress", "nasipv6address"),
    *("nasportid", "circuitid", "acctstarttime", "acctupdatetime", "acctstoptime", "acctsessiontime"),
    *("callingstationid", "framedipaddress", "framedipv6address", "framedipv6prefix", "delegatedipv6prefix"),
)
_OTHER_NAMES = {"agentcircuitid": "circuitid", "adslagentcircuitid": "circuitid"}
_NEEDED = {"acctsessionid", "nasipaddress", "acctstarttime"}
_COLUMNS = (("line", "UBIGINT"), *((name, "VARCHAR") for name in NAMES))
_ROWS_AT_ONCE = 10_000
_DELIMITERS = ",;\t|"
_ROOM = "tocsin.attribution.bindings"
_SCRATCH = (
    *("radacct_rows", "radacct_clocks", "log_records", "log_dated", "log_zone"),
    *("radius_records", "radius_named", "radius_networks"),
)


def stage(staging: Staging) -> None:
    """A row is up to three records: the start, the latest interim, the stop.

    Raises BadRequest when the first line is neither JSON nor the columns' names.
    """
    first, staging = with_first_line(staging)
    engine = staging.engine
    engine.run(read_sql(_ROOM, "macros"))
    engine.run(read_sql(__package__, "sql_macros"))
    with rejects_staged(engine) as on_reject:
        relation, columns = _columns(first, staging, on_reject)
        engine.add("radacct_told", columns)
        try:
            engine.run(f"CREATE OR REPLACE TEMP VIEW radacct AS {relation}")
            engine.run(read_sql(__package__, "radacct_rows"))
        finally:
            engine.run("DROP VIEW IF EXISTS radacct")
            engine.drop("radacct_told")
        load_zone(engine, staging.log.zone, staging.oldest, staging.newest)
        engine.run(read_sql(_ROOM, "dated"), latest=staging.newest, year=staging.log.year)
        engine.run(read_sql(__package__, "radacct"), latest=staging.newest, since=staging.oldest)
        for question in ("radius_named", "radius_networks", "radius_rejects"):
            engine.run(read_sql(__package__, question))
        stage_events(engine, read_sql(__package__, "radius_events"))
        engine.run(read_sql(__package__, "radacct_lines"))
    for table in _SCRATCH:
        engine.run(f"DROP TABLE {table}")


def _columns(first: str, staging: Staging, on_reject: OnReject) -> tuple[str, RecordBatchReader]:
    """A query of `radacct_told` that has every one of NAMES, and what it is to read."""
    if first[:1] in ("{", "["):
        lines = numbered_lines(staging.blocks, on_reject, line_bytes_max=DOCUMENT_LINE_BYTES_MAX)
        found = json_objects(lines, on_reject, apart=("data[]",))
        return f"SELECT line, {', '.join(NAMES)} FROM radacct_told", reader_of(_COLUMNS, _chunks(found, on_reject))
    delimiter = max(_DELIMITERS, key=first.count)
    told = [_name(field) for field in csv_fields(first, delimiter) or ()]
    if not set(told) >= _NEEDED:
        raise BadRequest(
            f"the first line of an export of radacct does not name its columns: {first[:80]!r}",
            remedy="export it with a header (psql --csv, mysql --batch), or as JSON",
        )
    places = {name: place for place, name in reversed(list(enumerate(told)))}
    chosen = (f"c{places[name]} AS {name}" if name in places else f"NULL::VARCHAR AS {name}" for name in NAMES)
    lines = _after_header(numbered_lines(staging.blocks, on_reject))
    reader = csv_columns(lines, [f"c{place}" for place in range(len(told))], on_reject, delimiter=delimiter)
    return f"SELECT line, {', '.join(chosen)} FROM radacct_told", reader


def _name(column: str) -> str:
    name = re.sub(r"[^a-z0-9]", "", column.strip().lower().rpartition(".")[2])
    return _OTHER_NAMES.get(name, name)


def _after_header(chunks: Iterable[Lines]) -> Iterator[Lines]:
    waiting = True
    for chunk in chunks:
        if not waiting:
            yield chunk
            continue
        for number, line in enumerate(chunk.split(), chunk.first):
            if line and not line.isspace():
                waiting = False
                if rest := chunk.after(number):
                    yield rest
                break


def _chunks(found: Iterable[Found], on_reject: OnReject) -> Iterator[list[tuple[object, ...]]]:
    rows: list[tuple[object, ...]] = []
    for each in found:
        named = {_name(key): value for key, value in each.fields.items()}
        if not set(named) >= _NEEDED:
            if "type" not in named:  # phpMyAdmin says what follows: of what type, of which table
                on_reject(Reject(each.line, "not a row of radacct", bounded(str(each.fields))))
            continue
        rows.append((each.line, *_row(named)))
        if len(rows) >= _ROWS_AT_ONCE:
            yield list(zip(*rows, strict=True))
            rows = []
    if rows:
        yield list(zip(*rows, strict=True))


def _row(named: Mapping[str, object]) -> Iterator[str | None]:
    for name in NAMES:
        value = named.get(name)
        yield str(value) if isinstance(value, str | int | float) else None
