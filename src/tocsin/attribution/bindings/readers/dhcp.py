"""What the readers of DHCP logs have in common."""

from __future__ import annotations

from collections.abc import Callable

from tocsin.attribution.bindings.records import line_columns, stage_records
from tocsin.attribution.bindings.staging import Staging
from tocsin.engine import RecordBatchReader, read_sql
from tocsin.evidence.lines import OnReject

# What a DHCP log may say (records.py); a query of one need not say all of it.
_TOLD = (
    *("line UBIGINT", "status VARCHAR", "moment TIMESTAMP", "local_at TIMESTAMP", "zone VARCHAR", "network VARCHAR"),
    *("mac VARCHAR", "duid VARCHAR", "client_id VARCHAR", "circuit_id VARCHAR", "remote_id VARCHAR"),
    *("hostname VARCHAR", "lifetime_s VARCHAR", "until TIMESTAMP", "reject VARCHAR", "excerpt VARCHAR"),
    "is_over BOOLEAN",  # a lease that has ended: records.py has no such column
)


def stage_lines(staging: Staging, name: str, **params: str | None) -> None:
    """Let `name`.sql say what each physical line says (`log_lines`: line, text)."""
    stage_leases(staging, name, "log_lines", lambda reject: line_columns(staging, reject), **params)


def stage_leases(
    staging: Staging, name: str, relation: str, columns: Callable[[OnReject], RecordBatchReader], **params: str | None
) -> None:
    """Let `name`.sql say what each row of `columns` says, and find out whose lease it was where a row does not."""
    staging.engine.run(read_sql("tocsin.attribution.bindings", "macros"))
    staging.engine.run(read_sql(__package__, "dhcp_macros"))
    absent = ", ".join(f"NULL::{kind} AS {column}" for column, kind in (each.split() for each in _TOLD))
    told = f"SELECT {absent} WHERE false UNION ALL BY NAME ({read_sql(__package__, name)})"
    query = f"WITH told AS MATERIALIZED ({told})\n{read_sql(__package__, 'dhcp_named')}"
    stage_records(staging, query, relation, columns, account_from=staging.log.account_from, **params)
