"""Shadowserver's CSV reports: a header line, then one record a line; the report type is in the file's name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from tocsin.engine import csv_fields
from tocsin.evidence.lines import Lines, bounded
from tocsin.evidence.readers.shadowserver_reports import (
    COLUMNS_BY_TERM,
    REPORT_BY_NAME,
    REPORTS,
    Report,
    unknown_report,
)
from tocsin.evidence.records import csv_columns
from tocsin.evidence.texts import RAW, TEXTS, Head, Reading, Texts
from tocsin.terms.errors import BadRequest
from tocsin.terms.kinds import TAXONOMY_BY_KIND

COLUMNS_MAX = 400
COLUMN_CHARS_MAX = 100

# `2026-11-24-event4_sinkhole-example-asn.csv`; their own rule, and a name without date for the types we know.
_DATED = re.compile(r"\d{4}-\d{2}-\d{2}-([a-z0-9_]{1,60})-[^/]*\.csv(?:\.\w+)?", re.ASCII)
_BARE = re.compile(r"([a-z0-9_]{1,60})(?:-[^/]*)?\.csv(?:\.\w+)?", re.ASCII)


def recognise_shadowserver(head: Head) -> str | None:
    """The report type, by the file's name or else by the header; None when the header has no time and address."""
    columns = _columns(head.first_line())
    if columns is None or not _has_address(columns):
        return None
    dated = _DATED.fullmatch(head.name)
    if dated:
        return dated[1]
    bare = _BARE.fullmatch(head.name)
    if bare and bare[1] in REPORT_BY_NAME:
        return bare[1]
    return next((report.name for report in REPORTS if _fits(report, columns)), None)


def read_shadowserver(reading: Reading) -> Texts:
    """Raises BadRequest when the first line is no header of a report, or not of the one that was asked for."""
    header, rest = _header(reading.lines)
    columns = _columns(header)
    if columns is None or not _has_address(columns):
        if not header:
            return Texts(_NO_ROWS, f"shadowserver:{reading.variant or 'empty'}")
        raise BadRequest(
            f"not a Shadowserver header: {bounded(header)[:100]!r}",
            where=reading.name,
            remedy="the first line must name the columns, timestamp and src_ip or ip among them",
        )
    report, warnings = _report(reading, header, columns)
    raw = [f"c{place}" for place in range(len(columns))]
    columns_of = _Places(report, columns)
    members = {f"c{place}": columns[place] for place in columns_of.unknown}
    reading.engine.add(RAW, csv_columns(rest, raw, reading.reject, members=members))
    return Texts(_select(report, columns_of), f"shadowserver:{report.name}", warnings)


def _report(reading: Reading, header: str, columns: list[str]) -> tuple[Report, tuple[str, ...]]:
    """Asked for and not fitting is an error; guessed from the file's name and not fitting is a lead with a warning."""
    name = reading.variant or recognise_shadowserver(Head(reading.name, header.encode())) or "unknown"
    report = REPORT_BY_NAME.get(name)
    if report is None:
        return unknown_report(name), (f"{reading.name}: report type {name} is not known, its sightings are leads",)
    missing = report.columns.difference(columns)
    if not missing:
        return report, ()
    what = f"not a {name} report: it has no column {', '.join(sorted(missing))}"
    if reading.is_asked:
        raise BadRequest(what, where=reading.name, remedy="name another report type, or none")
    return unknown_report(name), (f"{reading.name}: {what}; its sightings are leads",)


def _fits(report: Report, columns: list[str]) -> bool:
    if not report.columns or not report.columns <= set(columns):
        return False
    return report.and_no_others is None or report.and_no_others >= set(columns)


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


def _has_address(columns: list[str]) -> bool:
    return "timestamp" in columns and bool({"src_ip", "ip"} & set(columns))


_NO_ROWS = "SELECT " + ", ".join(f"NULL::{kind} AS {name}" for name, kind in TEXTS) + " WHERE false"


class _Places:
    """Where each term stands in a record, and which columns no term has."""

    def __init__(self, report: Report, columns: list[str]) -> None:
        self.by_term = {
            term: next((columns.index(name) for name in names if name in columns), None)
            for term, names in COLUMNS_BY_TERM.items()
        }
        self.malware = next((columns.index(name) for name in report.malware if name in columns), None)
        known = {*self.by_term.values(), self.malware}
        self.unknown = [place for place in range(len(columns)) if place not in known]


def _select(report: Report, places: _Places) -> str:
    """The query that gives TEXTS from the raw columns c0, c1, …; every column that no term has is kept in `extra`."""
    sql = {term: "''" if place is None else f"c{place}" for term, place in places.by_term.items()}
    constants = {
        "kind": report.kind,
        "taxonomy": TAXONOMY_BY_KIND[report.kind],
        "role": str(report.role),
        "proof": report.proof,
        "application": report.application,
        "peer_name": "",
        "confidence": "",
    }
    sql |= {term: _text(value) for term, value in constants.items()}
    sql["malware"] = "''" if places.malware is None else f"c{places.malware}"
    extra = [f"c{place}" for place in places.unknown]
    if sql["starts"] != "''":  # then that is the moment, and what `timestamp` says must not be lost
        extra.append(f"CASE WHEN {sql['starts']} <> '' THEN concat(',\"timestamp\":', to_json({sql['moment']})) END")
    sql["extra"] = f"'{{' || nullif(substr(concat({', '.join(extra)}), 2), '') || '}}'" if extra else "NULL"
    sql["line"] = "line"
    return "SELECT " + ", ".join(f"{sql[name]} AS {name}" for name, _ in TEXTS) + f" FROM {RAW}"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
