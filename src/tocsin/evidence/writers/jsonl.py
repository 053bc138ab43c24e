"""Sightings and rejects as JSON lines, in the order of the evidence: what `tocsin read FILE --to jsonl` prints."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import msgspec

from tocsin.engine import Engine, Value, read_sql
from tocsin.evidence.staged import Output, Staged
from tocsin.terms.addresses import format_address
from tocsin.terms.moments import format_moment

_ADDRESSES = ("address", "peer_address")

Row = dict[str, Value]


def staged_rows(engine: Engine, staged: Staged) -> Iterator[Row]:
    """Sightings (the lake's columns and evidence_line) and rejects (reject, excerpt, evidence_line), by line."""
    engine.run(f"CREATE OR REPLACE VIEW staged AS {staged.rows()}")
    engine.run(f"CREATE OR REPLACE VIEW line_rejects AS {staged.line_rejects.relation()}")
    for batch in engine.batches(read_sql(__package__, "by_line")):
        for row in batch:
            yield {name: value for name, value in row.items() if value is not None}


def write_jsonl(output: Output) -> Iterator[bytes]:
    """Every record; nothing is left over."""
    return jsonl_lines(output.engine, output.staged)


def jsonl_lines(engine: Engine, staged: Staged) -> Iterator[bytes]:
    """One JSON object a line, without its line break; absent values are absent keys."""
    for row in staged_rows(engine, staged):
        yield msgspec.json.encode(reject_fields(row) if "reject" in row else sighting_fields(row, staged))


def reject_fields(row: Row) -> dict[str, object]:
    return {name: row[name] for name in ("reject", "evidence_line", "excerpt") if row.get(name) not in (None, "")}


def sighting_fields(row: Row, staged: Staged) -> dict[str, object]:
    fields: dict[str, object] = {}
    for name, value in row.items():
        if isinstance(value, datetime):
            fields[name] = format_moment(value)
        elif isinstance(value, UUID):
            fields[name] = format_address(value) if name in _ADDRESSES else str(value)
        elif name == "observer":
            continue  # below, where it says more than the source
        elif name == "extra" and isinstance(value, str):
            extra = msgspec.Raw(value.encode())
        else:
            fields[name] = value
    if row.get("observer") != row.get("source"):
        fields["observer"] = row["observer"]
    fields["evidence_sha256"] = staged.kept.sha256
    fields["evidence_line"] = fields.pop("evidence_line")
    if "extra" in row:
        fields["extra"] = extra
    return fields
