"""The door between a reader of a binding log and the lake: what a reader is given, and the two tables it leaves.

`staged_events`: the columns of EVENTS. `staged_rejects`: line, reason, excerpt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

import msgspec

from tocsin.attribution.bindings.logs import LogConfig
from tocsin.engine import Engine
from tocsin.evidence.lines import OnReject, Truncated
from tocsin.evidence.rejects import RejectFile

# What a reader knows of an event; `account_name` becomes a number, `line_hash` the lake's `line`, `moment` its `at`.
EVENTS: tuple[tuple[str, str], ...] = (
    ("moment", "TIMESTAMP"),
    ("nas", "VARCHAR"),
    ("session", "VARCHAR"),
    ("status", "VARCHAR"),
    ("account_name", "VARCHAR"),
    ("line_hash", "UBIGINT"),
    ("network", "UUID"),
    ("prefix_bits", "UTINYINT"),
    ("port_first", "USMALLINT"),
    ("port_last", "USMALLINT"),
    ("protocol", "VARCHAR"),
    ("session_s", "UINTEGER"),
    ("session_max_s", "UINTEGER"),
    ("interim_s", "UINTEGER"),
    ("until", "TIMESTAMP"),
    ("inside", "UUID"),
    ("inside_bits", "UTINYINT"),
    ("vrf", "VARCHAR"),
    ("rule", "VARCHAR"),
    ("ports_each", "UINTEGER"),
    ("ea_bits", "UTINYINT"),
    ("psid_offset", "UTINYINT"),
    ("evidence_line", "UBIGINT"),
)


class Staging(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader is given. A record of a moment after `newest` or before `oldest` is a reject."""

    engine: Engine
    blocks: Iterable[bytes | Truncated]
    newest: datetime
    oldest: datetime
    log: LogConfig


@contextmanager
def rejects_staged(engine: Engine) -> Iterator[OnReject]:
    """Takes what Python refuses, and puts it beside what SQL refused when the block ends."""
    path = engine.work_dir / "log.rejects"  # a file: a bad log may have more rejects than memory
    try:
        with RejectFile(path) as rejects:
            yield rejects.add
        engine.run("CREATE TEMP TABLE IF NOT EXISTS staged_rejects (line UBIGINT, reason VARCHAR, excerpt VARCHAR)")
        engine.run(f"INSERT INTO staged_rejects SELECT evidence_line, reject, excerpt FROM {rejects.relation()}")
    finally:
        path.unlink(missing_ok=True)


def stage_events(engine: Engine, query: str) -> None:
    """Make `staged_events` of a query that has some of the columns of EVENTS; the others are absent."""
    engine.run("CREATE OR REPLACE TEMP TABLE staged_events AS " + complete(query))


def complete(query: str) -> str:
    """The query with every column of EVENTS."""
    absent = ", ".join(f"NULL::{kind} AS {name}" for name, kind in EVENTS)
    names = ", ".join(name for name, _ in EVENTS)
    return f"SELECT {names} FROM (SELECT {absent} WHERE false UNION ALL BY NAME {query})"


def drop_staged(engine: Engine) -> None:
    engine.run("DROP TABLE IF EXISTS staged_events; DROP TABLE IF EXISTS staged_rejects")
