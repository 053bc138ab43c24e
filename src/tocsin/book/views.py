"""Lists of cases that a person wants to see again, under a name of their own."""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.tables_desk import case_views
from tocsin.terms.errors import BadRequest

NAME_MAX = 60  # characters
QUERY_MAX = 1_000
VIEWS_MAX = 30  # a person


class SavedView(msgspec.Struct, frozen=True, kw_only=True):
    """`query` is the list's own, as it stands in its address after the question mark."""

    name: str
    query: str


def of_person(tx: Transaction, person: str) -> list[SavedView]:
    """By name."""
    query = sa.select(case_views.c.name, case_views.c.query).where(case_views.c.person == person)
    return [SavedView(**row) for row in tx.execute(query.order_by(case_views.c.name)).mappings()]


def keep(tx: Transaction, person: str, view: SavedView, at: datetime) -> None:
    """Keep it; one of that name is replaced. BadRequest past VIEWS_MAX."""
    drop(tx, person, view.name)
    if len(of_person(tx, person)) >= VIEWS_MAX:
        raise BadRequest(f"you have {VIEWS_MAX} saved views", remedy="remove one first")
    tx.execute(case_views.insert().values(person=person, name=view.name, query=view.query, at=at))


def drop(tx: Transaction, person: str, name: str) -> None:
    tx.execute(case_views.delete().where(case_views.c.person == person, case_views.c.name == name))
