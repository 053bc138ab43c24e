"""Holds: a brake stopped notices, and they stay stopped until somebody releases it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.tables import holds
from tocsin.terms.errors import BadRequest


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """`source` is absent where the whole run is held; `notices` is how many it stopped when it was set."""

    hold: str
    at: datetime
    brake: str
    reason: str
    notices: int
    source: str | None = None
    released_at: datetime | None = None
    released_by: str | None = None
    spent_at: datetime | None = None  # when the notices that the release let go were decided


def every(tx: Transaction) -> list[Hold]:
    """Oldest first."""
    return [Hold(**row) for row in tx.execute(sa.select(holds).order_by(holds.c.at, holds.c.hold)).mappings()]


def unreleased(tx: Transaction) -> list[Hold]:
    return [hold for hold in every(tx) if hold.released_at is None]


def add(tx: Transaction, new: Sequence[Hold]) -> None:
    """Set holds. One that stands is left as it is."""
    known = {hold.hold for hold in every(tx)} if new else set()
    rows = [msgspec.structs.asdict(hold) for hold in new if hold.hold not in known]
    if rows:
        tx.execute(holds.insert(), rows)


def release(tx: Transaction, hold: str, *, at: datetime, by: str) -> None:
    """Let its notices go, once. BadRequest when there is no such hold, or it was released before."""
    change = holds.update().where(holds.c.hold == hold, holds.c.released_at.is_(None))
    if tx.execute(change.values(released_at=at, released_by=by[:100])).rowcount != 1:
        raise BadRequest(f"no hold {hold[:70]} waits for its release", remedy="`tocsin notify` lists those that do")


def spend(tx: Transaction, spent: Iterable[str], at: datetime) -> None:
    """The notices that these releases let go have been decided."""
    rows = [{"_hold": hold, "_at": at} for hold in spent]
    if rows:
        change = holds.update().where(holds.c.hold == sa.bindparam("_hold"), holds.c.spent_at.is_(None))
        tx.execute(change.values(spent_at=sa.bindparam("_at")), rows)
