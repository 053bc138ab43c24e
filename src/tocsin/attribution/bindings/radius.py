"""FreeRADIUS `detail` files: RFC 2866 accounting records as lease events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tocsin.attribution.bindings.detail import COLUMNS, read_chunks
from tocsin.attribution.bindings.staging import rejects_staged
from tocsin.engine import Engine, read_sql
from tocsin.engine.readers import reader_of
from tocsin.evidence.lines import Truncated

_QUESTIONS = ("radius_named", "radius_networks", "radius_rejects", "radius_events")
_SCRATCH = ("radius_records", "radius_named", "radius_networks")


def stage(engine: Engine, blocks: Iterable[bytes | Truncated], newest: datetime, oldest: datetime) -> None:
    """Read a detail file's blocks into `staged_events` and `staged_rejects` (staging.py says their columns).

    A record of a moment after `newest` or before `oldest` is a reject.
    """
    engine.run(read_sql(__package__, "macros"))
    with rejects_staged(engine) as on_reject:
        engine.add("detail", reader_of(COLUMNS, read_chunks(blocks, on_reject)))
        try:
            engine.run(read_sql(__package__, "radius_records"), latest=newest, since=oldest)
        finally:
            engine.drop("detail")
        for question in _QUESTIONS:
            engine.run(read_sql(__package__, question))
    for table in _SCRATCH:
        engine.run(f"DROP TABLE {table}")
