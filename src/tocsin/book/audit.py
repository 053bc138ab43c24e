"""The audit: who looked at whom, and who did what. Append-only; each row's hash covers the row before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec
import sqlalchemy as sa

from tocsin.book import pseudonyms
from tocsin.book.book import Transaction
from tocsin.book.parts import in_parts
from tocsin.book.tables import audit
from tocsin.book.tables_privacy import pseudonyms as names
from tocsin.terms.identity import digest
from tocsin.terms.moments import format_moment

_START = "0" * 64
_WORDS_FROM = 20_000
_AT_ONCE = 500


class Entry(msgspec.Struct, frozen=True):
    """One line of the audit."""

    number: int
    at: datetime
    actor: str
    action: str
    object: str
    reason: str
    hash: str


def append(
    tx: Transaction,
    *,
    at: datetime,
    actor: str,
    action: str,
    object: str,
    reason: str,
    subscriber: int | None = None,
) -> Entry:
    """Write one line. The transaction is a writing one, so no two lines can follow the same line.

    An object that means a subscriber (their case, notice, number, address) is written as a pseudonym; `subscriber`
    says whom it means where the object alone does not.
    """
    last = tx.execute(sa.select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()).limit(1)).one_or_none()
    number, before = (last.number + 1, last.hash) if last else (1, _START)
    actor, action, reason = actor[:100], action[:40], reason[:300]
    object = pseudonyms.seal(tx, object[:300], action=action, at=at, subscriber=subscriber)
    entry = Entry(number, at, actor, action, object, reason, _hash(before, number, at, actor, action, object, reason))
    tx.execute(audit.insert().values(**msgspec.structs.asdict(entry)))
    return entry


def entries(tx: Transaction) -> Iterator[Entry]:
    """Every line, oldest first, with what its object means as long as that is known."""
    lines = _written(tx)
    while some := list(islice(lines, _AT_ONCE)):
        yield from shown(tx, some)


def shown(tx: Transaction, lines: Sequence[Entry]) -> list[Entry]:
    """The same lines with their pseudonyms' meanings; the hash is that of the line as it was written."""
    means = pseudonyms.meanings(tx, [line.object for line in lines])
    return [msgspec.structs.replace(line, object=means.get(line.object, line.object)) for line in lines]


def about(tx: Transaction, subscriber: int) -> list[Entry]:
    """Every line that is known to mean that subscriber: who looked, and what was done."""
    mine = pseudonyms.of_subscriber(tx, subscriber)
    rows = [row for part in in_parts(mine) for row in tx.execute(sa.select(audit).where(audit.c.object.in_(part)))]
    return shown(tx, [_entry(row) for row in sorted(rows, key=lambda row: row.number)])


def _written(tx: Transaction) -> Iterator[Entry]:
    for row in tx.execute(sa.select(audit).order_by(audit.c.number)).yield_per(1000):
        yield _entry(row)


def _entry(row: Any) -> Entry:
    return Entry(row.number, row.at, row.actor, row.action, row.object, row.reason, row.hash)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines are asked for; what is empty or absent asks for nothing."""

    actor: str = ""
    action: str = ""
    text: str = ""  # somewhere in object or reason, upper and lower case alike
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None  # lines with a smaller number


def page(tx: Transaction, wanted: Wanted, limit: int) -> list[Entry]:
    """The newest lines of those that are wanted, newest first."""
    query = sa.select(audit)
    for column, value in ((audit.c.actor, wanted.actor), (audit.c.action, wanted.action)):
        query = query.where(column == value) if value else query
    if wanted.text:
        means = sa.select(names.c.pseudonym).where(names.c.object.icontains(wanted.text, autoescape=True))
        query = query.where(
            audit.c.object.icontains(wanted.text, autoescape=True)
            | audit.c.reason.icontains(wanted.text, autoescape=True)
            | audit.c.object.in_(means)
        )
    query = query.where(audit.c.at >= wanted.since) if wanted.since else query
    query = query.where(audit.c.at < wanted.until) if wanted.until else query
    query = query.where(audit.c.number < wanted.before) if wanted.before else query
    rows = tx.execute(query.order_by(audit.c.number.desc()).limit(limit))
    return shown(tx, [_entry(row) for row in rows])


def words(tx: Transaction) -> tuple[list[str], list[str]]:
    """Every actor and every action that the newest lines name, in order: what a form offers."""
    newest = sa.select(audit.c.actor, audit.c.action).order_by(audit.c.number.desc()).limit(_WORDS_FROM).subquery()
    rows = tx.execute(sa.select(newest.c.actor, newest.c.action).distinct()).all()
    return sorted({row.actor for row in rows}), sorted({row.action for row in rows})


def verify(tx: Transaction) -> tuple[int, str | None]:
    """(lines, what is wrong with the first bad one or None). Catches a changed, missing, added or swapped line.

    A cut at the end cannot be seen from inside: keep the last hash elsewhere (`audit verify` prints it).
    """
    before, lines = _START, 0
    for entry in _written(tx):
        lines += 1
        if entry.number != lines:
            return lines, f"line {lines} is missing: line {entry.number} stands in its place"
        said = _hash(before, entry.number, entry.at, entry.actor, entry.action, entry.object, entry.reason)
        if said != entry.hash:
            return lines, f"line {entry.number} ({entry.action} of {format_moment(entry.at)}) was changed"
        before = entry.hash
    return lines, None


def last_hash(tx: Transaction) -> str:
    return tx.execute(sa.select(audit.c.hash).order_by(audit.c.number.desc()).limit(1)).scalar_one_or_none() or _START


def _hash(before: str, number: int, at: datetime, *texts: str) -> str:
    return digest(before, str(number), format_moment(at), *texts)
