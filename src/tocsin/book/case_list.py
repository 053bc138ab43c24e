"""Lists of cases for the desk: a page at a time, from any place on, as quickly in a million as in ten.

Every question is put together from one branch per state. A branch names its state, at most one of source, malware and
kind as its index does, and reads in the index's own order no further than a page: never the whole table. What an index
cannot hold beside that (a second filter) is looked up row by row on the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum

import msgspec
import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.columns import Moment
from tocsin.book.tables import cases
from tocsin.book.tables_desk import case_sources

PAGE_ROWS = 50
COUNT_MAX = 1_000  # more are "more than a thousand": nobody pages through them
FEW = 5_000  # so many are sorted in memory rather than looked for one by one


class Sort(StrEnum):
    """What a list is ordered by; equal ones by the case's name."""

    SEEN = "seen"
    OPENED = "opened"
    SIGHTINGS = "sightings"


_COLUMN_BY_SORT = {Sort.SEEN: "last_at", Sort.OPENED: "opened_at", Sort.SIGHTINGS: "sightings"}


class Place(msgspec.Struct, frozen=True):
    """Where a page ends: the last row's value of the sort, and its case."""

    value: datetime | int
    case: str


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which cases, in which order. `states` are all those that count where none is chosen."""

    states: tuple[str, ...]
    kind: str | None = None
    malware: str | None = None
    source: str | None = None
    seen_since: datetime | None = None  # last seen at or after
    opened_until: datetime | None = None  # opened at or before
    sort: Sort = Sort.SEEN
    descending: bool = True


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page's cases in order, and the places from which the pages around it begin, where there are such."""

    cases: tuple[str, ...]
    next_after: Place | None = None
    previous_before: Place | None = None


def list_page(
    tx: Transaction, wanted: Wanted, *, after: Place | None = None, before: Place | None = None, rows: int = PAGE_ROWS
) -> Page:
    """The page that begins after a place, or ends before one; without either the first."""
    backwards = before is not None
    place = before if backwards else after
    falling = wanted.descending != backwards
    few = _states_with_few(tx, wanted)
    branches = [_branch(wanted, state, place, falling, rows + 1, state in few) for state in wanted.states]
    found = _merged(tx, branches, falling, rows + 1)
    is_more, found = len(found) > rows, found[:rows]
    if backwards:
        found.reverse()
    is_first = not is_more if backwards else after is None
    is_last = before is None and not is_more
    return Page(
        cases=tuple(place.case for place in found),
        next_after=found[-1] if found and not is_last else None,
        previous_before=found[0] if found and not is_first else None,
    )


def count_states(tx: Transaction, wanted: Wanted, states: Sequence[str]) -> dict[str, int]:
    """How many there are in each of these states, whichever are chosen; COUNT_MAX + 1 where there are more."""
    counts = []
    for state in states:
        table, conditions = _conditions(wanted, state)
        leading, ranges = _ranges(table, wanted)
        order = table.c[_COLUMN_BY_SORT[wanted.sort]] if leading is None else leading
        some = sa.select(table.c.case).where(*conditions, *ranges).order_by(order).limit(COUNT_MAX + 1)
        these = some.subquery()
        counts.append(sa.select(sa.literal(state).label("state"), sa.func.count().label("many")).select_from(these))
    return {row.state: int(row.many) for row in tx.execute(sa.union_all(*counts))}


def names_in_use(tx: Transaction, column: str, states: Sequence[str], at_most: int = 200) -> list[str]:
    """The kinds or malware names that cases in these states have, in order: an index is leapt through."""
    found: set[str] = set()
    for state in states:
        query = _leaps(cases.c[column], cases.c.state == state, at_most)
        found.update(str(name) for name in tx.execute(query).scalars())
    return sorted(found)[:at_most]


def _branch(
    wanted: Wanted, state: str, place: Place | None, falling: bool, rows: int, are_few: bool
) -> sa.Select[tuple[object, ...]]:
    table, conditions = _conditions(wanted, state)
    column = table.c[_COLUMN_BY_SORT[wanted.sort]]
    value: sa.ColumnElement[object] = column
    case: sa.ColumnElement[object] = table.c.case
    leading, ranges = _ranges(table, wanted)
    if leading is None or not are_few:
        ranges = _ranges(table, wanted, walked=column)[1]
        query = sa.select(table.c.case, column.label("value")).where(*conditions, *ranges)
    else:  # fewer than there are to walk past: take them all, and sort them
        some = sa.select(table.c.case, column.label("value")).where(*conditions, *ranges)
        few = some.order_by(leading).limit(FEW).subquery()
        query, value, case = sa.select(few), few.c.value, few.c.case
    if place is not None:
        here, there = sa.tuple_(value, case), _there(place)
        query = query.where(here < there if falling else here > there)
    directed = [each.desc() if falling else each.asc() for each in (value, case)]
    return query.order_by(*directed).limit(rows)


def _merged(
    tx: Transaction, branches: Sequence[sa.Select[tuple[object, ...]]], falling: bool, rows: int
) -> list[Place]:
    parts = [sa.select(branch.subquery()) for branch in branches]
    union = sa.union_all(*parts).subquery()
    order = [each.desc() if falling else each.asc() for each in (union.c.value, union.c.case)]
    return [Place(row.value, row.case) for row in tx.execute(sa.select(union).order_by(*order).limit(rows))]


def _conditions(wanted: Wanted, state: str) -> tuple[sa.Table, list[sa.ColumnElement[bool]]]:
    """The table to ask, and its equal columns: those of one index plain, the others so that no index is chosen."""
    table = cases if wanted.source is None else case_sources
    conditions = [table.c.state == state]
    if wanted.source is not None:
        conditions.insert(0, case_sources.c.source == wanted.source)  # every index there leads with the source
    if wanted.malware is not None:
        conditions.append(table.c.malware == wanted.malware)
    if wanted.kind is not None:
        is_led = table is cases and wanted.malware is not None
        conditions.append((_unindexed(table.c.kind) if is_led else table.c.kind) == wanted.kind)
    return table, conditions


def _ranges(
    table: sa.Table, wanted: Wanted, *, walked: sa.ColumnElement[object] | None = None
) -> tuple[sa.ColumnElement[object] | None, list[sa.ColumnElement[bool]]]:
    """The column by whose index to look, and the conditions on moments: only that column's so that it is taken.

    It is `walked`, the order's own, where one is given; else when a case was last seen, since that index holds both.
    """
    last_at, opened_at = table.c.last_at, table.c.opened_at
    leading = walked
    if leading is None and wanted.seen_since is not None:
        leading = last_at
    if leading is None and wanted.opened_until is not None:
        leading = opened_at
    found: list[sa.ColumnElement[bool]] = []
    if wanted.seen_since is not None:
        found.append((last_at if leading is last_at else _unindexed(last_at)) >= wanted.seen_since)
    if wanted.opened_until is not None:
        found.append((opened_at if leading is opened_at else _unindexed(opened_at)) <= wanted.opened_until)
    return leading, found


def _states_with_few(tx: Transaction, wanted: Wanted) -> set[str]:
    """The states in which so few cases lie in the spans of time that sorting them is less than walking past others."""
    counts = []
    for state in wanted.states:
        table, conditions = _conditions(wanted, state)
        leading, ranges = _ranges(table, wanted)
        is_walked = leading is table.c[_COLUMN_BY_SORT[wanted.sort]] and len(ranges) == 1
        if leading is None or is_walked:  # no span, or the order's own: its index holds them together
            return set()
        some = sa.select(table.c.case).where(*conditions, *ranges).order_by(leading).limit(FEW + 1).subquery()
        counts.append(sa.select(sa.literal(state).label("state"), sa.func.count().label("many")).select_from(some))
    return {row.state for row in tx.execute(sa.union_all(*counts)) if row.many <= FEW}


def _unindexed(column: sa.ColumnElement[object]) -> sa.ColumnElement[object]:
    """The same value as an expression for which no index is tried."""
    return sa.type_coerce(sa.func.coalesce(column, column), column.type)


def _there(place: Place) -> sa.Tuple:
    kind: sa.types.TypeEngine[object] = sa.BigInteger() if isinstance(place.value, int) else Moment()  # type: ignore[assignment]
    return sa.tuple_(sa.literal(place.value, kind), sa.literal(place.case, sa.String()))


def _leaps(column: sa.ColumnElement[str], only: sa.ColumnElement[bool], at_most: int) -> sa.Select[tuple[str]]:
    """Each value once: the least, then the least above it, and so on."""
    walk = sa.select(sa.func.min(column).label("name")).where(only, column > "").cte("walk", recursive=True)
    above = sa.select(sa.func.min(column)).where(only, column > walk.c.name).scalar_subquery()
    walk = walk.union_all(sa.select(above).where(walk.c.name.is_not(None)))
    return sa.select(walk.c.name).where(walk.c.name.is_not(None)).limit(at_most)


def pages(tx: Transaction, wanted: Wanted, rows: int = PAGE_ROWS) -> Iterator[Page]:
    """Every page, the first first."""
    page = list_page(tx, wanted, rows=rows)
    yield page
    while page.next_after is not None:
        page = list_page(tx, wanted, after=page.next_after, rows=rows)
        yield page
