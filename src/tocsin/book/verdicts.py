"""What people found of a source's word: so that a source which is often wrong is seen to be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.tables_desk import case_sources, verdicts

FALSE = "false-positive"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """A person looked at a case, and this source was wrong about it; lifted when somebody changed their mind."""

    case: str
    source: str
    verdict: str
    sightings: int  # how many of the source's the case rested on
    at: datetime
    actor: str
    reason: str
    source_ref: str | None = None
    lifted_at: datetime | None = None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How often a source was found to be wrong: cases, and the sightings in them."""

    source: str
    cases: int
    sightings: int


def give(tx: Transaction, given: Sequence[Verdict]) -> None:
    """Keep these; an earlier one on the same case and source gives way."""
    for each in given:
        tx.execute(verdicts.delete().where(verdicts.c.case == each.case, verdicts.c.source == each.source))
    if given:
        tx.execute(verdicts.insert(), [msgspec.structs.asdict(each) for each in given])


def lift(tx: Transaction, case: str, at: datetime) -> None:
    """They no longer count; that they were given stays."""
    standing = verdicts.update().where(verdicts.c.case == case, verdicts.c.lifted_at.is_(None))
    tx.execute(standing.values(lifted_at=at))


def of_case(tx: Transaction, case: str) -> list[Verdict]:
    """By source, lifted ones too."""
    query = sa.select(verdicts).where(verdicts.c.case == case).order_by(verdicts.c.source)
    return [Verdict(**row) for row in tx.execute(query).mappings()]


def by_source(tx: Transaction, sources: Sequence[str] | None = None) -> dict[str, Standing]:
    """Of every source that was ever found to be wrong (of these): how often."""
    query = sa.select(
        verdicts.c.source, sa.func.count().label("cases"), sa.func.sum(verdicts.c.sightings).label("sightings")
    ).where(verdicts.c.lifted_at.is_(None))
    if sources is not None:
        query = query.where(verdicts.c.source.in_(sources))
    found = tx.execute(query.group_by(verdicts.c.source))
    return {
        row.source: Standing(source=row.source, cases=int(row.cases), sightings=int(row.sightings)) for row in found
    }


def count_cases(tx: Transaction, source: str, at_most: int = 1_000) -> int:
    """How many cases the source ever spoke of; `at_most` + 1 where there are more."""
    some = sa.select(case_sources.c.case).where(case_sources.c.source == source).limit(at_most + 1).subquery()
    return int(tx.execute(sa.select(sa.func.count()).select_from(some)).scalar_one())
