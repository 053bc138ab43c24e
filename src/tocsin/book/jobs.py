"""Jobs: work that pages ask for and processes behind them do, each once, also when a process dies over it.

A job is claimed for a while; who works on it says so again and again. When nobody has, it is free for the next. So
a job may be begun twice, and must be work that can be repeated.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.tables_desk import jobs
from tocsin.terms.identity import digest

TRIES_MAX = 5
_REASON_MAX = 500
_UNFINISHED = ("waiting", "taken")


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of work. `result` is JSON once it is done; of one that failed, or waits again, it says why."""

    job: str
    kind: str
    payload: str  # JSON
    state: str  # waiting | taken | done | failed
    made_at: datetime
    due_at: datetime
    tries: int
    claimed_by: str | None
    claimed_until: datetime | None
    ended_at: datetime | None
    result: str


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A job in our hands. Only who holds the newest claim may end it."""

    job: Job
    by: str
    tries: int


def name_of(kind: str, key: str) -> str:
    return digest("job", kind, key)[:32]


def add(tx: Transaction, kind: str, payload: str, *, key: str, made_at: datetime, due_at: datetime) -> str:
    """Ask for work; the job's name. The same kind and key is the same job, and is there only once."""
    job = name_of(kind, key)
    if tx.execute(sa.select(jobs.c.job).where(jobs.c.job == job)).first() is None:
        values = {"job": job, "kind": kind, "payload": payload, "made_at": made_at, "due_at": due_at}
        tx.execute(jobs.insert().values(state="waiting", tries=0, result="", **values))
    return job


def find(tx: Transaction, job: str) -> Job | None:
    row = tx.execute(sa.select(jobs).where(jobs.c.job == job)).mappings().one_or_none()
    return Job(**row) if row else None


def newest(tx: Transaction, *, kinds: Collection[str] = (), at_most: int = 50) -> list[Job]:
    """The jobs that were asked for last (of these kinds), newest first."""
    query = sa.select(jobs).order_by(jobs.c.made_at.desc(), jobs.c.job).limit(at_most)
    if kinds:
        query = query.where(jobs.c.kind.in_(kinds))
    return [Job(**row) for row in tx.execute(query).mappings()]


def is_unfinished(tx: Transaction, kind: str) -> bool:
    """Whether a job of that kind waits or is being done."""
    query = sa.select(jobs.c.job).where(jobs.c.kind == kind, jobs.c.state.in_(_UNFINISHED)).limit(1)
    return tx.execute(query).first() is not None


def claim(tx: Transaction, kinds: Collection[str], *, by: str, at: datetime, lasts: timedelta) -> Claim | None:
    """Take the job that has been due longest, or one whose worker has fallen silent; None when there is none.

    `tx` is `book.claim()`'s: on PostgreSQL other claims pass by the row that this one looks at.
    """
    free = sa.or_(jobs.c.state == "waiting", sa.and_(jobs.c.state == "taken", jobs.c.claimed_until < at))
    query = sa.select(jobs).where(free, jobs.c.due_at <= at, jobs.c.kind.in_(kinds))
    query = query.order_by(jobs.c.due_at, jobs.c.job).limit(1).with_for_update(skip_locked=True)
    row = tx.execute(query).mappings().one_or_none()
    if row is None:
        return None
    job = Job(**row)
    if job.tries >= TRIES_MAX:
        _end(tx, job.job, "failed", at, f"given up: {job.tries} workers have died over it")
        return claim(tx, kinds, by=by, at=at, lasts=lasts)
    taken = Claim(job=job, by=by, tries=job.tries + 1)
    values = {"state": "taken", "claimed_by": by, "claimed_until": at + lasts, "tries": taken.tries}
    tx.execute(jobs.update().where(jobs.c.job == job.job).values(**values))
    return taken


def hold(tx: Transaction, claimed: Claim, *, until: datetime) -> bool:
    """Say that it is still being done. False when it has been taken from us."""
    done = tx.execute(jobs.update().where(_ours(claimed)).values(claimed_until=until))
    return done.rowcount == 1


def finish(tx: Transaction, claimed: Claim, *, at: datetime, result: str) -> bool:
    """It is done. False when it has been taken from us: then somebody else will say so."""
    return _release(tx, claimed, state="done", ended_at=at, result=result)


def fail(tx: Transaction, claimed: Claim, *, at: datetime, reason: str) -> bool:
    """It cannot be done."""
    return _release(tx, claimed, state="failed", ended_at=at, result=reason[:_REASON_MAX])


def put_off(tx: Transaction, claimed: Claim, *, due_at: datetime, reason: str, spoiled: bool) -> bool:
    """It cannot be done now. `spoiled`: it was our fault, and counts as a try; else somebody was in the way."""
    tries = claimed.tries if spoiled else claimed.tries - 1
    return _release(tx, claimed, state="waiting", due_at=due_at, tries=tries, result=reason[:_REASON_MAX])


def forget(tx: Transaction, *, before: datetime) -> int:
    """Remove what ended before that moment; how many."""
    return tx.execute(jobs.delete().where(jobs.c.state.in_(("done", "failed")), jobs.c.ended_at < before)).rowcount


def _ours(claimed: Claim) -> sa.ColumnElement[bool]:
    held = sa.and_(jobs.c.state == "taken", jobs.c.claimed_by == claimed.by, jobs.c.tries == claimed.tries)
    return sa.and_(jobs.c.job == claimed.job.job, held)


def _release(tx: Transaction, claimed: Claim, **values: object) -> bool:
    done = tx.execute(jobs.update().where(_ours(claimed)).values(claimed_by=None, claimed_until=None, **values))
    return done.rowcount == 1


def _end(tx: Transaction, job: str, state: str, at: datetime, reason: str) -> None:
    values = {"state": state, "ended_at": at, "result": reason, "claimed_by": None, "claimed_until": None}
    tx.execute(jobs.update().where(jobs.c.job == job).values(**values))
