"""What people write beside a case: to their colleagues, or to the subscriber, who reads it on the portal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec
import sqlalchemy as sa

from tocsin.book import changes
from tocsin.book.book import Transaction
from tocsin.book.parts import in_parts
from tocsin.book.tables_desk import case_notes
from tocsin.terms.identity import digest
from tocsin.terms.moments import format_moment

TEXT_MAX = 4_000  # characters
Audience = Literal["colleagues", "subscriber"]


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """One note; nobody changes it, a second one corrects it."""

    note: str
    case: str
    at: datetime
    author: str
    audience: str
    text: str


def add(tx: Transaction, *, case: str, at: datetime, author: str, audience: Audience, text: str) -> Note:
    name = digest("note", case, format_moment(at), author, audience, text)[:16]
    note = Note(note=f"T-{name}", case=case, at=at, author=author[:100], audience=audience, text=text[:TEXT_MAX])
    if tx.execute(sa.select(case_notes.c.note).where(case_notes.c.note == note.note)).one_or_none() is None:
        tx.execute(case_notes.insert().values(**msgspec.structs.asdict(note)))
        changes.tick(tx)
    return note


def of_cases(tx: Transaction, wanted: Iterable[str], *, audience: Audience | None = None) -> list[Note]:
    """The notes of these cases (for that audience), oldest first."""
    query = sa.select(case_notes).order_by(case_notes.c.at, case_notes.c.note)
    if audience is not None:
        query = query.where(case_notes.c.audience == audience)
    found = [
        Note(**row)
        for part in in_parts(wanted)
        for row in tx.execute(query.where(case_notes.c.case.in_(part))).mappings()
    ]
    return sorted(found, key=lambda note: (note.at, note.note))


def count(tx: Transaction, wanted: Iterable[str]) -> dict[str, int]:
    """How many notes each case has; one that has none is absent."""
    query = sa.select(case_notes.c.case, sa.func.count().label("many")).group_by(case_notes.c.case)
    found = (tx.execute(query.where(case_notes.c.case.in_(part))) for part in in_parts(wanted))
    return {row.case: int(row.many) for rows in found for row in rows}
