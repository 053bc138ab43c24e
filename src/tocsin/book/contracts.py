"""Contracts: whose account it was, from when until when. The newest subscriber file is the whole truth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.parts import in_parts
from tocsin.book.tables import contracts, subscribers

_Kept = sa.DateTime(timezone=True)


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """One contract: `subscriber` and `account` are numbers; half-open; `ends_at` None where it runs on."""

    subscriber: int
    account: int
    name: str
    email: str
    language: str
    zone: str
    line: str
    line_id: str | None
    starts_at: datetime
    ends_at: datetime | None
    phone: str | None = None  # E.164; absent, as the next four, where the subscriber file does not say
    postal_address: str | None = None  # its lines, the name not among them
    line_kind: str | None = None  # private | business
    care_alarm: bool | None = None
    medical: bool | None = None


def replace_contracts(tx: Transaction, these: Iterable[Contract]) -> None:
    """Let these be all the contracts there are."""
    tx.execute(contracts.delete())
    rows = [{"number": number, **msgspec.structs.asdict(each)} for number, each in enumerate(these, 1)]
    if rows:
        tx.execute(contracts.insert(), rows)


def add_subscribers(tx: Transaction, refs: Iterable[str]) -> dict[str, int]:
    """The numbers of all these customer numbers. New ones are numbered in their sorted order, after the highest."""
    wanted = set(refs)
    found = {
        row.ref: row.number
        for part in in_parts(wanted)
        for row in tx.execute(sa.select(subscribers).where(subscribers.c.ref.in_(part)))
    }
    new = sorted(wanted - found.keys())
    if new:
        highest = tx.execute(sa.select(sa.func.max(subscribers.c.number))).scalar_one() or 0
        numbered = dict(zip(new, range(highest + 1, highest + 1 + len(new)), strict=True))
        tx.execute(subscribers.insert(), [{"number": number, "ref": ref} for ref, number in numbered.items()])
        found |= numbered
    return found


def refs_of(tx: Transaction, numbers: Iterable[int]) -> dict[int, str]:
    """The customer numbers behind those subscriber numbers that are known."""
    return {
        row.number: row.ref
        for part in in_parts(numbers)
        for row in tx.execute(sa.select(subscribers).where(subscribers.c.number.in_(part)))
    }


def contract_columns(
    tx: Transaction, accounts: Sequence[int] | None = None
) -> tuple[list[int], list[int], list[datetime], list[datetime | None]]:
    """account, subscriber, starts_at, ends_at of every contract (of those accounts), a list each, in no order.

    For the engine, and fast: a moment comes as the database keeps it, and one without a zone is UTC.
    """
    starts_at, ends_at = (sa.type_coerce(column, _Kept) for column in (contracts.c.starts_at, contracts.c.ends_at))
    query = sa.select(contracts.c.account, contracts.c.subscriber, starts_at, ends_at)
    parts = [query] if accounts is None else [query.where(contracts.c.account.in_(part)) for part in in_parts(accounts)]
    rows = [row for part in parts for row in tx.execute(part)]
    columns = ([], [], [], []) if not rows else tuple(map(list, zip(*rows, strict=True)))
    return columns  # type: ignore[return-value]


def contracts_of(tx: Transaction, subscriber: int) -> list[Contract]:
    """A subscriber's contracts, the oldest first."""
    query = sa.select(contracts).where(contracts.c.subscriber == subscriber)
    return [_contract(row) for row in tx.execute(query.order_by(contracts.c.starts_at, contracts.c.number))]


def _contract(row: sa.Row[tuple[object, ...]]) -> Contract:
    return Contract(**{name: row._mapping[name] for name in Contract.__struct_fields__})


def line_columns(tx: Transaction) -> tuple[list[int], list[str], list[datetime], list[datetime | None]]:
    """account, line_id, starts_at, ends_at of every contract that names its line, a list each."""
    query = sa.select(contracts.c.account, contracts.c.line_id, contracts.c.starts_at, contracts.c.ends_at)
    query = query.where(contracts.c.line_id.is_not(None)).order_by(contracts.c.number)
    rows = list(tx.execute(query))
    return [r.account for r in rows], [r.line_id for r in rows], [r.starts_at for r in rows], [r.ends_at for r in rows]
