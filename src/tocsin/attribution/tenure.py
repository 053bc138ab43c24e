"""Since when the subscriber who holds an address now has held it, with nobody else in between."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID

from tocsin.attribution.resolve import masked, prefix_lengths
from tocsin.book.cases import Contract, contracts_of
from tocsin.engine import read_sql
from tocsin.lake import UNDATED, Lake

DAYS_MAX = 31  # how far back it is looked
ROWS_MAX = 2_000  # bindings looked at; an address that has had more is not one household's
_Row = tuple[int | None, datetime, datetime]


def tenure(lake: Lake, address: UUID, subscriber: int, *, at: datetime) -> datetime | None:
    """The moment from which on nobody but this subscriber held the address, at most DAYS_MAX before `at`.

    None when the subscriber does not hold it. Attribution has said before that he does: this only looks back. A moment
    in doubt is somebody else's.
    """
    first = (at - timedelta(days=DAYS_MAX)).date()
    days = [day for day in lake.days("bindings") if first <= day <= at.date() or day == UNDATED]
    lengths = prefix_lengths(lake, days)
    if not lengths:
        return None
    rows = lake.engine.rows(
        f"WITH bindings AS NOT MATERIALIZED {lake.scan('bindings', days)} {read_sql(__package__, 'tenure')}",
        networks=masked(address, lengths),
        at=at,
        rows_max=ROWS_MAX,
    )
    held = cast("list[_Row]", rows)
    with lake.book.read() as tx:
        contracts = contracts_of(tx, {account for account, _, _ in held if account is not None})
    since = _since(held, contracts, subscriber, at)
    return None if since is None else max(since, at - timedelta(days=DAYS_MAX))


def _since(held: Iterable[_Row], contracts: list[Contract], subscriber: int, at: datetime) -> datetime | None:
    """After the last moment that was somebody else's: where the subscriber's time begins."""
    own: list[tuple[datetime, datetime]] = []
    others = [datetime.min.replace(tzinfo=UTC)]
    for account, starts_at, until in held:
        contract = _contract(contracts, account, min(until, at))
        if contract is None or contract.subscriber != subscriber:
            others.append(until)
            continue
        own.append((max(starts_at, contract.starts_at), until))
        if contract.starts_at > starts_at:
            others.append(contract.starts_at)  # the same login was another's until then
    last = max(others)
    mine = [max(start, last) for start, until in own if until > last or start >= last]
    return min(mine, default=None) if last <= at else None


def _contract(contracts: list[Contract], account: int | None, moment: datetime) -> Contract | None:
    for each in contracts:
        if each.account == account and each.starts_at <= moment and (each.ends_at is None or moment <= each.ends_at):
            return each
    return None
