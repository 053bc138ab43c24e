"""The steps of each case's policy, as they were decided: which, by which channel, with which notice, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa

from tocsin.book import changes
from tocsin.book.book import Transaction
from tocsin.book.parts import in_parts
from tocsin.book.tables import notice_cases, notices
from tocsin.book.tables_followup import steps

_REASON_MAX = 300


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A step that was decided. `step` is its place in the policy, or past its end."""

    case: str
    step: int
    channel: str
    due_at: datetime
    decided_at: datetime
    reason: str
    notice: str | None = None  # absent of a garden, and where it was passed over


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A step, and in which state its notice is now."""

    step: Step
    state: str | None = None


_FIELDS = Step.__struct_fields__


def add(tx: Transaction, taken: Sequence[Step]) -> None:
    """Write them down; each case's are numbered from 1 in the order in which they come."""
    query = sa.select(steps.c.case, sa.func.max(steps.c.number).label("last")).group_by(steps.c.case)
    found = (tx.execute(query.where(steps.c.case.in_(part))) for part in in_parts({each.case for each in taken}))
    last = {row.case: int(row.last) for rows in found for row in rows}
    added: list[dict[str, object]] = []
    for each in taken:
        last[each.case] = last.get(each.case, 0) + 1
        values = {**msgspec.structs.asdict(each), "reason": each.reason[:_REASON_MAX], "number": last[each.case]}
        added.append(values)
    if added:
        tx.execute(steps.insert(), added)
        changes.tick(tx)


def taken_of(tx: Transaction, cases: Collection[str]) -> dict[str, list[Taken]]:
    """The steps of each case in the order in which they were decided; a case without any is absent."""
    query = sa.select(*(steps.c[name] for name in _FIELDS), notices.c.state)
    query = query.join(notices, notices.c.notice == steps.c.notice, isouter=True)
    query = query.order_by(steps.c.case, steps.c.number)
    found: dict[str, list[Taken]] = {}
    for part in in_parts(cases):
        for row in tx.execute(query.where(steps.c.case.in_(part))).mappings():
            step = Step(**{name: row[name] for name in _FIELDS})
            found.setdefault(step.case, []).append(Taken(step=step, state=row["state"]))
    return found


def read_of(tx: Transaction, cases: Iterable[str]) -> dict[str, datetime]:
    """When the newest notice of each case was decided that somebody is known to have."""
    query = sa.select(notice_cases.c.case, sa.func.max(notices.c.decided_at).label("last"))
    query = query.join(notices, notices.c.notice == notice_cases.c.notice)
    query = query.where(notices.c.read_at.is_not(None)).group_by(notice_cases.c.case)
    found = (tx.execute(query.where(notice_cases.c.case.in_(part))) for part in in_parts(cases))
    return {row.case: row.last for rows in found for row in rows}
