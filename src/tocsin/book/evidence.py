"""What has come in: each evidence once, and whether it has been read to its end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec
import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.parts import in_parts
from tocsin.book.tables import evidence, sources


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Unchanged bytes, by their SHA-256, as read for one source (or log) by one reader."""

    sha256: str
    source: str
    reader: str
    name: str
    bytes: int
    received_at: datetime
    batch: str | None = None
    records: int | None = None
    pieces: int | None = None
    rejects: int | None = None


def find(tx: Transaction, sha256: str, source: str, reader: str) -> Evidence | None:
    row = tx.execute(sa.select(evidence).where(_key(sha256, source, reader))).mappings().one_or_none()
    return Evidence(**row) if row else None


def note_read(tx: Transaction, this: Evidence) -> None:
    """Note that it has been read to its end, with the counts of that reading."""
    tx.execute(evidence.delete().where(_key(this.sha256, this.source, this.reader)))
    tx.execute(evidence.insert().values(**msgspec.structs.asdict(this)))


def named(tx: Transaction, wanted: Iterable[str]) -> dict[str, Evidence]:
    """The evidence with each of these digests, by digest; where several read it, the first."""
    found: dict[str, Evidence] = {}
    query = sa.select(evidence).order_by(evidence.c.received_at, evidence.c.source, evidence.c.reader)
    for part in in_parts(wanted):
        for row in tx.execute(query.where(evidence.c.sha256.in_(part))).mappings():
            found.setdefault(row["sha256"], Evidence(**row))
    return found


def every(tx: Transaction) -> list[Evidence]:
    query = sa.select(evidence).order_by(evidence.c.received_at, evidence.c.name, evidence.c.sha256)
    return [Evidence(**row) for row in tx.execute(query).mappings()]


def meet_source(tx: Transaction, name: str, at: datetime) -> None:
    """The first run that meets a source or a log is dry for it; this notes which run that was."""
    if tx.execute(sa.select(sources.c.name).where(sources.c.name == name)).one_or_none() is None:
        tx.execute(sources.insert().values(name=name, first_at=at))


def first_met(tx: Transaction) -> dict[str, datetime]:
    return {row.name: row.first_at for row in tx.execute(sa.select(sources))}


def _key(sha256: str, source: str, reader: str) -> sa.ColumnElement[bool]:
    return (evidence.c.sha256 == sha256) & (evidence.c.source == source) & (evidence.c.reader == reader)
