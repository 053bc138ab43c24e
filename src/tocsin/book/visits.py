"""Visits: a browser at the portal, for as long as it takes to prove something. Kept by the digest of its cookie."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec
import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.tables_portal import visits

TRIES_MAX = 5  # of one mailed number
WAITING_MAX = 20  # visits from one address that wait for their answer
Way = Literal["line", "mail"]


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """One visit. `answer` is JSON, `proven_by` and `subscriber` stand only where something was proved."""

    visit: str
    started_at: datetime
    ends_at: datetime
    notice: str | None = None
    address: str | None = None
    asked_at: datetime | None = None
    answer: str | None = None
    mail_digest: str | None = None
    mail_at: datetime | None = None
    tries: int = 0
    subscriber: int | None = None
    proven_by: Way | None = None
    proven_at: datetime | None = None


def start(tx: Transaction, visit: Visit) -> None:
    """A new visit in the place of one of the same name; of one address no more than WAITING_MAX wait, the newest."""
    tx.execute(visits.delete().where(visits.c.visit == visit.visit))
    if visit.asked_at is not None:
        older = sa.select(visits.c.visit).where(visits.c.address == visit.address, visits.c.answer.is_(None))
        older = older.order_by(visits.c.asked_at.desc(), visits.c.visit).limit(None).offset(WAITING_MAX - 1)
        too_many = list(tx.execute(older).scalars())
        tx.execute(visits.delete().where(visits.c.visit.in_(too_many)))
    tx.execute(visits.insert().values(**msgspec.structs.asdict(visit)))


def find(tx: Transaction, visit: str, *, at: datetime) -> Visit | None:
    """The visit of this name, unless its time is over."""
    query = sa.select(visits).where(visits.c.visit == visit, visits.c.ends_at > at)
    row = tx.execute(query).mappings().one_or_none()
    return Visit(**row) if row else None


def answer_line(tx: Transaction, visit: Visit, *, answer: str, subscriber: int | None, at: datetime) -> None:
    """What was found of the address that it asked about; whose line that is, where it is one's alone."""
    proven = {} if subscriber is None else {"subscriber": subscriber, "proven_by": "line", "proven_at": at}
    same = (visits.c.visit == visit.visit) & (visits.c.asked_at == visit.asked_at)
    tx.execute(visits.update().where(same).values(answer=answer, **proven))


def note_mailed(tx: Transaction, visit: str, *, digest: str, subscriber: int) -> None:
    """The number that is on its way to the contract's address, and whose contract that is: not proved by this."""
    values = {"mail_digest": digest, "tries": 0, "subscriber": subscriber}
    tx.execute(visits.update().where(visits.c.visit == visit).values(**values))


def forget_mailed(tx: Transaction, visit: str) -> None:
    """The number did not leave: another one may be mailed."""
    tx.execute(visits.update().where(visits.c.visit == visit).values(mail_digest=None, subscriber=None))


def prove_by_mail(tx: Transaction, visit: str, *, digest: str, at: datetime, until: datetime) -> bool:
    """Whether this is the number that was mailed. A try is counted, right or wrong; past TRIES_MAX none is right."""
    ours = (visits.c.visit == visit) & (visits.c.ends_at > at)
    tx.execute(visits.update().where(ours).values(tries=visits.c.tries + 1))
    right = ours & (visits.c.mail_digest == digest) & (visits.c.tries <= TRIES_MAX)
    proven = {"proven_by": "mail", "proven_at": at, "ends_at": until, "mail_digest": None}
    return tx.execute(visits.update().where(right).values(**proven)).rowcount == 1


def end(tx: Transaction, visit: str) -> None:
    tx.execute(visits.delete().where(visits.c.visit == visit))


def mails_asked(tx: Transaction, notice: str, *, since: datetime) -> int:
    """How many numbers have been asked for with this notice's code."""
    query = sa.select(sa.func.count()).select_from(visits)
    return int(tx.execute(query.where(visits.c.notice == notice, visits.c.mail_at >= since)).scalar_one())


def waiting(tx: Transaction, *, at: datetime) -> int:
    """Visits that have asked about their connection and have no answer yet."""
    query = sa.select(sa.func.count()).select_from(visits).where(visits.c.ends_at > at)
    return int(tx.execute(query.where(visits.c.asked_at.is_not(None), visits.c.answer.is_(None))).scalar_one())


def sweep(tx: Transaction, *, at: datetime) -> int:
    """Forget visits whose time is over; how many."""
    return tx.execute(visits.delete().where(visits.c.ends_at <= at)).rowcount
