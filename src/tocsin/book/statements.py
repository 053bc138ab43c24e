"""What people said of their notice: that they have done it, that it is wrong, that all of theirs be erased.

A statement closes no case: quiet does, not a promise; and an objection is for a person to judge (cases/answered.py).
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec
import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.tables import notice_cases
from tocsin.book.tables_portal import statements

TEXT_MAX = 2000
STATEMENTS_MAX = 20  # of one notice
Kind = Literal["did-it", "objection", "erase"]


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """One statement. `proven_by` is how far the person had proved to be meant: by the code alone, by line or mail."""

    number: int
    notice: str
    at: datetime
    kind: Kind
    text: str
    proven_by: str  # code | line | mail
    read_at: datetime | None = None
    read_by: str | None = None


def add(tx: Transaction, *, notice: str, at: datetime, kind: Kind, text: str, proven_by: str) -> bool:
    """Keep it; False when this notice has enough of them already. Said twice in the same words, it stands once."""
    same = (statements.c.notice == notice) & (statements.c.kind == kind) & statements.c.read_at.is_(None)
    text = text[:TEXT_MAX]
    if tx.execute(sa.select(statements.c.number).where(same, statements.c.text == text).limit(1)).first():
        return True
    count = sa.select(sa.func.count()).select_from(statements).where(statements.c.notice == notice)
    if int(tx.execute(count).scalar_one()) >= STATEMENTS_MAX:
        return False
    tx.execute(statements.insert().values(notice=notice, at=at, kind=kind, text=text, proven_by=proven_by))
    return True


def of_notices(tx: Transaction, notices: list[str]) -> list[Statement]:
    """What was said of these notices, the oldest first."""
    query = sa.select(statements).where(statements.c.notice.in_(notices))
    return [Statement(**row) for row in tx.execute(query.order_by(statements.c.number)).mappings()]


def of_case(tx: Transaction, case: str) -> list[Statement]:
    """What was said of this case's notices, the oldest first."""
    query = sa.select(statements).join(notice_cases, notice_cases.c.notice == statements.c.notice)
    query = query.where(notice_cases.c.case == case).order_by(statements.c.number)
    return [Statement(**row) for row in tx.execute(query).mappings()]


def unread(tx: Transaction, *, limit: int) -> list[Statement]:
    """What nobody has taken up yet, the oldest first."""
    query = sa.select(statements).where(statements.c.read_at.is_(None))
    return [Statement(**row) for row in tx.execute(query.order_by(statements.c.at).limit(limit)).mappings()]


def note_read(tx: Transaction, number: int, *, by: str, at: datetime) -> bool:
    """Somebody has taken it up; False when somebody had already."""
    open_one = (statements.c.number == number) & statements.c.read_at.is_(None)
    return tx.execute(statements.update().where(open_one).values(read_at=at, read_by=by[:100])).rowcount == 1
