"""Which stretches of time each binding log covers, for each of its prefixes: a silence in a log is known as a gap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from tocsin.attribution.bindings.logs import LogConfig, logs_digest
from tocsin.attribution.bindings.read import READERS
from tocsin.engine import Engine, read_sql, table_of
from tocsin.lake import UNDATED
from tocsin.lake.lake import Writing
from tocsin.terms.addresses import parse_network
from tocsin.terms.identity import digest

RULES_NUMBER = 2  # raised when the rules of coverage.sql change
_NO_GAP_S = 4_000_000_000  # a journal: the server writes each lease down before it gives it
_LOGS = (("log", "VARCHAR"), ("gap_s_max", "UINTEGER"), ("snapshot", "BOOLEAN"))
_PREFIXES = (("log", "VARCHAR"), ("network", "UUID"), ("prefix_bits", "UTINYINT"))


def make_coverage(writing: Writing, logs: Sequence[LogConfig], *, at: datetime) -> bool:
    """Bring the lake's `coverage` up to date, under the right to write it; True when it had to be made anew."""
    lake = writing.lake
    files = lake.files("lease_events")
    inputs = digest(str(RULES_NUMBER), logs_digest(logs), *(file.path for file in files))
    before = lake.made_from("coverage").get(UNDATED)
    if before is not None and before.inputs == inputs:
        return False
    batch = writing.batch(f"coverage-{inputs[:24]}", kind="coverage", at=at)
    moments = f'SELECT log, "at" AS moment FROM {lake.relation("lease_events", files)}'
    with covered(lake.engine, moments, logs) as sql:
        batch.add("coverage", UNDATED, sql)
    batch.replace("coverage", [UNDATED], keep=lambda file: file.path.endswith(f"/{batch.name}.parquet"))
    batch.made("coverage", UNDATED, inputs)
    batch.commit()
    return True


@contextmanager
def covered(engine: Engine, moments: str, logs: Sequence[LogConfig]) -> Iterator[str]:
    """The query for the stretches that the logs cover; `moments` is a query of (log, moment), one row a record."""
    _tell(engine, moments, logs)
    try:
        yield read_sql(__package__, "coverage")
    finally:
        engine.run("DROP VIEW told_moments; DROP TABLE cover_logs; DROP TABLE cover_prefixes")


def _tell(engine: Engine, moments: str, logs: Sequence[LogConfig]) -> None:
    prefixes: list[tuple[str, UUID, int]] = [
        (log.name, *parse_network(prefix)) for log in logs for prefix in sorted(set(log.prefixes))
    ]
    names = [log.name for log in logs]
    gaps = [_NO_GAP_S if READERS[log.reader].journal else log.gap_s_max for log in logs]
    snapshots = [READERS[log.reader].snapshot for log in logs]
    engine.run(f"CREATE OR REPLACE TEMP VIEW told_moments AS {moments}")
    engine.add("cover_rows", table_of(_LOGS, (names, gaps, snapshots)))
    engine.run("CREATE OR REPLACE TEMP TABLE cover_logs AS SELECT log, gap_s_max, snapshot FROM cover_rows")
    engine.drop("cover_rows")
    columns = ([row[0] for row in prefixes], [row[1] for row in prefixes], [row[2] for row in prefixes])
    engine.add("cover_rows", table_of(_PREFIXES, columns))
    engine.run("CREATE OR REPLACE TEMP TABLE cover_prefixes AS SELECT log, network, prefix_bits FROM cover_rows")
    engine.drop("cover_rows")
