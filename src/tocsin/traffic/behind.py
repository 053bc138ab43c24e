"""The flows on which something that is told of a host rests: what `tocsin detect --lake` keeps of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec

from tocsin.engine import read_sql, table_of
from tocsin.traffic.read import Traffic

_WANTED = (
    *(("told", "UINTEGER"), ("host", "UUID"), ("called", "UUID"), ("called_port", "USMALLINT")),
    *(("protocol", "VARCHAR"), ("first_at", "TIMESTAMP"), ("last_at", "TIMESTAMP")),
)
_FILES = (("file", "USMALLINT"), ("name", "VARCHAR"))


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """The flows of a host in a span, to one peer, port or protocol where it is about one. `told`: for what."""

    told: int
    host: UUID
    first_at: datetime
    last_at: datetime
    called: UUID | None = None
    called_port: int | None = None
    protocol: str | None = None


def copy_flows(traffic: Traffic, wanted: Sequence[Wanted], path: Path, *, most: int) -> int:
    """Write the flows (columns of behind.sql) to a Parquet file, at most `most` for each told; returns how many."""
    asked = [tuple(_plain(getattr(each, name)) for name, _ in _WANTED) for each in wanted]
    _load(traffic, "wanted", _WANTED, asked)
    _load(traffic, "file_names", _FILES, [(number, source.name) for number, source in enumerate(traffic.sources)])
    rows = traffic.engine.copy(read_sql(__package__, "behind"), path, most=most)
    traffic.engine.run("DROP TABLE wanted; DROP TABLE file_names")
    return rows


def _load(traffic: Traffic, name: str, columns: Sequence[tuple[str, str]], rows: Sequence[tuple[object, ...]]) -> None:
    values = [[row[place] for row in rows] for place in range(len(columns))]
    traffic.engine.add("handed_in", table_of(columns, values))
    named = ", ".join(f"{column}::{kind} AS {column}" for column, kind in columns)
    traffic.engine.run(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {named} FROM handed_in")
    traffic.engine.drop("handed_in")


def _plain(value: object) -> object:
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value
