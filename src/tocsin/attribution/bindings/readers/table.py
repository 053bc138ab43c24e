"""Small tables that an operator keeps by hand: a CSV whose first line names its columns, each row parsed by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime

from tocsin.attribution.bindings.staging import EVENTS, Staging, rejects_staged, stage_events
from tocsin.engine.readers import csv_fields, reader_of
from tocsin.evidence.lines import OnReject, Reject, Truncated, bounded, numbered_lines
from tocsin.terms.errors import BadRequest
from tocsin.terms.moments import parse_moment

BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
_NAME_MAX = 253  # of a login, as in RADIUS
_ROWS_AT_ONCE = 10_000
_TYPES = dict(EVENTS)

Parse = Callable[[Mapping[str, str]], dict[str, object]]


def stage_table(
    staging: Staging, *, what: str, header: tuple[str, ...], needed: tuple[str, ...], status: str, parse: Parse
) -> None:
    """Read the CSV into `staged_events` and `staged_rejects`; `parse` gives some of the columns of EVENTS.

    A row that `parse` refuses with ValueError is a reject. Raises BadRequest when the first line does not name the
    columns that are `needed`.
    """
    names = [name for name, _ in EVENTS if name not in ("status", "evidence_line")]
    columns = [("evidence_line", "UBIGINT"), *((name, _TYPES[name]) for name in names)]
    with rejects_staged(staging.engine) as on_reject:
        rows = _rows(staging.blocks, on_reject, what, header, needed, parse)
        first = next(rows, None)  # pulled here, so that a wrong header raises as it is
        staging.engine.add("table_rows", reader_of(columns, _chunks(first, rows, names)))
        try:
            casts = ", ".join(f"{name}::{kind} AS {name}" for name, kind in columns)
            stage_events(staging.engine, f"SELECT {casts}, '{status}' AS status FROM table_rows")
        finally:
            staging.engine.drop("table_rows")


def account_of(text: str) -> str:
    """A login. Raises ValueError when it is none."""
    if not 0 < len(text) <= _NAME_MAX or not text.isprintable():
        raise ValueError(f"not an account: {text[:60]!r}")
    return text


def span_of(row: Mapping[str, str]) -> dict[str, object]:
    """`starts_at` and `ends_at` (RFC 3339, both may be empty) as `moment` and `until`. Raises ValueError."""
    starts_at = parse_moment(row["starts_at"]) if row["starts_at"] else BEGINNING
    until = parse_moment(row["ends_at"]) if row["ends_at"] else None
    if until is not None and until <= starts_at:
        raise ValueError("it ends before it starts")
    return {"moment": starts_at, "until": until}


def number_of(row: Mapping[str, str], name: str, lowest: int, highest: int) -> int | None:
    """A whole number of that range, None where nothing stands there. Raises ValueError."""
    text = row[name]
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and lowest <= int(text) <= highest):
        raise ValueError(f"{name} is {text[:20]!r}, allowed are {lowest} to {highest}")
    return int(text)


_Row = tuple[int, dict[str, object]]


def _chunks(first: _Row | None, rest: Iterator[_Row], names: list[str]) -> Iterator[list[list[object]]]:
    rows = [] if first is None else [first]
    for row in rest:
        rows.append(row)
        if len(rows) >= _ROWS_AT_ONCE:
            yield _columns(rows, names)
            rows = []
    if rows:
        yield _columns(rows, names)


def _columns(rows: list[_Row], names: list[str]) -> list[list[object]]:
    return [[number for number, _ in rows], *([row.get(name) for _, row in rows] for name in names)]


def _rows(
    blocks: Iterable[bytes | Truncated],
    on_reject: OnReject,
    what: str,
    header: tuple[str, ...],
    needed: tuple[str, ...],
    parse: Parse,
) -> Iterator[_Row]:
    """A loop in Python: such tables are small, and each field is held against the one parser of its kind."""
    present: list[str] = []
    for lines in numbered_lines(blocks, on_reject):
        for number, line in enumerate(lines.split(), lines.first):
            if not line:
                continue
            text = line.decode()
            fields = [field.strip() for field in csv_fields(text) or ()]
            if not present:
                present = _header(fields, what, header, needed)
                continue
            try:
                if len(fields) != len(present):
                    raise ValueError(f"{len(fields)} fields where the first line has {len(present)}")
                yield number, parse(dict.fromkeys(header, "") | dict(zip(present, fields, strict=True)))
            except ValueError as error:
                on_reject(Reject(number, str(error)[:200], bounded(text)))
    if not present:
        _header([], what, header, needed)


def _header(fields: list[str], what: str, header: tuple[str, ...], needed: tuple[str, ...]) -> list[str]:
    if not set(needed) <= set(fields) or len(set(fields)) < len(fields):
        raise BadRequest(
            f"the first line of a file of {what} does not name its columns: {','.join(fields)[:80]!r}",
            remedy=f"let it be {','.join(header)}",
        )
    return fields
