"""Uploads: files that came through the browser, from the last byte until they have been read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.evidence import Evidence
from tocsin.book.tables import evidence
from tocsin.book.tables_desk import uploads

TOLD_MAX = 20
_TEXT_MAX = 500
EVIDENCE_MAX = 1000  # members of one upload that are asked about


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it was sent. `state` is waiting, reading, read or refused; the counts stand once it has been read."""

    upload: str
    at: datetime
    sent_by: str
    source: str
    name: str
    bytes: int
    sha256: str
    state: str = "waiting"
    bytes_done: int = 0
    reader: str | None = None
    read_at: datetime | None = None
    records: int | None = None
    pieces: int | None = None
    rejects: int | None = None
    already: bool | None = None
    read_as: str | None = None
    told: tuple[str, ...] = ()


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    records: int
    pieces: int
    rejects: int
    already: bool
    read_as: str
    told: Sequence[str]


def add(tx: Transaction, new: Upload) -> None:
    tx.execute(uploads.insert().values(**{**msgspec.structs.asdict(new), "told": json.dumps(new.told)}))


def find(tx: Transaction, upload: str) -> Upload | None:
    row = tx.execute(sa.select(uploads).where(uploads.c.upload == upload)).mappings().one_or_none()
    return _upload(row) if row else None


def newest(tx: Transaction, limit: int) -> list[Upload]:
    """Newest first."""
    query = sa.select(uploads).order_by(uploads.c.at.desc(), uploads.c.upload).limit(limit)
    return [_upload(row) for row in tx.execute(query).mappings()]


def begin(tx: Transaction, upload: str, at: datetime) -> None:
    """It is being read; one whose reading was cut short begins again."""
    tx.execute(uploads.update().where(_is(upload)).values(state="reading", read_at=at, bytes_done=0))


def note_progress(tx: Transaction, upload: str, bytes_done: int) -> None:
    tx.execute(uploads.update().where(_is(upload)).values(bytes_done=bytes_done))


def note_read(tx: Transaction, upload: str, read: Read) -> None:
    values = msgspec.structs.asdict(read) | {"told": _told(read.told), "read_as": read.read_as[:200]}
    change = uploads.update().where(_is(upload)).values(state="read", bytes_done=uploads.c.bytes, **values)
    tx.execute(change)


def note_refused(tx: Transaction, upload: str, why: str) -> None:
    tx.execute(uploads.update().where(_is(upload)).values(state="refused", told=_told([why])))


def forget(tx: Transaction, *, before: datetime) -> int:
    """Remove what was sent before that moment; how many. What was read of it has a life of its own."""
    return tx.execute(uploads.delete().where(uploads.c.at < before)).rowcount


def evidence_of(tx: Transaction, upload: Upload) -> list[Evidence]:
    """What was read of it: itself and its members; of a file that had come before, what was read then."""
    mine = (evidence.c.source == upload.source) & (evidence.c.received_at == upload.read_at)
    itself = (evidence.c.source == upload.source) & (evidence.c.sha256 == upload.sha256)
    query = sa.select(evidence).where(itself | mine).order_by(evidence.c.received_at, evidence.c.name)
    return [Evidence(**row) for row in tx.execute(query.limit(EVIDENCE_MAX)).mappings()]


def _is(upload: str) -> sa.ColumnElement[bool]:
    return uploads.c.upload == upload


def _told(words: Sequence[str]) -> str:
    return json.dumps([word[:_TEXT_MAX] for word in words[:TOLD_MAX]], ensure_ascii=False)


def _upload(row: sa.RowMapping) -> Upload:
    return Upload(**{**row, "told": tuple(json.loads(row["told"] or "[]"))})
