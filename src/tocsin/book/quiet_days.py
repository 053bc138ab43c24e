"""Which days of silence can be counted: on which a source delivered, and a line's address would have been known."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

import msgspec
import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.parts import in_parts
from tocsin.book.tables import case_days, cases, contracts, evidence, files
from tocsin.book.tables_followup import delivered_days, empty_deliveries, line_days
from tocsin.book.tables_garden import quarantines
from tocsin.terms.moments import utc_day

_KEY = ("subscriber", "kind", "malware", "role")
_OVER = ("closed", "withdrawn")
_LAGS_MAX = 30  # deliveries of a source whose delay is looked at


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """An account of somebody whose silence may have to be counted, of the days after `since`."""

    subscriber: int
    account: int
    since: date
    starts_at: datetime
    ends_at: datetime | None


class LineDay(msgspec.Struct, frozen=True, kw_only=True):
    """For so many seconds of the day the line was somebody's whom a log names; for so many no log said anything.

    `accounts` are those that were the subscriber's for the whole of the day, sorted, with commas between them.
    """

    subscriber: int
    day: date
    accounts: str
    held_s: int
    blind_s: int


class Inside(msgspec.Struct, frozen=True, kw_only=True):
    """A stay in the garden."""

    starts_at: datetime
    released_at: datetime | None


# --- lines -------------------------------------------------------------------------------------------------------


def lines_to_watch(tx: Transaction) -> list[Watched]:
    """The accounts of everybody who has a case that is not over, or a day of trouble that no case reaches."""
    same = [cases.c[name] == case_days.c[name] for name in _KEY]
    last = sa.func.max(case_days.c.last_at)
    alive = sa.select(cases.c.subscriber, last).join(case_days, sa.and_(*same))
    alive = alive.where(cases.c.state.not_in(_OVER)).group_by(cases.c.case, cases.c.subscriber)
    reached = sa.exists().where(*same, cases.c.state != "withdrawn", cases.c.last_at >= case_days.c.last_at)
    key = [case_days.c[name] for name in _KEY]
    fresh = sa.select(case_days.c.subscriber, last).where(~reached).group_by(*key)
    since: dict[int, datetime] = {}
    for query in (alive, fresh):
        for subscriber, at in tx.execute(query):
            since[subscriber] = min(at, since.get(subscriber, at))
    names = ("subscriber", "account", "starts_at", "ends_at")
    wanted = sa.select(*(contracts.c[name] for name in names)).order_by(contracts.c.number)
    return [
        Watched(since=utc_day(since[row["subscriber"]]), **row)
        for part in in_parts(since)
        for row in tx.execute(wanted.where(contracts.c.subscriber.in_(part))).mappings()
    ]


def known_lines(tx: Transaction, day: date) -> dict[int, str]:
    """Of whom that day's line is known, and on which accounts that rests."""
    query = sa.select(line_days.c.subscriber, line_days.c.accounts).where(line_days.c.day == day)
    return {row.subscriber: row.accounts for row in tx.execute(query)}


def put_lines(tx: Transaction, day: date, rows: Sequence[LineDay], *, whole: bool) -> None:
    """Let these be what is known of their subscribers' lines on that day; `whole`: and of nobody else's."""
    if whole:
        tx.execute(line_days.delete().where(line_days.c.day == day))
    else:
        for part in in_parts(row.subscriber for row in rows):
            tx.execute(line_days.delete().where(line_days.c.day == day, line_days.c.subscriber.in_(part)))
    if rows:
        tx.execute(line_days.insert(), [msgspec.structs.asdict(row) for row in rows])


def lines_of(tx: Transaction, subscribers: Iterable[int], since: date) -> dict[int, dict[date, LineDay]]:
    """What is known of these lines' days from then on."""
    found: dict[int, dict[date, LineDay]] = {}
    query = sa.select(line_days).where(line_days.c.day >= since)
    for part in in_parts(subscribers):
        for row in tx.execute(query.where(line_days.c.subscriber.in_(part))).mappings():
            found.setdefault(row["subscriber"], {})[row["day"]] = LineDay(**row)
    return found


def stays_of(tx: Transaction, subscribers: Iterable[int]) -> dict[int, list[Inside]]:
    """Their stays in the garden that really began, oldest first."""
    columns = (quarantines.c.subscriber, quarantines.c.starts_at, quarantines.c.released_at)
    query = sa.select(*columns).where(quarantines.c.starts_at.is_not(None)).order_by(quarantines.c.starts_at)
    found: dict[int, list[Inside]] = {}
    for part in in_parts(subscribers):
        for row in tx.execute(query.where(quarantines.c.subscriber.in_(part))):
            found.setdefault(row.subscriber, []).append(Inside(starts_at=row.starts_at, released_at=row.released_at))
    return found


# --- sources -----------------------------------------------------------------------------------------------------


def replace_delivered(tx: Transaction, day: date, sightings_by_source: Mapping[str, int]) -> None:
    """These are the sources that have told of that day, and of how much; of nothing, too."""
    tx.execute(delivered_days.delete().where(delivered_days.c.day == day))
    rows = [{"source": source, "day": day, "sightings": count} for source, count in sorted(sightings_by_source.items())]
    if rows:
        tx.execute(delivered_days.insert(), rows)


def delivered(tx: Transaction, since: date) -> dict[str, frozenset[date]]:
    """By source the days from then on of which it has told."""
    found: dict[str, set[date]] = {}
    query = sa.select(delivered_days.c.source, delivered_days.c.day).where(delivered_days.c.day >= since)
    for row in tx.execute(query):
        found.setdefault(row.source, set()).add(row.day)
    return {source: frozenset(days) for source, days in found.items()}


def note_empty(tx: Transaction, source: str, name: str, at: datetime) -> None:
    """A source has delivered a file in which nothing stands. What was noted before stays as it is."""
    mine = (empty_deliveries.c.source == source) & (empty_deliveries.c.name == name)
    if tx.execute(sa.select(empty_deliveries.c.name).where(mine)).one_or_none() is None:
        tx.execute(empty_deliveries.insert().values(source=source, name=name, received_at=at))


def has_empty(tx: Transaction, source: str, name: str) -> bool:
    """Whether that is noted already."""
    mine = (empty_deliveries.c.source == source) & (empty_deliveries.c.name == name)
    return tx.execute(sa.select(empty_deliveries.c.name).where(mine)).one_or_none() is not None


def empties(tx: Transaction) -> list[tuple[str, str, datetime]]:
    """(source, name, received at) of every empty delivery."""
    query = sa.select(empty_deliveries).order_by(empty_deliveries.c.source, empty_deliveries.c.name)
    return [(row.source, row.name, row.received_at) for row in tx.execute(query)]


def lags(tx: Transaction, sources: Collection[str]) -> dict[str, int]:
    """By source: how many days after the day that it tells of its files usually come (the median of its newest)."""
    found: dict[str, int] = {}
    newest = sa.func.max(files.c.day).label("newest")
    mine = evidence.join(files, (files.c.batch == evidence.c.batch) & (files.c.table_name == "sightings"))
    query = sa.select(evidence.c.received_at, newest).select_from(mine)
    query = query.group_by(evidence.c.sha256, evidence.c.source, evidence.c.reader, evidence.c.received_at)
    query = query.order_by(evidence.c.received_at.desc(), evidence.c.sha256).limit(_LAGS_MAX)
    for source in sorted(sources):
        rows = tx.execute(query.where(evidence.c.source == source)).all()
        days = sorted((utc_day(row.received_at) - row.newest).days for row in rows)
        if days:
            found[source] = max(days[len(days) // 2], 0)
    return found


def forget(tx: Transaction, before: date) -> int:
    """Delete what is known of days before that one; how many rows."""
    old = [table.delete().where(table.c.day < before) for table in (line_days, delivered_days)]
    return sum(tx.execute(each).rowcount for each in old)
