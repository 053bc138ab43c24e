"""FreeRADIUS `detail` files: RFC 2866 accounting records as lease events."""

from __future__ import annotations

from tocsin.attribution.bindings.readers.detail import COLUMNS, read_chunks
from tocsin.attribution.bindings.staging import Staging, rejects_staged, stage_events
from tocsin.engine import read_sql
from tocsin.engine.readers import reader_of

_QUESTIONS = ("radius_named", "radius_networks", "radius_rejects")
_SCRATCH = ("radius_records", "radius_named", "radius_networks")


def stage(staging: Staging) -> None:
    """Read a detail file into `staged_events` and `staged_rejects` (staging.py says their columns)."""
    engine = staging.engine
    engine.run(read_sql("tocsin.attribution.bindings", "macros"))
    with rejects_staged(engine) as on_reject:
        engine.add("detail", reader_of(COLUMNS, read_chunks(staging.blocks, on_reject)))
        try:
            engine.run(read_sql(__package__, "radius_records"), latest=staging.newest, since=staging.oldest)
        finally:
            engine.drop("detail")
        for question in _QUESTIONS:
            engine.run(read_sql(__package__, question))
    stage_events(engine, read_sql(__package__, "radius_events"))
    for table in _SCRATCH:
        engine.run(f"DROP TABLE {table}")
