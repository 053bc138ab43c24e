"""The figures of the start page: few rows each, from tables that were counted when something changed."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from statistics import median

import msgspec
import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.tables import case_moves, cases, contracts, evidence, notice_cases, notices, source_days, subscribers
from tocsin.book.tables_delivery import arrivals as mails
from tocsin.book.tables_delivery import replies
from tocsin.book.tables_desk import log_reaches, outcome_days
from tocsin.book.tables_portal import statements, visits

CURE_CASES_MAX = 5_000  # in each state, the newest: more would not move a median
# A plain column would lead SQLite to the index of states, and through every notice there is.
_STATE = sa.func.coalesce(notices.c.state, "")


class CameDay(msgspec.Struct, frozen=True):
    """How many sightings a source brought on the UTC day of the run that read them."""

    source: str
    day: date
    sightings: int


class OutcomeDay(msgspec.Struct, frozen=True):
    """How many sightings of that day ended so, and why."""

    day: date
    outcome: str
    reason: str
    sightings: int


class OpenCases(msgspec.Struct, frozen=True):
    """How many cases of a kind are in a state that is not over."""

    kind: str
    state: str
    cases: int


class Reach(msgspec.Struct, frozen=True):
    """From when until when a binding log has been read, and its silences (from, until), the newest last.

    Both moments are absent of a list that holds for all of time.
    """

    log: str
    read_from: datetime | None
    read_until: datetime | None
    gaps: tuple[tuple[datetime, datetime], ...]


class Arrivals(msgspec.Struct, frozen=True):
    """When evidence of a source (or a log) came in: the last one, and the moments since some day, oldest first."""

    source: str
    last_at: datetime
    last_name: str
    since: tuple[datetime, ...]


class Uncertain(msgspec.Struct, frozen=True, kw_only=True):
    """A notice of which nobody knows whether it arrived."""

    notice: str
    subscriber: str  # the provider's customer number
    dot_at: datetime | None
    reason: str
    cases: tuple[str, ...]


class Cure(msgspec.Struct, frozen=True):
    """Of the cases that went quiet: how many, and how many days the middle one of them was seen for."""

    cases: int
    median_days: float | None


# --- what came in ------------------------------------------------------------------------------------------------


def came_by_day(tx: Transaction, since: datetime) -> list[CameDay]:
    """Oldest first."""
    day = utc_day(tx, source_days.c.run_at).label("day")
    query = sa.select(source_days.c.source, day, sa.func.sum(source_days.c.sightings).label("sightings"))
    query = query.where(source_days.c.run_at >= since).group_by(source_days.c.source, day)
    rows = tx.execute(query.order_by(day, source_days.c.source))
    return [CameDay(row.source, _as_day(row.day), int(row.sightings)) for row in rows]


def arrivals(tx: Transaction, since: datetime) -> dict[str, Arrivals]:
    """By source or log."""
    last = sa.select(evidence.c.source, sa.func.max(evidence.c.received_at).label("at")).group_by(evidence.c.source)
    found: dict[str, Arrivals] = {}
    for row in tx.execute(last):
        mine = evidence.c.source == row.source
        newest = sa.select(evidence.c.name).where(mine, evidence.c.received_at == row.at)
        name = tx.execute(newest.order_by(evidence.c.name).limit(1)).scalar_one_or_none() or ""
        moments = sa.select(evidence.c.received_at).where(mine, evidence.c.received_at >= since).distinct()
        times = tx.execute(moments.order_by(evidence.c.received_at)).scalars()
        found[row.source] = Arrivals(row.source, row.at, name, tuple(times))
    return found


# --- what became of it ---------------------------------------------------------------------------------------------


def outcomes_since(tx: Transaction, since: date) -> list[OutcomeDay]:
    """Oldest first."""
    query = sa.select(outcome_days).where(outcome_days.c.day >= since)
    order = (outcome_days.c.day, outcome_days.c.outcome, outcome_days.c.reason)
    return [OutcomeDay(row.day, row.outcome, row.reason, row.sightings) for row in tx.execute(query.order_by(*order))]


def replace_outcomes(tx: Transaction, day: date, counted: Sequence[OutcomeDay]) -> None:
    """That day ended as `counted` says and not otherwise."""
    tx.execute(outcome_days.delete().where(outcome_days.c.day == day))
    if counted:
        tx.execute(outcome_days.insert(), [msgspec.structs.asdict(each) for each in counted])


def reaches(tx: Transaction) -> dict[str, Reach]:
    """By log."""
    gaps = msgspec.json.Decoder(tuple[tuple[datetime, datetime], ...])
    return {
        row.log: Reach(row.log, row.read_from, row.read_until, gaps.decode(row.gaps))
        for row in tx.execute(sa.select(log_reaches))
    }


def replace_reaches(tx: Transaction, found: Sequence[Reach]) -> None:
    """These are all the logs that anything is known of."""
    tx.execute(log_reaches.delete())
    rows = [{**msgspec.structs.asdict(each), "gaps": json.dumps(msgspec.to_builtins(each.gaps))} for each in found]
    if rows:
        tx.execute(log_reaches.insert(), rows)


# --- cases and notices -----------------------------------------------------------------------------------------------


def open_cases(tx: Transaction, states: Collection[str]) -> list[OpenCases]:
    """Those in these states, most first; read from an index."""
    count = sa.func.count().label("cases")
    query = sa.select(cases.c.kind, cases.c.state, count).where(cases.c.state.in_(states))
    query = query.group_by(cases.c.state, cases.c.kind).order_by(count.desc(), cases.c.kind, cases.c.state)
    return [OpenCases(row.kind, row.state, int(row.cases)) for row in tx.execute(query)]


def notices_by_state(tx: Transaction, since: datetime) -> dict[str, int]:
    """Of those decided since then."""
    query = sa.select(_STATE.label("state"), sa.func.count().label("many")).where(notices.c.decided_at >= since)
    return {row.state: int(row.many) for row in tx.execute(query.group_by(_STATE))}


def sent_by_day(tx: Transaction, since: datetime) -> dict[date, int]:
    """Notices by the UTC day on which they were decided; only those that left."""
    day = utc_day(tx, notices.c.decided_at).label("day")
    query = sa.select(day, sa.func.count().label("many")).where(notices.c.decided_at >= since)
    query = query.where(_STATE.in_(("sent", "bounced", "uncertain"))).group_by(day)
    return {_as_day(row.day): int(row.many) for row in tx.execute(query)}


def confirmed(tx: Transaction, since: datetime) -> int:
    """Of the notices decided since then, those whose reader came back: at the portal, in words or by mail."""
    came = sa.union(
        sa.select(visits.c.notice).where(visits.c.notice.is_not(None)),
        sa.select(statements.c.notice),
        sa.select(mails.c.notice).where(mails.c.kind == "reply"),
    ).subquery()
    query = sa.select(sa.func.count()).select_from(notices.join(came, came.c.notice == notices.c.notice))
    return int(tx.execute(query.where(notices.c.decided_at >= since)).scalar_one())


def unread(tx: Transaction) -> dict[str, int]:
    """What people wrote that nobody at the desk has taken up: statements by kind, and replies."""
    query = sa.select(statements.c.kind, sa.func.count().label("many")).where(statements.c.read_at.is_(None))
    found = {row.kind: int(row.many) for row in tx.execute(query.group_by(statements.c.kind))}
    waiting = sa.select(sa.func.count()).select_from(replies).where(replies.c.seen_at.is_(None))
    count = int(tx.execute(waiting).scalar_one())
    return found | {"reply": count} if count else found


def uncertain(tx: Transaction, limit: int) -> list[Uncertain]:
    """Oldest first."""
    query = sa.select(notices.c.notice, notices.c.dot_at, notices.c.reason, subscribers.c.ref)
    query = query.join(subscribers, subscribers.c.number == notices.c.subscriber).where(notices.c.state == "uncertain")
    rows = tx.execute(query.order_by(notices.c.decided_at, notices.c.notice).limit(limit)).all()
    told: dict[str, list[str]] = {}
    asked = sa.select(notice_cases).where(notice_cases.c.notice.in_([row.notice for row in rows]))
    for row in tx.execute(asked.order_by(notice_cases.c.case)):
        told.setdefault(row.notice, []).append(row.case)
    return [
        Uncertain(
            notice=row.notice,
            subscriber=row.ref,
            dot_at=row.dot_at,
            reason=row.reason or "",
            cases=tuple(told.get(row.notice, ())),
        )
        for row in rows
    ]


def cures(tx: Transaction, since: datetime, *, unproven: str) -> tuple[Cure, Cure]:
    """Of the cases last seen since then that are quiet or closed now, with a notice and without one; but not of those
    whose last move says that nothing is proven: `unproven` is how such a reason begins.

    With one: the days from the notice to the last sighting (0: not seen again). Without: from the first sighting on.
    """
    told = sa.select(sa.func.min(case_moves.c.at)).where(
        case_moves.c.case == cases.c.case, case_moves.c.state == "notified"
    )
    query = sa.select(cases.c.first_at, cases.c.last_at, told.scalar_subquery().label("told_at"))
    last = sa.select(case_moves.c.reason).where(case_moves.c.case == cases.c.case)
    last_reason = last.order_by(case_moves.c.number.desc()).limit(1).scalar_subquery()
    proven = ~sa.func.coalesce(last_reason, "").startswith(unproven)
    query = query.where(cases.c.last_at >= since, proven).order_by(cases.c.last_at.desc()).limit(CURE_CASES_MAX)
    rows = [row for state in ("quiet", "closed") for row in tx.execute(query.where(cases.c.state == state))]
    with_one = [row.last_at - row.told_at for row in rows if row.told_at is not None]
    without = [row.last_at - row.first_at for row in rows if row.told_at is None]
    return _cure(with_one), _cure(without)


def _cure(lasted: Sequence[timedelta]) -> Cure:
    days = [max(each / timedelta(days=1), 0.0) for each in lasted]
    return Cure(len(days), median(days) if days else None)


def utc_day(tx: Transaction, moment: sa.ColumnElement[datetime]) -> sa.ColumnElement[date]:
    """The UTC day of a moment, as an expression that both databases group by."""
    if tx.dialect.name == "sqlite":
        return sa.func.date(moment)
    return sa.cast(sa.func.timezone("UTC", moment), sa.Date)


def _as_day(value: date | str) -> date:
    """SQLite's date() is a text."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def name_at(tx: Transaction, subscriber: int, account: int | None, at: datetime) -> str | None:
    """The name in the contract that the subscriber had at that moment (for that account)."""
    query = sa.select(contracts.c.name).where(contracts.c.subscriber == subscriber, contracts.c.starts_at <= at)
    query = query.where(contracts.c.ends_at.is_(None) | (contracts.c.ends_at > at))
    if account is not None:
        query = query.where(contracts.c.account == account)
    return tx.execute(query.order_by(contracts.c.starts_at.desc()).limit(1)).scalar_one_or_none()
