"""What the lake says of each day: one row per subscriber, trouble and source. The engine makes it, cases rest on it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime

import msgspec
import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.parts import in_parts
from tocsin.book.tables import case_days, cases

OBSERVERS_MAX = 8
_KEY = ("subscriber", "kind", "malware", "role")


class CaseDay(msgspec.Struct, frozen=True, kw_only=True):
    """What one source saw of one subscriber's trouble on one UTC day, attributed by one log.

    `address`, `port` and what follows them are of the day's last sighting. `observers` are the first observers whom
    the source names, sorted, at most OBSERVERS_MAX; the source itself where it names none.
    """

    subscriber: int
    kind: str
    malware: str  # '' where the source named none
    role: str
    day: date
    source: str
    account: int
    log: str
    sightings: int
    first_at: datetime
    last_at: datetime
    last_sighting: str
    observers: tuple[str, ...]
    generation: str  # of the attributions that the row was made from
    address: str
    port: int | None = None
    protocol: str | None = None
    peer_address: str | None = None
    peer_port: int | None = None
    source_ref: str | None = None


def replace_day(tx: Transaction, day: date, rows: Sequence[CaseDay]) -> None:
    """That day is what `rows` say and nothing else: what an earlier generation held is gone."""
    tx.execute(case_days.delete().where(case_days.c.day == day))
    if rows:
        tx.execute(case_days.insert(), [_values(row) for row in rows])


def days_of(tx: Transaction, subscribers: Iterable[int]) -> list[CaseDay]:
    """Every day of these subscribers, oldest first."""
    order = (case_days.c.subscriber, case_days.c.day, *case_days.primary_key.columns)
    query = sa.select(case_days).order_by(*order)
    return [
        _row(row)
        for part in in_parts(subscribers)
        for row in tx.execute(query.where(case_days.c.subscriber.in_(part))).mappings()
    ]


def days_of_case(tx: Transaction, case: str) -> list[CaseDay]:
    """The days of one case's trouble, oldest first."""
    same = [cases.c[name] == case_days.c[name] for name in _KEY]
    query = sa.select(case_days).join(cases, sa.and_(*same)).where(cases.c.case == case)
    query = query.where(case_days.c.last_at >= cases.c.first_at, case_days.c.first_at <= cases.c.last_at)
    return [_row(row) for row in tx.execute(query.order_by(case_days.c.day, case_days.c.source)).mappings()]


def subscribers_to_follow(tx: Transaction) -> set[int]:
    """Who has a case that is not over, or a day of trouble that no case reaches."""
    alive = sa.select(cases.c.subscriber).where(cases.c.state.not_in(("closed", "withdrawn")))
    same = [cases.c[name] == case_days.c[name] for name in _KEY]
    reached = sa.exists().where(*same, cases.c.state != "withdrawn", cases.c.last_at >= case_days.c.last_at)
    return set(tx.execute(alive.union(sa.select(case_days.c.subscriber).where(~reached))).scalars())


def _row(row: sa.RowMapping) -> CaseDay:
    return CaseDay(**{**row, "observers": tuple(json.loads(row["observers"]))})


def _values(row: CaseDay) -> dict[str, object]:
    return {**msgspec.structs.asdict(row), "observers": json.dumps(row.observers, ensure_ascii=False)}


def addresses_of(tx: Transaction, wanted: Iterable[str]) -> dict[str, set[str]]:
    """The addresses at which each case was last seen, day by day."""
    mine = (case_days.c.subscriber == cases.c.subscriber) & (case_days.c.kind == cases.c.kind)
    mine &= (case_days.c.malware == cases.c.malware) & (case_days.c.role == cases.c.role)
    mine &= (case_days.c.last_at >= cases.c.first_at) & (case_days.c.first_at <= cases.c.last_at)
    query = sa.select(cases.c.case, case_days.c.address).join(case_days, mine).distinct()
    found: dict[str, set[str]] = {}
    for part in in_parts(wanted):
        for row in tx.execute(query.where(cases.c.case.in_(part))):
            found.setdefault(row.case, set()).add(row.address)
    return found
