"""What a code opens: the notice that was sent with it, as long as it can be checked."""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.case_days import CaseDay, days_of_case
from tocsin.book.cases import Case
from tocsin.book.tables import cases, contracts, notice_cases, notices, subscribers


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A notice that has left. `standing` is how many of its cases have not been withdrawn since."""

    notice: str
    subscriber: int
    facts: str
    left_at: datetime
    expires_at: datetime
    standing: int
    read_at: datetime | None = None  # when it was first known that somebody has it


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where a contract's mail goes; `ref` is the provider's customer number."""

    ref: str
    name: str
    email: str
    language: str
    line: str


_STANDING = (
    sa.select(sa.func.count())
    .select_from(notice_cases.join(cases, cases.c.case == notice_cases.c.case))
    .where(notice_cases.c.notice == notices.c.notice, cases.c.state != "withdrawn")
    .scalar_subquery()
)
_TOLD = sa.select(
    notices.c.notice,
    notices.c.subscriber,
    notices.c.facts,
    notices.c.dot_at.label("left_at"),
    notices.c.expires_at,
    notices.c.read_at,
    _STANDING.label("standing"),
).where(notices.c.dot_at.is_not(None), notices.c.expires_at > sa.bindparam("at", type_=notices.c.expires_at.type))
_BY_CODE = _TOLD.where(notices.c.code_sha256 == sa.bindparam("code"))
_TO_SUBSCRIBER = _TOLD.where(notices.c.subscriber == sa.bindparam("subscriber"))
_BY_NOTICE = _TOLD.where(notices.c.notice == sa.bindparam("notice"))


def told_by_code(tx: Transaction, code_sha256: str, *, at: datetime) -> Told | None:
    """The notice of this code. One that was never sent, one that has expired and none at all are alike: None.

    One question, which the database answers: of a notice that has expired not a byte comes here.
    """
    row = tx.execute(_BY_CODE, {"code": code_sha256, "at": at}).mappings().one_or_none()
    return Told(**row) if row else None


def told(tx: Transaction, notice: str, *, at: datetime) -> Told | None:
    """The same by the notice's reference."""
    row = tx.execute(_BY_NOTICE, {"notice": notice, "at": at}).mappings().one_or_none()
    return Told(**row) if row else None


def told_to(tx: Transaction, subscriber: int, *, at: datetime) -> list[Told]:
    """Every notice to this subscriber that can be checked now, the newest first."""
    query = _TO_SUBSCRIBER.order_by(notices.c.dot_at.desc(), notices.c.notice)
    return [Told(**row) for row in tx.execute(query, {"subscriber": subscriber, "at": at}).mappings()]


def subscriber_of(tx: Transaction, ref: str) -> int | None:
    """The subscriber of this customer number."""
    return tx.execute(sa.select(subscribers.c.number).where(subscribers.c.ref == ref)).scalar_one_or_none()


def addresses_of(tx: Transaction, subscriber: int, *, at: datetime) -> list[Address]:
    """Where mail to this subscriber's contracts of that moment goes."""
    query = sa.select(subscribers.c.ref, *(contracts.c[name] for name in ("name", "email", "language", "line")))
    query = query.join(subscribers, subscribers.c.number == contracts.c.subscriber)
    query = query.where(contracts.c.subscriber == subscriber, contracts.c.starts_at <= at)
    query = query.where(contracts.c.ends_at.is_(None) | (contracts.c.ends_at > at)).order_by(contracts.c.number)
    return [Address(**row) for row in tx.execute(query).mappings()]


def cases_of_notice(tx: Transaction, notice: str) -> list[Case]:
    """What the notice tells of, as it stands now; what was seen last comes first."""
    query = sa.select(*(cases.c[name] for name in Case.__struct_fields__))
    query = query.join(notice_cases, notice_cases.c.case == cases.c.case).where(notice_cases.c.notice == notice)
    return [Case(**row) for row in tx.execute(query.order_by(cases.c.last_at.desc(), cases.c.case)).mappings()]


def days_of_notice(tx: Transaction, notice: str) -> list[CaseDay]:
    """Every day of trouble in the cases that the notice tells of, by what is known now, the oldest first."""
    query = sa.select(notice_cases.c.case).where(notice_cases.c.notice == notice).order_by(notice_cases.c.case)
    return [day for case in tx.execute(query).scalars().all() for day in days_of_case(tx, case)]
