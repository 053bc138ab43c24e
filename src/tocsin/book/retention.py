"""What the book has kept for long enough goes; a case goes with everything that was said of it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from tocsin.book import quiet_days
from tocsin.book.book import Transaction
from tocsin.book.parts import PART_MAX
from tocsin.book.subject import dependents
from tocsin.book.tables import case_days, cases, evidence, notice_cases, notices
from tocsin.book.tables_delivery import arrivals, replies
from tocsin.book.tables_portal import visits
from tocsin.book.tables_report_post import report_arrivals
from tocsin.book.tables_reports import reports

_OVER = ("closed", "withdrawn")
_UNDECIDED = ("decided", "queued", "uncertain")


def remove_cases(tx: Transaction, before: datetime) -> int:
    """Some of the cases that were over before that moment; how many. Call it again until it is none.

    A case stays while another of the same subscriber's same trouble is alive: what is over tells where that begins.
    """
    alive = cases.alias("alive")
    same = [alive.c[name] == cases.c[name] for name in ("subscriber", "kind", "malware", "role")]
    old = (
        sa.select(cases.c.case)
        .where(cases.c.state.in_(_OVER) & (cases.c.changed_at < before) & (cases.c.last_at < before))
        .where(~sa.exists().where(*same, (alive.c.state.not_in(_OVER)) | (alive.c.changed_at >= before)))
    )
    names = list(tx.execute(old.order_by(cases.c.case).limit(PART_MAX)).scalars())
    if names:
        _remove_days(tx, names, before)
        touched = list(tx.execute(sa.select(notice_cases.c.notice).where(notice_cases.c.case.in_(names))).scalars())
        _remove(tx, cases, cases.c.case.in_(names))
        for at in range(0, len(touched), PART_MAX):
            _remove_lonely(tx, touched[at : at + PART_MAX])
    return len(names)


def remove_days(tx: Transaction, before: datetime) -> int:
    """Days of trouble before that moment of which there is no case, or none any more; and which of them count."""
    same = [cases.c[name] == case_days.c[name] for name in ("subscriber", "kind", "malware", "role")]
    lonely = (case_days.c.last_at < before) & ~sa.exists().where(*same)
    quiet_days.forget(tx, before.date())
    return tx.execute(case_days.delete().where(lonely)).rowcount


def blank_mails(tx: Transaction, before: datetime) -> int:
    """The bytes and words of mails that came back before that moment, and the bytes of reports that were made before;
    what they were is kept. How many."""
    old = (arrivals.c.received_at < before) & arrivals.c.raw.is_not(None)
    mine = sa.select(arrivals.c.arrival).where(old)
    tx.execute(replies.update().where(replies.c.arrival.in_(mine)).values(text=""))
    of_reports = (report_arrivals.c.received_at < before) & (report_arrivals.c.sender != "")
    blank = {"raw": None, "sender": "", "subject": "", "said": ""}
    gone = tx.execute(report_arrivals.update().where(of_reports).values(**blank, text=None)).rowcount
    told = (reports.c.composed_at < before) & (reports.c.state != "waiting") & (reports.c.raw != b"")
    gone += tx.execute(reports.update().where(told).values(raw=b"")).rowcount
    return gone + tx.execute(arrivals.update().where(old).values(**blank)).rowcount


def old_evidence(tx: Transaction, before: datetime) -> list[str]:
    """The SHA-256 of evidence that came in before that moment, and not again since."""
    newest = sa.func.max(evidence.c.received_at)
    query = sa.select(evidence.c.sha256).group_by(evidence.c.sha256).having(newest < before)
    return list(tx.execute(query.order_by(evidence.c.sha256)).scalars())


def remove_visits(tx: Transaction, before: datetime) -> int:
    """Visits that have ended before that moment."""
    return tx.execute(visits.delete().where(visits.c.ends_at < before)).rowcount


def _remove_days(tx: Transaction, names: list[str], before: datetime) -> None:
    same = [cases.c[name] == case_days.c[name] for name in ("subscriber", "kind", "malware", "role")]
    of_these = sa.exists().where(*same, cases.c.case.in_(names))
    tx.execute(case_days.delete().where(of_these & (case_days.c.last_at < before)))


def _remove_lonely(tx: Transaction, names: list[str]) -> None:
    """Notices whose every case is gone; one whose fate is open stays."""
    left = sa.exists().where(notice_cases.c.notice == notices.c.notice)
    _remove(tx, notices, notices.c.notice.in_(names) & notices.c.state.not_in(_UNDECIDED) & ~left)


def _remove(tx: Transaction, root: sa.Table, condition: sa.ColumnElement[bool]) -> None:
    for table, which in reversed(dependents(root, condition).items()):
        tx.execute(table.delete().where(which))
