"""Feeds that the configuration describes: CSV by columns, and JSON objects by keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

import msgspec

from tocsin.engine import csv_fields, reader_of
from tocsin.evidence.documents import Fields, json_objects
from tocsin.evidence.lines import Lines, bounded
from tocsin.evidence.mapping import TERM_BY_FIELD, Mapping
from tocsin.evidence.readers.mapped_select import NO_ROWS, select
from tocsin.evidence.records import csv_columns
from tocsin.evidence.rows import CHUNK_ROWS, extra_of, text_of
from tocsin.evidence.texts import RAW, Reading, Texts
from tocsin.terms.errors import BadRequest

COLUMNS_MAX = 400
COLUMN_CHARS_MAX = 100
_KEPT_TOO = ("kind", "role")  # as the feed puts it, beside the word of ours


def read_mapped_csv(reading: Reading) -> Texts:
    """Raises BadRequest without a mapping, and when the header lacks a column of it."""
    mapping = _mapping(reading, "csv")
    name = f"csv:{mapping.digest()}"
    names, rest = _columns(_without_comments(reading.lines, mapping.comment), mapping)
    if not names:
        return Texts(NO_ROWS, name)
    place_by_term = {TERM_BY_FIELD[field]: _place(reading, names, column) for field, column in mapping.columns.items()}
    unknown = [place for place in range(len(names)) if place not in place_by_term.values()]
    raw = [f"c{place}" for place in range(len(names))]
    members = {f"c{place}": names[place] for place in unknown}
    columns = csv_columns(rest, raw, reading.reject, delimiter=mapping.delimiter, members=members)
    reading.engine.add(RAW, columns)
    parts = [f"c{place}" for place in unknown]
    parts += [_member(names[place], f"c{place}") for term, place in place_by_term.items() if term in _KEPT_TOO]
    extra = f"'{{' || nullif(substr(concat({', '.join(parts)}), 2), '') || '}}'" if parts else "NULL"
    return Texts(select(mapping, {term: f"c{place}" for term, place in place_by_term.items()}, extra), name)


def _member(key: str, column: str) -> str:
    start = f",{msgspec.json.encode(key).decode()}:".replace("'", "''")
    return f"CASE WHEN {column} <> '' THEN concat('{start}', to_json({column})) END"


def read_mapped_json(reading: Reading) -> Texts:
    """Raises BadRequest without a mapping."""
    mapping = _mapping(reading, "json")
    terms = [TERM_BY_FIELD[field] for field in mapping.columns]
    columns = [("line", "UBIGINT"), *((f"t_{term}", "VARCHAR") for term in terms), ("extra", "VARCHAR")]
    reading.engine.add(RAW, reader_of(columns, _chunks(reading, mapping)))
    return Texts(select(mapping, {term: f"t_{term}" for term in terms}, "extra"), f"json:{mapping.digest()}")


def _mapping(reading: Reading, name: str) -> Mapping:
    mapping = reading.settings.mapping
    if mapping is None or not mapping.columns:
        raise BadRequest(
            f"the reader {name} does not know which column is which",
            where=reading.name,
            remedy="name a source whose [sources.mapping] says so",
        )
    return mapping


def _without_comments(lines: Iterator[Lines], comment: str) -> Iterator[Lines]:
    if not comment:
        return lines
    start = comment.encode()
    pattern = re.compile(rb"^[ \t]*+" + re.escape(start) + rb"[^\n]*+", re.MULTILINE)
    return (
        Lines(chunk.first, chunk.count, pattern.sub(b"", chunk.text), chunk.rejected) if start in chunk.text else chunk
        for chunk in lines
    )


def _columns(lines: Iterator[Lines], mapping: Mapping) -> tuple[list[str], Iterator[Lines]]:
    """The columns' names, each once, and the lines of the records. Without a header they are numbered."""
    for chunk in lines:
        for number, line in enumerate(chunk.split(), chunk.first):
            if line is None or not line.strip():
                continue
            fields = csv_fields(line.decode(), mapping.delimiter) or [line.decode()]
            if not mapping.header:
                return [f"column {place}" for place in range(1, len(fields) + 1)][:COLUMNS_MAX], chain([chunk], lines)
            rest = chunk.after(number)
            return _each_once(fields[:COLUMNS_MAX]), chain([rest] if rest else [], lines)
    return [], iter(())


def _each_once(fields: list[str]) -> list[str]:
    names: list[str] = []
    for field in fields:
        name = base = bounded(field.strip())[:COLUMN_CHARS_MAX] or "column"
        number = 2
        while name in names:
            name, number = f"{base}_{number}", number + 1
        names.append(name)
    return names


def _place(reading: Reading, names: list[str], column: str | int) -> int:
    if isinstance(column, int) and column <= len(names):
        return column - 1
    if column in names:
        return names.index(str(column))
    shown = f"{len(names)} columns" if isinstance(column, int) else ", ".join(names)[:300]
    raise BadRequest(f"there is no column {column!r}", where=reading.name, remedy=f"there are {shown}")


def _chunks(reading: Reading, mapping: Mapping) -> Iterator[list[tuple[object, ...]]]:
    places = [(TERM_BY_FIELD[field], str(path)) for field, path in mapping.columns.items()]
    rows: list[tuple[object, ...]] = []
    for found in json_objects(reading.lines, reading.reject, apart=_apart(mapping.records)):
        if found.path != mapping.records:
            continue
        texts = [text_of(_take(found.fields, path, leave=term in _KEPT_TOO)).strip() for term, path in places]
        rows.append((found.line, *texts, extra_of(found.fields)))
        if len(rows) >= CHUNK_ROWS:
            yield list(zip(*rows, strict=True))
            rows = []
    if rows:
        yield list(zip(*rows, strict=True))


def _apart(records: str) -> list[str]:
    """The path and its beginnings, as documents.py wants them."""
    steps = records.split(".") if records else []
    return [".".join(steps[: place + 1]) for place in range(len(steps))]


def _take(fields: Fields, path: str, *, leave: bool) -> object:
    """Takes the value out: under its whole name, else one step after the other."""
    if path in fields:
        return fields[path] if leave else fields.pop(path)
    first, _, rest = path.partition(".")
    inner = fields.get(first)
    return _take(inner, rest, leave=leave) if rest and isinstance(inner, dict) else None
