"""Shadowserver's CSV reports: a header line, then one record a line; the report type is in the file's name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from tocsin.engine import csv_fields
from tocsin.evidence.lines import Lines, bounded
from tocsin.evidence.readers.shadowserver_reports import (
    Report,
    report_named,
    report_of_header,
    unknown_report,
)
from tocsin.evidence.readers.shadowserver_sql import select_texts
from tocsin.evidence.records import csv_columns
from tocsin.evidence.texts import RAW, TEXTS, Head, Reading, Texts
from tocsin.terms.errors import BadRequest

COLUMNS_MAX = 400
COLUMN_CHARS_MAX = 100

# A report of an unknown type is one when it has one of these.
ADDRESSES = {"src_ip", "ip", "http_referer_ip"}

# `2026-11-24-event4_sinkhole-example-asn.csv`; their own rule, and a name without date for the types we know.
_DATED = re.compile(r"\d{4}-\d{2}-\d{2}-([a-z0-9_]{1,60})-[^/]*\.csv(?:\.\w+)?", re.ASCII)
_BARE = re.compile(r"([a-z0-9_]{1,60})(?:-[^/]*)?\.csv(?:\.\w+)?", re.ASCII)


def recognise_shadowserver(head: Head) -> str | None:
    """The report type, by the file's name or else by the header; None when the header is none of theirs."""
    columns = _columns(head.first_line())
    if columns is None or "timestamp" not in columns:
        return None
    known = report_of_header(set(columns))
    if known is None and not ADDRESSES & set(columns):
        return None
    dated = _DATED.fullmatch(head.name)
    if dated:
        return dated[1]
    bare = _BARE.fullmatch(head.name)
    if bare and report_named(bare[1]):
        return bare[1]
    return known.name if known else None


def read_shadowserver(reading: Reading) -> Texts:
    """Raises BadRequest when the first line is no header of a report, or not of the one that was asked for."""
    header, rest = _header(reading.lines)
    columns = _columns(header)
    if columns is None or "timestamp" not in columns:
        if not header:
            return Texts(_NO_ROWS, f"shadowserver:{reading.variant or 'empty'}")
        raise BadRequest(
            f"not a Shadowserver header: {bounded(header)[:100]!r}",
            where=reading.name,
            remedy="the first line must name the columns, timestamp and src_ip or ip among them",
        )
    name = reading.variant or recognise_shadowserver(Head(reading.name, header.encode())) or "unknown"
    report, warnings = _report(reading, name, set(columns))
    raw = [f"c{place}" for place in range(len(columns))]
    selected = select_texts(report, columns)
    records = csv_columns(rest, raw, reading.reject, members=selected.members, least=selected.least)
    reading.engine.add(RAW, records)
    return Texts(selected.select, f"shadowserver:{name}", warnings)


def _report(reading: Reading, name: str, columns: set[str]) -> tuple[Report, tuple[str, ...]]:
    """Asked for and not fitting is an error; guessed from the file's name and not fitting is a lead with a warning."""
    report = report_named(name)
    if report is None:
        return unknown_report(name), (f"{reading.name}: report type {name} is not known, its sightings are leads",)
    missing = report.missing(columns)
    if not missing:
        return report, ()
    what = f"not a {name} report: it has no column {', '.join(missing)}"
    if reading.is_asked:
        raise BadRequest(what, where=reading.name, remedy="name another report type, or none")
    return unknown_report(name), (f"{reading.name}: {what}; its sightings are leads",)


def _header(lines: Iterator[Lines]) -> tuple[str, Iterator[Lines]]:
    """The first line that is not blank ('' when it was rejected or there is none), and what follows it."""
    for chunk in lines:
        for number, line in enumerate(chunk.split(), chunk.first):
            if line != b"":
                rest = chunk.after(number)
                return (line or b"\0").decode(), chain([rest] if rest else [], lines)
    return "", iter(())


def _columns(header: str) -> list[str] | None:
    """The header's names, each once (`tag`, `tag_2`); None when it is no header."""
    fields = csv_fields(header)
    if fields is None or not 1 < len(fields) <= COLUMNS_MAX:
        return None
    names: list[str] = []
    for field in fields:
        name = base = bounded(field.strip())[:COLUMN_CHARS_MAX] or "column"
        number = 2
        while name in names:
            name, number = f"{base}_{number}", number + 1
        names.append(name)
    return names


_NO_ROWS = "SELECT " + ", ".join(f"NULL::{kind} AS {name}" for name, kind in TEXTS) + " WHERE false"
