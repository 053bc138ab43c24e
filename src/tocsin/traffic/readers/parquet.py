"""Flows as Parquet: our own columns (tables.py), as the lake keeps them; read where they lie, nothing is copied."""

from __future__ import annotations

from tocsin.evidence.lines import Reject
from tocsin.evidence.texts import Head
from tocsin.traffic.reading import Reading, Staged
from tocsin.traffic.tables import TABLES

_NEEDED = {"at", "caller", "called", "protocol", "state"}


def recognise_parquet(head: Head) -> str | None:
    return "" if head.start.startswith(b"PAR1") else None


def read_parquet(reading: Reading) -> None:
    """Columns that are absent are taken as unknown; `line` is the row, from 1. A file of other columns is refused."""
    path = str(reading.path).replace("'", "''")
    present = {str(name): str(kind) for name, kind, *_ in reading.engine.rows(f"DESCRIBE SELECT * FROM '{path}'")}
    if not present.keys() >= _NEEDED:
        missing = ", ".join(sorted(_NEEDED - present.keys()))
        reading.reject(Reject(0, f"not a table of flows: it lacks {missing}", ""))
        return
    columns = []
    for name, kind in TABLES["flows"]:
        value = {"file": str(reading.file), "line": "file_row_number + 1"}.get(name)
        columns.append(f'{value or (f"{chr(34)}{name}{chr(34)}" if name in present else "NULL")}::{kind} AS "{name}"')
    relation = f"(SELECT {', '.join(columns)} FROM read_parquet('{path}', file_row_number=true))"
    ((rows,),) = reading.engine.rows(f"SELECT count(*) FROM read_parquet('{path}')")
    reading.stage(Staged("flows", reading.path, int(str(rows)), relation))
