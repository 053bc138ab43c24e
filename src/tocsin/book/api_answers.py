"""What programs were answered: a request that is sent again gets the answer that the first one got."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.tables_people import api_answers

KEPT = timedelta(hours=24)
_GIVEN_UP = timedelta(minutes=5)  # a request that was begun so long ago has died on the way


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A request that was seen before; without an answer it is still being done."""

    digest: str
    status: int | None
    answer: bytes | None


def begin(tx: Transaction, request: str, digest: str, at: datetime) -> Known | None:
    """None: it is new, and whoever asked does it now. In a writing transaction."""
    tx.execute(api_answers.delete().where(api_answers.c.begun_at < at - KEPT))
    dead = api_answers.c.status.is_(None) & (api_answers.c.begun_at < at - _GIVEN_UP)
    tx.execute(api_answers.delete().where((api_answers.c.request == request) & dead))
    columns = (api_answers.c.digest, api_answers.c.status, api_answers.c.answer)
    row = tx.execute(sa.select(*columns).where(api_answers.c.request == request)).one_or_none()
    if row is not None:
        return Known(digest=row.digest, status=row.status, answer=row.answer)
    tx.execute(api_answers.insert().values(request=request, digest=digest, begun_at=at))
    return None


def finish(tx: Transaction, request: str, status: int, answer: bytes) -> None:
    """It was done, and this was said."""
    said = {"status": status, "answer": answer, "answer_sha256": hashlib.sha256(answer).hexdigest()}
    tx.execute(api_answers.update().where(api_answers.c.request == request).values(**said))


def forget(tx: Transaction, request: str) -> None:
    """It was not done: the next try is a first one."""
    tx.execute(api_answers.delete().where(api_answers.c.request == request))
