"""Static assignments: the provider's CSV of who has which network (and ports) for good, as lease events."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from tocsin.attribution.bindings.staging import Staging, rejects_staged, stage_events
from tocsin.engine.readers import reader_of
from tocsin.evidence.lines import OnReject, Reject, Truncated, bounded, numbered_lines
from tocsin.terms.addresses import parse_network
from tocsin.terms.errors import BadRequest
from tocsin.terms.moments import parse_moment

HEADER = ("network", "account", "port_first", "port_last", "protocol", "starts_at", "ends_at")
BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
_NEEDED = ("network", "account")
_PROTOCOLS = ("tcp", "udp", "sctp", "dccp", "icmp")
_NAME_MAX = 253  # of a login, as in RADIUS
_ROWS_AT_ONCE = 10_000
_COLUMNS = (
    ("line", "UBIGINT"),
    ("moment", "TIMESTAMP"),
    ("account_name", "VARCHAR"),
    ("network", "UUID"),
    ("prefix_bits", "UTINYINT"),
    ("port_first", "USMALLINT"),
    ("port_last", "USMALLINT"),
    ("protocol", "VARCHAR"),
    ("until", "TIMESTAMP"),
)
_STAGE = """SELECT moment, 'assigned' AS status, account_name, network::UUID AS network, prefix_bits,
    port_first, port_last, protocol, until, line AS evidence_line
FROM assigned"""

_Row = tuple[object, ...]


def stage(staging: Staging) -> None:
    """Read the CSV into `staged_events` and `staged_rejects` (staging.py says their columns).

    A row that is wrong is a reject. Raises BadRequest when the first line does not name the columns.
    """
    engine = staging.engine
    with rejects_staged(engine) as on_reject:
        rows = _rows(staging.blocks, on_reject)
        first = next(rows, None)  # pulled here, so that a wrong header raises as it is
        engine.add("assigned", reader_of(_COLUMNS, _chunks(first, rows)))
        try:
            stage_events(engine, _STAGE)
        finally:
            engine.drop("assigned")


def _chunks(first: _Row | None, rest: Iterator[_Row]) -> Iterator[list[tuple[object, ...]]]:
    rows = [] if first is None else [first]
    for row in rest:
        rows.append(row)
        if len(rows) >= _ROWS_AT_ONCE:
            yield list(zip(*rows, strict=True))
            rows = []
    if rows:
        yield list(zip(*rows, strict=True))


def _rows(blocks: Iterable[bytes | Truncated], on_reject: OnReject) -> Iterator[_Row]:
    """A loop in Python: assignments are few, and each field is held against the one parser of its kind."""
    header: list[str] = []
    for lines in numbered_lines(blocks, on_reject):
        for number, line in enumerate(lines.split(), lines.first):
            if not line:
                continue
            text = line.decode()
            fields = [field.strip() for field in next(csv.reader([text]), [])]
            if not header:
                header = _header(fields)
                continue
            try:
                yield number, *_row(header, fields)
            except ValueError as error:
                on_reject(Reject(number, str(error)[:200], bounded(text)))
    if not header:
        _header([])


def _header(fields: list[str]) -> list[str]:
    if not set(_NEEDED) <= set(fields) or len(set(fields)) < len(fields):
        raise BadRequest(
            f"the first line of a file of static assignments does not name its columns: {','.join(fields)[:80]!r}",
            remedy=f"let it be {','.join(HEADER)}",
        )
    return fields


def _row(header: list[str], fields: list[str]) -> tuple[object, ...]:
    if len(fields) != len(header):
        raise ValueError(f"{len(fields)} fields where the first line has {len(header)}")
    row = dict.fromkeys(HEADER, "") | dict(zip(header, fields, strict=True))
    network, bits = parse_network(row["network"])
    if not 0 < len(row["account"]) <= _NAME_MAX or not row["account"].isprintable():
        raise ValueError(f"not an account: {row['account'][:60]!r}")
    first, last = _ports(row["port_first"], row["port_last"])
    protocol = row["protocol"].lower()
    if protocol and protocol not in _PROTOCOLS:
        raise ValueError(f"not a protocol: {protocol[:60]!r}")
    starts_at = parse_moment(row["starts_at"]) if row["starts_at"] else BEGINNING
    until = parse_moment(row["ends_at"]) if row["ends_at"] else None
    if until is not None and until <= starts_at:
        raise ValueError("it ends before it starts")
    return starts_at, row["account"], network, bits, first, last, protocol or None, until


def _ports(first: str, last: str) -> tuple[int | None, int | None]:
    if not first and not last:
        return None, None
    ports = [int(text) if text.isascii() and text.isdigit() and len(text) <= 5 else -1 for text in (first, last)]
    if not 0 <= ports[0] <= ports[1] <= 65_535:
        raise ValueError(f"not a range of ports: {first[:20]!r} to {last[:20]!r}")
    return ports[0], ports[1]
