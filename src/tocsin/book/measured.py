"""What measuring reads of the book: cases with what reached their subscribers, and how often people objected."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.parts import in_parts
from tocsin.book.tables import case_days, case_moves, cases, notice_cases, notices
from tocsin.book.tables_desk import case_sources, verdicts
from tocsin.book.tables_followup import delivered_days
from tocsin.book.tables_garden import quarantines
from tocsin.book.tables_portal import statements

CASES_MAX = 200_000  # the newest; a curve of more is the same curve


class LiveCase(msgspec.Struct, frozen=True, kw_only=True):
    """A case, and who brought it into the state that it is in, and why."""

    case: str
    subscriber: int
    kind: str
    malware: str
    role: str
    state: str
    opened_at: datetime
    last_at: datetime
    actor: str
    reason: str


class ToldCase(msgspec.Struct, frozen=True, kw_only=True):
    """A notice about a case: when it was decided, by which channel, with which words, and what became of it.

    `version` is that of the letters' texts; of a notice from before there were any, the language.
    """

    case: str
    notice: str
    decided_at: datetime
    state: str
    channel: str
    version: str
    has_left: bool  # its bytes were made: one refused before that was never meant to arrive


class Stay(msgspec.Struct, frozen=True, kw_only=True):
    """A stay in the garden that really began."""

    case: str
    starts_at: datetime
    released_at: datetime | None


class Objections(msgspec.Struct, frozen=True, kw_only=True):
    """Of the cases that a source spoke of: all, those objected to, those that a person found it wrong about."""

    source: str
    cases: int
    objected: int
    wrong: int


_OF_MOVE = ("actor", "reason")


class _Worded(msgspec.Struct, frozen=True):
    language: str = ""


def live_cases(tx: Transaction, since: datetime) -> list[LiveCase]:
    """Those opened since then, newest first, at most CASES_MAX."""
    names = [name for name in LiveCase.__struct_fields__ if name not in _OF_MOVE]
    said = (sa.func.coalesce(_of_last_move(name), "").label(name) for name in _OF_MOVE)
    query = sa.select(*(cases.c[name] for name in names), *said).where(cases.c.opened_at >= since)
    query = query.order_by(cases.c.opened_at.desc(), cases.c.case).limit(CASES_MAX)
    return [LiveCase(**row) for row in tx.execute(query).mappings()]


def _of_last_move(name: str) -> sa.ScalarSelect[str]:
    last = sa.select(case_moves.c[name]).where(case_moves.c.case == cases.c.case)
    return last.order_by(case_moves.c.number.desc()).limit(1).scalar_subquery()


def told_cases(tx: Transaction, wanted: Iterable[str]) -> dict[str, list[ToldCase]]:
    """The notices of each case, oldest first."""
    names = ("notice", "decided_at", "state", "channel", "facts", "letter_version")
    left = notices.c.message_id.is_not(None).label("has_left")
    query = sa.select(notice_cases.c.case, *(notices.c[name] for name in names), left)
    query = query.join(notices, notices.c.notice == notice_cases.c.notice)
    query = query.order_by(notices.c.decided_at, notices.c.notice)
    language_of = msgspec.json.Decoder(_Worded)
    found: dict[str, list[ToldCase]] = {}
    for part in in_parts(wanted):
        for row in tx.execute(query.where(notice_cases.c.case.in_(part))):
            told = ToldCase(
                case=row.case,
                notice=row.notice,
                decided_at=row.decided_at,
                state=row.state,
                channel=row.channel,
                version=row.letter_version or language_of.decode(row.facts).language,
                has_left=bool(row.has_left),
            )
            found.setdefault(told.case, []).append(told)
    return found


def stays(tx: Transaction, wanted: Iterable[str]) -> dict[str, list[Stay]]:
    """Of each case, oldest first."""
    columns = [quarantines.c[name] for name in Stay.__struct_fields__]
    query = sa.select(*columns).where(quarantines.c.starts_at.is_not(None))
    query = query.order_by(quarantines.c.starts_at, quarantines.c.quarantine)
    found: dict[str, list[Stay]] = {}
    for part in in_parts(wanted):
        for row in tx.execute(query.where(quarantines.c.case.in_(part))).mappings():
            found.setdefault(row["case"], []).append(Stay(**row))
    return found


def delivered(tx: Transaction, since: date) -> dict[str, list[date]]:
    """By source: the days since then of which it told anything, of anybody, oldest first."""
    query = sa.select(delivered_days.c.source, delivered_days.c.day).where(delivered_days.c.day >= since)
    found: dict[str, list[date]] = {}
    for row in tx.execute(query.order_by(delivered_days.c.source, delivered_days.c.day)):
        found.setdefault(row.source, []).append(row.day)
    return found


def remarked(tx: Transaction, actor: str, since: datetime) -> set[str]:
    """The cases in whose time line that actor has written since then."""
    query = sa.select(case_moves.c.case).where(case_moves.c.actor == actor, case_moves.c.at >= since).distinct()
    return set(tx.execute(query).scalars())


def addresses(tx: Transaction, wanted: Iterable[str]) -> dict[str, str]:
    """The address at which each case was last seen."""
    mine = sa.and_(*(case_days.c[name] == cases.c[name] for name in ("subscriber", "kind", "malware", "role")))
    query = sa.select(cases.c.case, case_days.c.address).join(
        case_days, mine & (case_days.c.last_at == cases.c.last_at)
    )
    query = query.order_by(cases.c.case, case_days.c.source)
    return {
        row.case: row.address for part in in_parts(wanted) for row in tx.execute(query.where(cases.c.case.in_(part)))
    }


def objections(tx: Transaction, since: datetime) -> dict[str, Objections]:
    """By source, of the cases opened since then."""
    recent = case_sources.c.opened_at >= since
    all_cases = _by_source(tx, sa.select(case_sources.c.source, sa.func.count()).where(recent))
    said = sa.select(notice_cases.c.case).join(statements, statements.c.notice == notice_cases.c.notice)
    said = said.where(statements.c.kind == "objection")
    objected = sa.select(case_sources.c.source, sa.func.count()).where(recent, case_sources.c.case.in_(said))
    found_wrong = sa.select(case_sources.c.source, sa.func.count()).join(
        verdicts, (verdicts.c.case == case_sources.c.case) & (verdicts.c.source == case_sources.c.source)
    )
    found_wrong = found_wrong.where(recent, verdicts.c.lifted_at.is_(None))
    by_objection, wrong = _by_source(tx, objected), _by_source(tx, found_wrong)
    return {
        source: Objections(source=source, cases=count, objected=by_objection.get(source, 0), wrong=wrong.get(source, 0))
        for source, count in all_cases.items()
    }


def _by_source(tx: Transaction, query: sa.Select[Any]) -> dict[str, int]:
    rows = tx.execute(query.group_by(case_sources.c.source)).all()
    return {str(row[0]): int(row[1]) for row in rows}
