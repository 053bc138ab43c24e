"""What a file in the golden folder must read as: every row of every table, and every reject, as plain JSON."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from tocsin.engine import Engine
from tocsin.terms.addresses import format_address
from tocsin.terms.moments import format_moment
from tocsin.traffic.read import read_traffic
from tocsin.traffic.reading import Clock
from tocsin.traffic.tables import TABLES

FOLDER = Path(__file__).parent / "golden"
WRITTEN_AT = datetime(2026, 11, 24, 12, tzinfo=UTC)  # the date that each file is given
BERLIN = Clock(ZoneInfo("Europe/Berlin"))


def told(engine: Engine, path: Path, clock: Clock = BERLIN) -> dict[str, object]:
    """Rows by table and the rejects, absent values left out."""
    os.utime(path, (WRITTEN_AT.timestamp(), WRITTEN_AT.timestamp()))
    traffic = read_traffic(engine, [path], clock=clock)
    found: dict[str, object] = {"format": traffic.sources[0].format}
    for table, columns in TABLES.items():
        names = [name for name, _ in columns if name != "file"]
        chosen = ", ".join(f'"{name}"' for name in names)
        rows = engine.rows(f"SELECT {chosen} FROM {table} ORDER BY line")
        if rows:
            found[table] = [_plain(dict(zip(names, row, strict=True))) for row in rows]
    found["rejects"] = [f"{reject.line}: {reject.reason}" for _, reject in traffic.rejected()]
    if traffic.sampled > 1:
        found["sampled"] = traffic.sampled
    traffic.close()
    return found


def _plain(row: dict[str, object]) -> dict[str, object]:
    def text(value: object) -> object:
        if isinstance(value, datetime):
            return format_moment(value)
        return format_address(value) if isinstance(value, UUID) else value

    return {name: text(value) for name, value in row.items() if value is not None}
