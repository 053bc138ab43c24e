"""Few numbers about much, for whoever watches the house: counts by state, never a person."""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.tables import cases, holds, notices, runs
from tocsin.book.tables_desk import jobs, log_reaches


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """How many there are in each state, when the last run ended, until when each log was read."""

    cases: dict[str, int]
    notices: dict[str, int]
    jobs: dict[str, int]
    holds: int
    last_run_at: datetime | None
    read_until_by_log: dict[str, datetime]


def figures(tx: Transaction) -> Figures:
    logs = sa.select(log_reaches.c.log, log_reaches.c.read_until).where(log_reaches.c.read_until.is_not(None))
    held = sa.select(sa.func.count()).select_from(holds).where(holds.c.released_at.is_(None))
    return Figures(
        cases=_by_state(tx, cases),
        notices=_by_state(tx, notices),
        jobs=_by_state(tx, jobs),
        holds=tx.execute(held).scalar_one(),
        last_run_at=tx.execute(sa.select(sa.func.max(runs.c.at))).scalar_one_or_none(),
        read_until_by_log={row.log: row.read_until for row in tx.execute(logs)},
    )


def _by_state(tx: Transaction, table: sa.Table) -> dict[str, int]:
    query = sa.select(table.c.state, sa.func.count().label("many")).group_by(table.c.state)
    return {row.state: int(row.many) for row in tx.execute(query)}
