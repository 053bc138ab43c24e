"""Reports to networks: kept before they leave, so that a run that was killed sends none twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec
import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.parts import in_parts
from tocsin.book.tables_reports import report_addresses, report_references, reports

_SAID_CHARS_MAX = 300
_GAVE_MAX = 100  # contacts of one thing: a network's, and its constituents


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """A report's mail and its envelope."""

    report: str
    contact: str
    composed_at: datetime
    message_id: str
    envelope_from: str
    raw: bytes


class Named(msgspec.Struct, frozen=True):
    """What a report says of an address: the kind, and the last moment."""

    address: str
    kind: str
    last_at: datetime


def keep(tx: Transaction, outgoing: Outgoing, named: Iterable[Named], references: Iterable[str] = ()) -> bool:
    """False where this very report is kept already: then nothing has changed."""
    known = sa.select(reports.c.report).where(reports.c.report == outgoing.report)
    if tx.execute(known).first() is not None:
        return False
    tx.execute(reports.insert().values(**msgspec.structs.asdict(outgoing), state="waiting"))
    rows = [{"report": outgoing.report, **msgspec.structs.asdict(each)} for each in named]
    if rows:
        tx.execute(report_addresses.insert(), rows)
    told = [{"reference": each, "report": outgoing.report} for each in dict.fromkeys(references)]
    if told:
        tx.execute(report_references.insert(), told)
    return True


class Gave(msgspec.Struct, frozen=True, kw_only=True):
    """A report that has left, and in which something stood under the reference that was asked for."""

    report: str
    contact: str
    sent_at: datetime


def gave(tx: Transaction, reference: str) -> list[Gave]:
    """Reports that have left and named this (a sighting's id, or the report's own number); the oldest first."""
    named = sa.select(report_references.c.report).where(report_references.c.reference == reference)
    query = (
        sa.select(reports.c.report, reports.c.contact, reports.c.ended_at.label("sent_at"))
        .where(sa.or_(reports.c.report == reference, reports.c.report.in_(named)), reports.c.state == "sent")
        .order_by(reports.c.ended_at, reports.c.report)
        .limit(_GAVE_MAX)
    )
    return [Gave(**row) for row in tx.execute(query).mappings()]


def addresses_of(tx: Transaction, report: str) -> list[str]:
    """Every address that the report is about."""
    query = sa.select(report_addresses.c.address).where(report_addresses.c.report == report).distinct()
    return [row[0] for row in tx.execute(query)]


def last_to(tx: Transaction, contact: str) -> datetime | None:
    """When the newest report to that contact was composed."""
    query = sa.select(reports.c.composed_at).where(reports.c.contact == contact)
    return tx.execute(query.order_by(reports.c.composed_at.desc()).limit(1)).scalar()


def told_of(tx: Transaction, contact: str, addresses: Iterable[str]) -> dict[tuple[str, str], datetime]:
    """By address and kind: the last moment that reports to that contact have told of, but those that came back."""
    columns = report_addresses.c
    query = (
        sa.select(columns.address, columns.kind, sa.func.max(columns.last_at))
        .join(reports, reports.c.report == columns.report)
        .where(reports.c.contact == contact, reports.c.state.not_in(("bounced", "refused")))
        .group_by(columns.address, columns.kind)
    )
    found: dict[tuple[str, str], datetime] = {}
    for part in in_parts(addresses):
        for address, kind, last_at in tx.execute(query.where(columns.address.in_(part))):
            found[address, kind] = last_at
    return found


def settle(tx: Transaction, report: str, answer: str, at: datetime) -> bool:
    """A person's word about one that came back or is uncertain: `sent`, `again` or `never`. False of any other."""
    states = {"sent": "sent", "again": "waiting", "never": "refused"}
    this = reports.update().where(reports.c.report == report)
    this = this.where(reports.c.state.in_(("uncertain", "bounced", "refused")))
    if answer == "again":
        this = this.where(reports.c.raw != b"")  # its bytes were kept for long enough, and are gone
    ended = None if answer == "again" else at
    return tx.execute(this.values(state=states[answer], dot_at=None, ended_at=ended)).rowcount == 1


def waiting(tx: Transaction, *, after: tuple[datetime, str] | None = None, limit: int) -> list[Outgoing]:
    """The next of those that have not begun to leave, in the order of their making."""
    columns = [reports.c[name] for name in Outgoing.__struct_fields__]
    query = sa.select(*columns).where(reports.c.state == "waiting", reports.c.dot_at.is_(None))
    if after is not None:
        made_at, report = after
        later = sa.and_(reports.c.composed_at == made_at, reports.c.report > report)
        query = query.where(sa.or_(reports.c.composed_at > made_at, later))
    rows = tx.execute(query.order_by(reports.c.composed_at, reports.c.report).limit(limit)).mappings()
    return [Outgoing(**row) for row in rows]


def count_waiting(tx: Transaction) -> int:
    query = sa.select(sa.func.count()).select_from(reports).where(reports.c.state == "waiting")
    return tx.execute(query).scalar_one()


def note_dot(tx: Transaction, report: str, at: datetime) -> None:
    """From now on it may have left."""
    tx.execute(reports.update().where(reports.c.report == report).values(dot_at=at))


def end(tx: Transaction, report: str, state: str, said: str, at: datetime) -> None:
    change = {"state": state, "said": said[:_SAID_CHARS_MAX], "ended_at": at}
    tx.execute(reports.update().where(reports.c.report == report).values(**change))


def put_back(tx: Transaction, report: str, said: str) -> None:
    """It did not leave; it is tried again by the next run."""
    tx.execute(reports.update().where(reports.c.report == report).values(dot_at=None, said=said[:_SAID_CHARS_MAX]))


def lose_begun(tx: Transaction, at: datetime) -> list[str]:
    """Those that a dead run had begun to send: nobody knows whether they left. A person decides."""
    query = sa.select(reports.c.report).where(reports.c.state == "waiting", reports.c.dot_at.is_not(None))
    names = [row[0] for row in tx.execute(query)]
    for name in names:
        end(tx, name, "uncertain", "the process that sent it came to an end after the last dot may have been sent", at)
    return names
