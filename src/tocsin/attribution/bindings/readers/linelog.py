"""FreeRADIUS rlm_linelog: the line that docs/bindings.md recommends, and the accounting lines of its own examples."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from tocsin.attribution.bindings.readers.detail import COLUMN_BY_ATTRIBUTE
from tocsin.attribution.bindings.records import load_zone
from tocsin.attribution.bindings.staging import Staging, rejects_staged, stage_events
from tocsin.engine import read_sql, reader_of
from tocsin.evidence.lines import OnReject, Reject, bounded, numbered_lines

_NAMES = tuple(COLUMN_BY_ATTRIBUTE.values())
_COLUMNS = (
    *(("line", "UBIGINT"), ("clock", "VARCHAR"), ("zone", "VARCHAR"), ("excerpt", "VARCHAR")),
    *((name, "VARCHAR") for name in _NAMES),
)
_MANY = ("framed_v6", "framed_prefix", "delegated_prefix")  # `[*]` puts several into one value
_ROWS_AT_ONCE = 10_000
_ROOM = "tocsin.attribution.bindings"
_SCRATCH = (
    *("linelog_rows", "log_records", "log_dated", "log_zone"),
    *("radius_records", "radius_named", "radius_networks"),
)

# mods-available/linelog, log_accounting, by syslog: its lines have no time of their own, and do not name the server.
# What the client chose stands in brackets; the last `] (did ` is FreeRADIUS's.
_HEADER = (
    r"(?:<\d{1,3}>)?(?P<clock>[A-Z][a-z]{2} [ \d]\d [\d:]{8}|\d{4}-\d\d-\d\d[ T][\d:.]{8,15})"
    r"(?P<zone>Z|[+-]\d\d:?\d\d)? (?P<host>[^ ]+) [^ :]+: "
)
_CONNECT = re.compile(
    _HEADER + r"(?P<verb>Connect|Disconnect): \[(?P<user>.*)\] "
    r"\(did (?P<did>.*?) cli (?P<cli>.*?) port (?P<port>\d*) ip (?P<ip>[\d.]*)\)(?: (?P<seconds>\d+) seconds)?"
)
_BARE = re.compile(r"(?:Connect|Disconnect): \[")

_OURS = "tocsin Timestamp="
Row = tuple[object, ...]


def stage(staging: Staging) -> None:
    """One line, one record, as if it stood in a detail file."""
    engine = staging.engine
    engine.run(read_sql(_ROOM, "macros"))
    with rejects_staged(engine) as on_reject:
        engine.add("linelog_told", reader_of(_COLUMNS, _chunks(staging, on_reject)))
        try:
            engine.run(read_sql(__package__, "linelog_rows"))
        finally:
            engine.drop("linelog_told")
        load_zone(engine, staging.log.zone, staging.oldest, staging.newest)
        engine.run(read_sql(_ROOM, "dated"), latest=staging.newest, year=staging.log.year)
        engine.run(read_sql(__package__, "linelog_dated"))
        engine.run(read_sql(__package__, "radius_records"), latest=staging.newest, since=staging.oldest)
        engine.run("DROP VIEW detail")
        for question in ("radius_named", "radius_networks", "radius_rejects"):
            engine.run(read_sql(__package__, question))
        engine.run(read_sql(__package__, "linelog_rejects"))
    stage_events(engine, read_sql(__package__, "radius_events"))
    for table in _SCRATCH:
        engine.run(f"DROP TABLE {table}")


def _chunks(staging: Staging, on_reject: OnReject) -> Iterator[list[Row]]:
    rows: list[Row] = []
    for chunk in numbered_lines(staging.blocks, on_reject):
        for number, line in enumerate(chunk.split(), chunk.first):
            if not line or line.isspace():
                continue
            text = line.decode()
            row = _row(text)
            if isinstance(row, str):
                on_reject(Reject(number, row, bounded(text)))
            else:
                rows.append((number, *row))
        if len(rows) >= _ROWS_AT_ONCE:
            yield list(zip(*rows, strict=True))
            rows = []
    if rows:
        yield list(zip(*rows, strict=True))


def _row(text: str) -> Row | str:
    """Values of _COLUMNS after `line`; or why there are none."""
    clock = zone = None
    if match := _CONNECT.fullmatch(text):
        named: dict[str, str] | str = _connected(match)
        clock, zone = match["clock"], match["zone"]
    elif _OURS in text:
        named = _fields("Timestamp=" + text.partition(_OURS)[2])
    elif _BARE.match(text):
        return "the line says neither when nor on which server: let FreeRADIUS write the line that we recommend"
    else:
        return "not a line of this log"
    if isinstance(named, str):
        return named
    return clock, zone, text[:200], *(named.get(name) for name in _NAMES)


def _fields(text: str) -> dict[str, str] | str:
    """`Attribute=value`, blanks between; what a client chose is URL-quoted, so that nobody can add a field."""
    named: dict[str, str] = {}
    for field in text.split():
        label, equals, quoted = field.partition("=")
        column = COLUMN_BY_ATTRIBUTE.get(label)
        if not equals:
            return f"a field without its attribute's name: {bounded(field)[:60]!r}"
        if column is None or not quoted:
            continue
        value = unquote(quoted, errors="backslashreplace")
        if column in _MANY:
            value = re.sub(r"[,;\s]+", "\n", value)
        if named.setdefault(column, value) != value:
            return f"{label} stands twice with different values"
    return named


def _connected(match: re.Match[str]) -> dict[str, str]:
    named = {
        "status_type": "Start" if match["verb"] == "Connect" else "Stop",
        "account_name": match["user"],
        "nas_name": match["host"],
        "station_id": match["cli"],
        "session": f"{match['cli']}/{match['port']}/{match['ip']}",
        "framed_v4": match["ip"],
        "session_time": match["seconds"] or "",
    }
    return {name: value for name, value in named.items() if value}
