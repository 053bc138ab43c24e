"""Which sources ever spoke of a case, kept beside the case's own columns so that a list by source needs no join."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.parts import in_parts
from tocsin.book.tables import case_days, cases
from tocsin.book.tables_desk import case_sources

_COPIED = ("state", "kind", "malware", "opened_at", "last_at", "sightings")
_CHANGING = ("state", "last_at", "sightings")
_KEY = ("subscriber", "kind", "malware", "role")


def follow_cases(tx: Transaction, changed: Sequence[str]) -> None:
    """Bring the rows of these cases up to the cases and to the days that they rest on. A source once named stays."""
    for part in in_parts(changed):
        values = {name: _of_case(name) for name in _CHANGING}
        tx.execute(case_sources.update().where(case_sources.c.case.in_(part)).values(values))
        tx.execute(case_sources.insert().from_select(["case", "source", *_COPIED], _missing(part)))


def follow_states(tx: Transaction, state_by_case: Iterable[tuple[str, str]]) -> None:
    """The same where nothing but states has changed."""
    update = case_sources.update().where(case_sources.c.case == sa.bindparam("_case"))
    rows = [{"_case": case, "_state": state} for case, state in state_by_case]
    if rows:
        tx.execute(update.values(state=sa.bindparam("_state")), rows)


def sources_of(tx: Transaction, wanted: Iterable[str]) -> dict[str, list[str]]:
    """The sources of each case, by name."""
    query = sa.select(case_sources.c.case, case_sources.c.source).order_by(case_sources.c.case, case_sources.c.source)
    found: dict[str, list[str]] = {}
    for part in in_parts(wanted):
        for row in tx.execute(query.where(case_sources.c.case.in_(part))):
            found.setdefault(row.case, []).append(row.source)
    return found


def _of_case(name: str) -> sa.ScalarSelect[object]:
    return sa.select(cases.c[name]).where(cases.c.case == case_sources.c.case).scalar_subquery()


def _missing(part: Sequence[str]) -> sa.Select[tuple[object, ...]]:
    same = [case_days.c[name] == cases.c[name] for name in _KEY]
    known = sa.exists().where(case_sources.c.case == cases.c.case, case_sources.c.source == case_days.c.source)
    query = sa.select(cases.c.case, case_days.c.source, *(cases.c[name] for name in _COPIED)).distinct()
    query = query.join(case_days, sa.and_(*same)).where(cases.c.case.in_(part), ~known)
    return query.where(case_days.c.last_at >= cases.c.first_at, case_days.c.first_at <= cases.c.last_at)
