"""The queue of notices that leave by a conversation: who delivers which now, every attempt, what became of it.

A notice is taken on by one process for a limited time. That time may pass while it is at work: so `note_dot`, the point
from which it may have left, goes through only for whoever still holds it. What was taken on by a process that is no
more waits again if its dot was not noted; else nobody knows, and it is uncertain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec
import sqlalchemy as sa

from tocsin.book import notices as book_notices
from tocsin.book.book import Transaction
from tocsin.book.notices import Notice
from tocsin.book.parts import in_parts
from tocsin.book.tables import notices
from tocsin.book.tables_delivery import attempts, deliveries


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A notice that this process delivers now; `number` counts its attempts from 1."""

    notice: Notice
    number: int
    by: str
    tries: int


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One conversation about a notice. Without `outcome` it goes on."""

    notice: str
    number: int
    server: str
    begun_at: datetime
    dot_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str | None = None
    code: int | None = None
    enhanced: str | None = None
    reason: str | None = None


class Lost(msgspec.Struct, frozen=True, kw_only=True):
    """A notice whose process is no more, or took too long."""

    notice: str
    had_dot: bool


def claim(
    tx: Transaction,
    *,
    at: datetime,
    wall_at: datetime,
    until: datetime,
    by: str,
    server: str,
    channel: str = "mail",
    only: str | None = None,
) -> Claim | None:
    """Take on that channel's notice (`only` this one) that has been due for longest; None when none is. What others
    hold is passed over.

    `at` is the moment of the run, `wall_at` and `until` are the wall clock's. One whose dot was noted is nobody's.
    """
    free = deliveries.c.claimed_by.is_(None)
    query = (
        sa.select(notices.c.notice, deliveries.c.tries)
        .join(deliveries, deliveries.c.notice == notices.c.notice)
        .where(free, deliveries.c.due_at <= at, notices.c.state == "queued", notices.c.dot_at.is_(None))
        .where(notices.c.channel == channel)
        .order_by(deliveries.c.due_at, deliveries.c.notice)
        .limit(1)
        .with_for_update(skip_locked=True, of=deliveries)
    )
    if only is not None:
        query = query.where(notices.c.notice == only)
    row = tx.execute(query).one_or_none()
    if row is None:
        return None
    mine = deliveries.update().where(deliveries.c.notice == row.notice)
    tx.execute(mine.values(claimed_by=by, claimed_until=until))
    number = _last(tx, row.notice) + 1
    tx.execute(attempts.insert().values(notice=row.notice, number=number, server=server[:300], begun_at=wall_at))
    found = book_notices.find(tx, row.notice)
    assert found is not None
    return Claim(notice=found, number=number, by=by, tries=row.tries)


def note_dot(tx: Transaction, claim: Claim, *, at: datetime, until: datetime) -> bool:
    """Commit this before the final dot. False: it is no longer ours, or was stopped: send no dot."""
    name = claim.notice.notice
    still = sa.select(deliveries.c.notice).where(deliveries.c.notice == name, deliveries.c.claimed_by == claim.by)
    if tx.execute(still).one_or_none() is None or _last(tx, name) != claim.number:
        return False
    if book_notices.states_of(tx, [name]).get(name) != "queued":
        return False
    book_notices.note_dot(tx, name, at)
    tx.execute(deliveries.update().where(deliveries.c.notice == name).values(claimed_until=until))
    tx.execute(_attempt(claim).values(dot_at=at))
    return True


def end(
    tx: Transaction,
    claim: Claim,
    *,
    at: datetime,
    outcome: str,
    reason: str,
    code: int | None = None,
    enhanced: str | None = None,
) -> None:
    """Write down how the conversation ended."""
    values = {"ended_at": at, "outcome": outcome, "reason": reason[:300], "code": code, "enhanced": enhanced}
    tx.execute(_attempt(claim).values(**values))


def put_back(tx: Transaction, claim: Claim, *, due_at: datetime) -> None:
    """It was not taken: it waits again until then, if it is still ours to put back."""
    name = claim.notice.notice
    mine = deliveries.update().where(deliveries.c.notice == name, deliveries.c.claimed_by == claim.by)
    values = {"claimed_by": None, "claimed_until": None, "due_at": due_at, "tries": claim.tries + 1}
    if tx.execute(mine.values(**values)).rowcount == 1:
        book_notices.clear_dot(tx, name)


def take_from_the_dead(tx: Transaction, *, wall_at: datetime, is_gone: Callable[[str], bool]) -> list[Lost]:
    """Free what a process held that is no more, or whose time is over. Those with a dot are for the caller to note."""
    query = sa.select(deliveries, notices.c.dot_at).join(notices, notices.c.notice == deliveries.c.notice)
    found = tx.execute(query.where(deliveries.c.claimed_by.is_not(None)).order_by(deliveries.c.notice)).all()
    lost = []
    for row in found:
        if row.claimed_until > wall_at and not is_gone(row.claimed_by):
            continue
        had_dot = row.dot_at is not None
        freed = deliveries.update().where(deliveries.c.notice == row.notice)
        tx.execute(freed.values(claimed_by=None, claimed_until=None))
        outcome = "uncertain" if had_dot else "lost"
        open_ = attempts.update().where(attempts.c.notice == row.notice, attempts.c.outcome.is_(None))
        tx.execute(open_.values(ended_at=wall_at, outcome=outcome, reason="its process came to an end"))
        lost.append(Lost(notice=row.notice, had_dot=had_dot))
    return lost


def is_any_claimed(tx: Transaction) -> bool:
    query = sa.select(deliveries.c.notice).where(deliveries.c.claimed_by.is_not(None)).limit(1)
    return tx.execute(query).one_or_none() is not None


def begun_elsewhere(tx: Transaction, channel: str = "mail") -> list[str]:
    """That channel's queued notices that have begun to leave and that nobody delivers: another way may have been it."""
    query = sa.select(notices.c.notice).join(deliveries, deliveries.c.notice == notices.c.notice)
    begun = (notices.c.state == "queued") & notices.c.dot_at.is_not(None) & deliveries.c.claimed_by.is_(None)
    query = query.where(notices.c.channel == channel)
    return list(tx.execute(query.where(begun).order_by(notices.c.notice)).scalars())


def held(tx: Transaction, wanted: Iterable[str]) -> set[str]:
    """Those of these notices that a conversation has been begun about and not ended."""
    query = sa.select(attempts.c.notice).where(attempts.c.outcome.is_(None))
    found = (tx.execute(query.where(attempts.c.notice.in_(part))) for part in in_parts(wanted))
    return {name for rows in found for name in rows.scalars()}


def waiting(tx: Transaction, channel: str | None = None) -> tuple[int, datetime | None]:
    """(how many are queued, when the next of those that nobody delivers is due); of one channel or of all."""
    query = sa.select(sa.func.count()).select_from(deliveries)
    due = sa.select(sa.func.min(deliveries.c.due_at)).where(deliveries.c.claimed_by.is_(None))
    if channel is not None:
        mine = sa.select(notices.c.notice).where(notices.c.state == "queued", notices.c.channel == channel)
        query, due = (each.where(deliveries.c.notice.in_(mine)) for each in (query, due))
    return int(tx.execute(query).scalar_one()), tx.execute(due).scalar_one()


def attempts_of(tx: Transaction, wanted: Iterable[str]) -> dict[str, list[Attempt]]:
    """Every conversation about each of these notices, oldest first."""
    query = sa.select(attempts).order_by(attempts.c.notice, attempts.c.number)
    found: dict[str, list[Attempt]] = {}
    for part in in_parts(wanted):
        for row in tx.execute(query.where(attempts.c.notice.in_(part))).mappings():
            found.setdefault(row["notice"], []).append(Attempt(**row))
    return found


def _attempt(claim: Claim) -> sa.Update:
    return attempts.update().where(attempts.c.notice == claim.notice.notice, attempts.c.number == claim.number)


def _last(tx: Transaction, notice: str) -> int:
    query = sa.select(sa.func.max(attempts.c.number)).where(attempts.c.notice == notice)
    return int(tx.execute(query).scalar_one() or 0)
