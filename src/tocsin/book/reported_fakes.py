"""Fakes that callers told the clerk of, and mails that were sent in to be checked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec
import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.tables_portal import mail_answers, reported_fakes

HOSTS_MAX = 20
ANSWERED = "answered"


class ReportedFake(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that is not ours, as somebody told it. `hosts` are names that its links lead to."""

    at: datetime
    by: str
    subject: str
    sender: str
    hosts: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


def add(tx: Transaction, fake: ReportedFake) -> None:
    """File it; what is too long is cut."""
    number = (tx.execute(sa.select(sa.func.max(reported_fakes.c.number))).scalar_one() or 0) + 1
    row = {
        "number": number,
        "at": fake.at,
        "by": fake.by[:100],
        "subject": fake.subject[:300],
        "sender": fake.sender[:300],
        "hosts": "\n".join(host[:90] for host in fake.hosts[:HOSTS_MAX]),
        "phones": "\n".join(phone[:30] for phone in fake.phones[:8]),
    }
    tx.execute(reported_fakes.insert().values(**row))


def forget(tx: Transaction, *, before: datetime) -> int:
    """Of no more use: such hosts live for days."""
    return tx.execute(reported_fakes.delete().where(reported_fakes.c.at < before)).rowcount


def newest(tx: Transaction, limit: int) -> list[ReportedFake]:
    """The newest first."""
    query = sa.select(reported_fakes).order_by(reported_fakes.c.at.desc(), reported_fakes.c.number.desc()).limit(limit)
    return [
        ReportedFake(
            at=row.at,
            by=row.by,
            subject=row.subject,
            sender=row.sender,
            hosts=tuple(row.hosts.split()),
            phones=tuple(row.phones.splitlines()),
        )
        for row in tx.execute(query)
    ]


def hosts(tx: Transaction, *, since: datetime) -> Iterator[str]:
    """Every host that was told since then, once, in order."""
    query = sa.select(reported_fakes.c.hosts).where(reported_fakes.c.at >= since)
    yield from sorted({host for text in tx.execute(query).scalars() for host in text.split()})


def is_answered(tx: Transaction, mail: str) -> bool:
    """Whether this mail was looked at before."""
    return tx.execute(sa.select(mail_answers.c.mail).where(mail_answers.c.mail == mail)).first() is not None


def answers_to(tx: Transaction, sender: str, *, since: datetime) -> int:
    """How many answers went to this sender since then."""
    query = sa.select(sa.func.count()).select_from(mail_answers)
    mine = (mail_answers.c.sender == sender) & (mail_answers.c.at >= since) & (mail_answers.c.result == ANSWERED)
    return int(tx.execute(query.where(mine)).scalar_one())


def note_answer(tx: Transaction, *, mail: str, sender: str, at: datetime, result: str) -> None:
    """What became of a mail that was sent in; once."""
    if not is_answered(tx, mail):
        tx.execute(mail_answers.insert().values(mail=mail, sender=sender, at=at, result=result[:30]))


def forget_answers(tx: Transaction, *, before: datetime) -> int:
    return tx.execute(mail_answers.delete().where(mail_answers.c.at < before)).rowcount
