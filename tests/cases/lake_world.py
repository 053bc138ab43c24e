"""Rows for a real lake: what a test does not say is as in the commonest case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from tests.cases.case_world import AT
from tocsin.lake import TABLES, UNDATED, Lake
from tocsin.terms.addresses import parse_address
from tocsin.terms.moments import utc_day

SPACE = UUID(int=7)
BINDING = uuid5(SPACE, "binding")
Row = dict[str, Any]


def named(name: str) -> UUID:
    return uuid5(SPACE, name)


def sighting(name: str, at: datetime = AT, **fields: Any) -> Row:
    return {
        "id": named(name),
        "seen_at": at,
        "seen_until": at,
        "precision_s": 1,
        "role": "infected",
        "address": parse_address("192.0.2.7"),
        "port": 40_000,
        "protocol": "tcp",
        "kind": "infected-system",
        "taxonomy": "malicious-code",
        "malware": "mirai",
        "source": "cert",
        "reader": "test",
    } | fields


def attribution(name: str, at: datetime = AT, **fields: Any) -> Row:
    return {
        "sighting": named(name),
        "seen_at": at,
        "outcome": "subscriber",
        "reason": "",
        "subscriber": 1,
        "account": 10,
        "binding": BINDING,
        "margin_s": 5,
        "generation": "g1",
    } | fields


def binding(at: datetime = AT, **fields: Any) -> Row:
    return {
        "binding": BINDING,
        "binding_kind": "session",
        "log": "radius",
        "account": 10,
        "network": parse_address("192.0.2.7"),
        "prefix_bits": 128,
        "starts_at": at - timedelta(hours=1),
        "ends_at": at + timedelta(hours=1),
    } | fields


def fill(lake: Lake, batch: str, *, at: datetime = AT, undated: Sequence[Row] = (), **tables: Sequence[Row]) -> None:
    """One batch made at `at`: the rows of each table by their day, `undated` bindings besides."""
    with lake.writing(*tables, "bindings") as writing:
        made = writing.batch(batch, kind="test", at=at)
        for table, rows in tables.items():
            column = "starts_at" if table == "bindings" else "seen_at"
            for day in sorted({utc_day(row[column]) for row in rows}):
                here = [row for row in rows if utc_day(row[column]) == day]
                made.add(table, day, _relation(table, here))
        if undated:
            made.add("bindings", UNDATED, _relation("bindings", undated))
        made.commit()


def _relation(table: str, rows: Sequence[Row]) -> str:
    columns = TABLES[table].columns
    return " UNION ALL ".join(
        "SELECT " + ", ".join(f'{_literal(row.get(name))}::{kind} AS "{name}"' for name, kind in columns)
        for row in rows
    )


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, datetime):
        return f"'{value.replace(tzinfo=None)}'"
    if isinstance(value, list):
        return "[" + ", ".join(_literal(each) for each in value) + "]"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"
