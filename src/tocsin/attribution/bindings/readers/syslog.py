"""Logs that come by syslog: one query a reader, with the macros of syslog.sql, and no line read that breaks off."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from tocsin.attribution.bindings.records import line_columns, stage_records
from tocsin.attribution.bindings.staging import Staging
from tocsin.engine import read_sql
from tocsin.evidence.lines import Truncated

BREAK = b"\x1a"  # stands where the last line ends without a line break

_PACKAGE = "tocsin.attribution.bindings.readers"


def of_syslog(name: str) -> Callable[[Staging], None]:
    """A reader whose records are lines: the query `name`.sql, from the table macro `syslog_lines()` of syslog.sql.

    A last line without its line break ends in BREAK: a query that takes a port only before something that may follow
    it never takes `1024-153` for a whole range. The query may use `$zone`, the log's zone.
    """

    def stage(staging: Staging) -> None:
        query = read_sql(_PACKAGE, name)
        params = {"zone": staging.log.zone} if "$zone" in query else {}
        staging.engine.run(read_sql(_PACKAGE, "syslog"))
        marked = msgspec.structs.replace(staging, blocks=_break_marked(staging.blocks))
        stage_records(marked, query, "log_lines", lambda reject: line_columns(marked, reject), **params)

    return stage


def _break_marked(blocks: Iterable[bytes | Truncated]) -> Iterator[bytes | Truncated]:
    last: bytes | Truncated = b"\n"
    for block in blocks:
        if block:
            last = block
        yield block
    if isinstance(last, bytes) and not last.endswith(b"\n"):
        yield BREAK
