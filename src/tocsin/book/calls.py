"""Notices that a person tells on the telephone: which wait, who has one in hand, how often it was tried."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa

from tocsin.book import notices as book_notices
from tocsin.book.book import Transaction
from tocsin.book.deliveries import Claim
from tocsin.book.notices import Notice
from tocsin.book.tables import notices
from tocsin.book.tables_delivery import attempts, deliveries

CHANNEL = "call"


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A call that is to be made; `claimed_by` is who has it in hand."""

    notice: str
    facts: str
    due_at: datetime
    tries: int
    claimed_by: str | None


def waiting(tx: Transaction, rows: int) -> Sequence[Waiting]:
    """Those that are due first stand first; at most so many."""
    query = (
        sa.select(notices.c.notice, notices.c.facts, deliveries.c.due_at, deliveries.c.tries, deliveries.c.claimed_by)
        .join(deliveries, deliveries.c.notice == notices.c.notice)
        .where(notices.c.state == "queued", notices.c.channel == CHANNEL)
        .order_by(deliveries.c.due_at, deliveries.c.notice)
        .limit(rows)
    )
    return [Waiting(**row) for row in tx.execute(query).mappings()]


def in_hand(tx: Transaction, notice: str, by: str) -> Claim | None:
    """The call that they have taken and not yet told the end of; None when it is no longer theirs."""
    query = sa.select(deliveries.c.tries).where(deliveries.c.notice == notice, deliveries.c.claimed_by == by)
    tries = tx.execute(query).scalar_one_or_none()
    found: Notice | None = book_notices.find(tx, notice) if tries is not None else None
    if tries is None or found is None or found.state != "queued":
        return None
    number = sa.select(sa.func.max(attempts.c.number)).where(attempts.c.notice == notice, attempts.c.outcome.is_(None))
    begun = tx.execute(number).scalar_one_or_none()
    return Claim(notice=found, number=int(begun), by=by, tries=int(tries)) if begun is not None else None


def taken_by(tx: Transaction, by: str) -> str | None:
    """The call that they have in hand, if any."""
    query = sa.select(deliveries.c.notice).join(notices, notices.c.notice == deliveries.c.notice)
    mine = (deliveries.c.claimed_by == by) & (notices.c.state == "queued") & (notices.c.channel == CHANNEL)
    return tx.execute(query.where(mine).order_by(deliveries.c.notice).limit(1)).scalar_one_or_none()
