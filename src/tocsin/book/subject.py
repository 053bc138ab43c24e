"""Everything that the book holds of one subscriber, found by the tables' own references: no table can be forgotten."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa

from tocsin.book import pseudonyms
from tocsin.book.book import Transaction
from tocsin.book.parts import in_parts
from tocsin.book.schema import metadata
from tocsin.book.tables import accounts, case_days, contracts, notices, subscribers
from tocsin.book.tables_privacy import erasures

Condition = sa.ColumnElement[bool]
_GONE = "erased-"


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """One that was asked for. `accounts`: (number in the lake, the number that takes its place there)."""

    subscriber: int
    asked_at: datetime
    asked_by: str
    accounts: tuple[tuple[int, int], ...]
    done_at: datetime | None


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """For how long an account was somebody else's."""

    account: int
    starts_at: datetime
    ends_at: datetime | None


def number_of(tx: Transaction, ref: str) -> int | None:
    """The number of a customer number; None when nobody has it."""
    return tx.execute(sa.select(subscribers.c.number).where(subscribers.c.ref == ref)).scalar_one_or_none()


def dependents(root: sa.Table, condition: Condition) -> dict[sa.Table, Condition]:
    """The root and every table whose rows refer to its, directly or through others, parents first."""
    found: dict[sa.Table, Condition] = {root: condition}
    for table in metadata.sorted_tables:
        ways = [
            key.parent.in_(sa.select(key.column).where(found[key.column.table]))
            for key in table.foreign_keys
            if key.column.table in found and table is not root
        ]
        if ways:
            found[table] = sa.or_(*ways)
    return found


def rows_of(tx: Transaction, subscriber: int) -> Iterator[tuple[str, list[dict[str, object]]]]:
    """Each table that holds something of theirs, with its rows in order."""
    for table, condition in dependents(subscribers, subscribers.c.number == subscriber).items():
        query = sa.select(table).where(condition).order_by(*table.primary_key.columns)
        rows = [{str(name): value for name, value in row.items()} for row in tx.execute(query).mappings()]
        if rows:
            yield str(table.name), rows


def accounts_of(tx: Transaction, subscriber: int) -> dict[int, str]:
    """The accounts that are theirs by contract, or were by what has been attributed: number to login."""
    numbers = set(tx.execute(sa.select(contracts.c.account).where(contracts.c.subscriber == subscriber)).scalars())
    numbers |= set(tx.execute(sa.select(case_days.c.account).where(case_days.c.subscriber == subscriber)).scalars())
    return names_of(tx, numbers)


def names_of(tx: Transaction, numbers: set[int]) -> dict[int, str]:
    """The logins behind those numbers."""
    return {
        row.number: row.name
        for part in in_parts(numbers)
        for row in tx.execute(sa.select(accounts).where(accounts.c.number.in_(part)))
    }


def others_spans(tx: Transaction, subscriber: int, numbers: Sequence[int]) -> list[Span]:
    """When those accounts were other subscribers': what happened then is not this one's."""
    query = sa.select(contracts.c.account, contracts.c.starts_at, contracts.c.ends_at)
    query = query.where(contracts.c.subscriber != subscriber)
    return [
        Span(account=row.account, starts_at=row.starts_at, ends_at=row.ends_at)
        for part in in_parts(numbers)
        for row in tx.execute(query.where(contracts.c.account.in_(part)))
    ]


def message_ids_of(tx: Transaction, subscriber: int) -> list[str]:
    """Of every notice that was composed for them."""
    query = sa.select(notices.c.message_id).where(notices.c.subscriber == subscriber)
    return [str(found) for found in tx.execute(query.where(notices.c.message_id.is_not(None))).scalars()]


def begin_erasure(tx: Transaction, subscriber: int, numbers: Sequence[int], *, at: datetime, by: str) -> Erasure:
    """Note that it has begun; each account gets a number in the lake that means nobody. The same one when it has."""
    known = find_erasure(tx, subscriber)
    if known is not None:
        return known
    highest = tx.execute(sa.select(sa.func.max(accounts.c.number))).scalar_one() or 0
    pairs = tuple((number, highest + place) for place, number in enumerate(sorted(numbers), 1))
    if pairs:
        fresh = [{"number": becomes, "name": _GONE + secrets.token_hex(12)} for _, becomes in pairs]
        tx.execute(accounts.insert(), fresh)
    row = {"subscriber": subscriber, "asked_at": at, "asked_by": by, "accounts": json.dumps(pairs)}
    tx.execute(erasures.insert().values(**row))
    return Erasure(subscriber=subscriber, asked_at=at, asked_by=by, accounts=pairs, done_at=None)


def find_erasure(tx: Transaction, subscriber: int) -> Erasure | None:
    row = tx.execute(sa.select(erasures).where(erasures.c.subscriber == subscriber)).mappings().one_or_none()
    return _erasure(row) if row else None


def erasures_of(tx: Transaction, limit: int = 50) -> list[Erasure]:
    """What was asked for, the newest first."""
    query = sa.select(erasures).order_by(erasures.c.asked_at.desc(), erasures.c.subscriber.desc()).limit(limit)
    return [_erasure(row) for row in tx.execute(query).mappings()]


def unfinished(tx: Transaction) -> list[Erasure]:
    """What was begun and not finished, the oldest first."""
    query = sa.select(erasures).where(erasures.c.done_at.is_(None)).order_by(erasures.c.asked_at)
    return [_erasure(row) for row in tx.execute(query).mappings()]


def erase(tx: Transaction, this: Erasure) -> None:
    """Everything that refers to them is gone; their number stays and means nobody, and so the audit's lines."""
    found = dependents(subscribers, subscribers.c.number == this.subscriber)
    found.pop(subscribers)
    for table, condition in reversed(found.items()):
        tx.execute(table.delete().where(condition))
    name = f"{_GONE}{this.subscriber}-{secrets.token_hex(8)}"
    tx.execute(subscribers.update().where(subscribers.c.number == this.subscriber).values(ref=name))
    for number, _ in this.accounts:
        if tx.execute(sa.select(contracts.c.number).where(contracts.c.account == number).limit(1)).first() is None:
            gone = _GONE + secrets.token_hex(12)
            tx.execute(accounts.update().where(accounts.c.number == number).values(name=gone))
    pseudonyms.destroy(tx, this.subscriber)
    tx.execute(erasures.update().where(erasures.c.subscriber == this.subscriber).values(accounts="[]"))


def is_forgotten(tx: Transaction, subscriber: int) -> bool:
    """Whether `erase` has been done: their number means nobody."""
    ref = tx.execute(sa.select(subscribers.c.ref).where(subscribers.c.number == subscriber)).scalar_one()
    return str(ref).startswith(_GONE)


def end_erasure(tx: Transaction, subscriber: int, at: datetime) -> None:
    tx.execute(erasures.update().where(erasures.c.subscriber == subscriber).values(done_at=at))


def _erasure(row: Mapping[str, object] | sa.RowMapping) -> Erasure:
    pairs = tuple((old, new) for old, new in json.loads(str(row["accounts"])))
    return Erasure(**{**row, "accounts": pairs})
