"""What came back about reports: filed once each, with its report; and which contacts nothing reaches any more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec
import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.parts import in_parts
from tocsin.book.tables_report_post import report_arrivals, report_contacts
from tocsin.book.tables_reports import reports

DEAD_AFTER = 3  # reports in succession that nobody could be given
_BACK = ("bounced", "refused")
_LEFT = ("sent", "uncertain")
_LISTED_MAX = 1_000


class ReportArrival(msgspec.Struct, frozen=True, kw_only=True):
    """A mail about a report; `arrival` is the SHA-256 of its bytes. Its texts are strangers'."""

    arrival: str
    report: str
    kind: str  # bounce | reply | automatic | feedback
    found_by: str  # verp | envelope-id | message-id | number
    received_at: datetime
    sender: str
    subject: str
    said: str
    is_hard: bool = False
    text: str | None = None


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A report that was kept, and how much came back about it."""

    report: str
    contact: str
    composed_at: datetime
    state: str
    said: str | None = None
    bounces: int = 0
    replies: int = 0


class Dead(msgspec.Struct, frozen=True, kw_only=True):
    """A contact whose last reports all came back; none goes there until a person says so."""

    contact: str
    last: str  # the newest report that came back
    said: str


def is_known(tx: Transaction, arrival: str) -> bool:
    query = sa.select(report_arrivals.c.arrival).where(report_arrivals.c.arrival == arrival)
    return tx.execute(query).first() is not None


def contact_of(tx: Transaction, report: str) -> str | None:
    """Whom that report went to; None of one that is not ours."""
    return tx.execute(sa.select(reports.c.contact).where(reports.c.report == report)).scalar_one_or_none()


def report_of_message_id(tx: Transaction, message_id: str) -> str | None:
    """The report with this Message-ID, angle brackets and all."""
    return tx.execute(sa.select(reports.c.report).where(reports.c.message_id == message_id)).scalar_one_or_none()


def add(tx: Transaction, arrival: ReportArrival, raw: bytes) -> None:
    """File it. A hard bounce lets its report be `bounced`; whoever answers one that was uncertain has it."""
    tx.execute(report_arrivals.insert().values(**msgspec.structs.asdict(arrival), raw=raw))
    this = reports.update().where(reports.c.report == arrival.report)
    if arrival.is_hard:
        change = {"state": "bounced", "said": arrival.said, "ended_at": arrival.received_at}
        tx.execute(this.where(reports.c.state.in_(_LEFT)).values(**change))
    else:
        tx.execute(this.where(reports.c.state == "uncertain").values(state="sent"))


def arrivals_of(tx: Transaction, report: str) -> list[ReportArrival]:
    """Oldest first."""
    columns = [report_arrivals.c[name] for name in ReportArrival.__struct_fields__]
    query = sa.select(*columns).where(report_arrivals.c.report == report)
    ordered = query.order_by(report_arrivals.c.received_at, report_arrivals.c.arrival)
    return [ReportArrival(**row) for row in tx.execute(ordered).mappings()]


def forget_raw(tx: Transaction, before: datetime) -> int:
    """Delete the bytes of what came earlier; what it said stays. How many there were."""
    old = report_arrivals.update().where(report_arrivals.c.received_at < before, report_arrivals.c.raw.is_not(None))
    return tx.execute(old.values(raw=None)).rowcount


def listed(tx: Transaction, report: str | None = None, limit: int = _LISTED_MAX) -> list[Listed]:
    """The newest reports first, or the one that is named."""

    def count(kind: str) -> sa.ScalarSelect[int]:
        mine = (report_arrivals.c.report == reports.c.report) & (report_arrivals.c.kind == kind)
        return sa.select(sa.func.count()).select_from(report_arrivals).where(mine).scalar_subquery()

    columns = [reports.c[name] for name in ("report", "contact", "composed_at", "state", "said")]
    query = sa.select(*columns, count("bounce").label("bounces"), count("reply").label("replies"))
    if report is not None:
        query = query.where(reports.c.report == report)
    rows = tx.execute(query.order_by(reports.c.composed_at.desc(), reports.c.report).limit(limit)).mappings()
    return [Listed(**row) for row in rows]


def is_any(tx: Transaction) -> bool:
    """Whether any report was ever made."""
    return tx.execute(sa.select(reports.c.report).limit(1)).first() is not None


def outcomes(tx: Transaction, contacts: Iterable[str], since: datetime) -> dict[str, tuple[int, int, int]]:
    """By contact: reports made since, how many of them came back, and how many replies there were to them."""
    is_back = sa.case((reports.c.state.in_(_BACK), 1), else_=0)
    made = sa.select(reports.c.contact, sa.func.count(), sa.func.sum(is_back)).group_by(reports.c.contact)
    replied = sa.select(reports.c.contact, sa.func.count()).group_by(reports.c.contact)
    replied = replied.join(report_arrivals, report_arrivals.c.report == reports.c.report)
    replied = replied.where(report_arrivals.c.kind == "reply")
    found: dict[str, tuple[int, int, int]] = {}
    for part in in_parts(contacts):
        mine = reports.c.contact.in_(part) & (reports.c.composed_at >= since)
        replies = {contact: count for contact, count in tx.execute(replied.where(mine))}
        for contact, many, back in tx.execute(made.where(mine)):
            found[contact] = int(many), int(back), int(replies.get(contact, 0))
    return found


# --- contacts ----------------------------------------------------------------------------------------------------


def dead_contacts(tx: Transaction, among: Iterable[str] | None = None) -> list[Dead]:
    """Those whose last DEAD_AFTER reports, since they were revived, all came back; by name.

    One bounce stops one report only, for whoever has got a report could forge its bounce.
    """
    names = _with_returns(tx) if among is None else sorted(set(among))
    return [dead for name in names if (dead := _dead(tx, name)) is not None]


def _with_returns(tx: Transaction) -> list[str]:
    query = sa.select(reports.c.contact).where(reports.c.state.in_(_BACK)).distinct().order_by(reports.c.contact)
    return list(tx.execute(query).scalars())


def _dead(tx: Transaction, contact: str) -> Dead | None:
    revived = sa.select(report_contacts.c.revived_at).where(report_contacts.c.contact == contact.lower())
    since = tx.execute(revived).scalar_one_or_none()
    query = sa.select(reports.c.report, reports.c.state, reports.c.said)
    query = query.where(reports.c.contact == contact, reports.c.state.in_((*_BACK, *_LEFT)))
    if since is not None:
        query = query.where(reports.c.composed_at >= since)
    last = list(tx.execute(query.order_by(reports.c.composed_at.desc(), reports.c.report).limit(DEAD_AFTER)))
    if len(last) < DEAD_AFTER or any(row.state not in _BACK for row in last):
        return None
    return Dead(contact=contact, last=last[0].report, said=last[0].said or "")


def revive(tx: Transaction, contact: str, *, at: datetime, by: str) -> None:
    """What came back from it until now no longer counts."""
    tx.execute(report_contacts.delete().where(report_contacts.c.contact == contact.lower()))
    tx.execute(report_contacts.insert().values(contact=contact.lower(), revived_at=at, revived_by=by[:100]))
