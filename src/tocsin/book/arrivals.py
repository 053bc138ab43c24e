"""Mails that came back and were filed: bounces, replies, what machines answered, complaints; and how far was read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.parts import in_parts
from tocsin.book.tables import notice_cases, notices
from tocsin.book.tables_delivery import arrivals, bounces, mailboxes, replies


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A mail about a notice; `arrival` is the SHA-256 of its bytes. Its texts are strangers'."""

    arrival: str
    notice: str
    kind: str  # bounce | reply | automatic | feedback
    found_by: str  # verp | envelope-id | message-id | code
    received_at: datetime
    sender: str
    subject: str
    said: str


class Bounce(msgspec.Struct, frozen=True, kw_only=True):
    """What a report says of one recipient."""

    recipient: str
    action: str
    is_hard: bool
    status: str | None = None
    diagnostic: str | None = None


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What a person wrote back. `text` is hostile: escape it."""

    arrival: str
    notice: str
    received_at: datetime
    sender: str
    subject: str
    text: str
    seen_at: datetime | None = None
    seen_by: str | None = None


def is_known(tx: Transaction, arrival: str) -> bool:
    return tx.execute(sa.select(arrivals.c.arrival).where(arrivals.c.arrival == arrival)).one_or_none() is not None


def add(
    tx: Transaction, arrival: Arrival, raw: bytes, *, fates: Sequence[Bounce] = (), text: str | None = None
) -> None:
    """File it; a reply with its `text`. One that stands already is a bug and raises IntegrityError."""
    tx.execute(arrivals.insert().values(**msgspec.structs.asdict(arrival), raw=raw))
    if fates:
        rows = [
            {"arrival": arrival.arrival, "number": number, **msgspec.structs.asdict(fate)}
            for number, fate in enumerate(fates, 1)
        ]
        tx.execute(bounces.insert(), rows)
    if text is not None:
        tx.execute(replies.insert().values(arrival=arrival.arrival, text=text))


def notice_of_message_id(tx: Transaction, message_id: str) -> str | None:
    """The notice with this Message-ID, angle brackets and all."""
    return tx.execute(sa.select(notices.c.notice).where(notices.c.message_id == message_id)).scalar_one_or_none()


def of_notices(tx: Transaction, wanted: Iterable[str]) -> dict[str, list[Arrival]]:
    """What came back about each of these notices, oldest first."""
    columns = [arrivals.c[name] for name in Arrival.__struct_fields__]
    query = sa.select(*columns).order_by(arrivals.c.received_at, arrivals.c.arrival)
    found: dict[str, list[Arrival]] = {}
    for part in in_parts(wanted):
        for row in tx.execute(query.where(arrivals.c.notice.in_(part))).mappings():
            found.setdefault(row["notice"], []).append(Arrival(**row))
    return found


def bounces_of(tx: Transaction, arrival: str) -> list[Bounce]:
    columns = [bounces.c[name] for name in Bounce.__struct_fields__]
    query = sa.select(*columns).where(bounces.c.arrival == arrival).order_by(bounces.c.number)
    return [Bounce(**row) for row in tx.execute(query).mappings()]


def replies_of_case(tx: Transaction, case: str) -> list[Reply]:
    """What was written back about any notice of the case, oldest first."""
    query = _replies().join(notice_cases, notice_cases.c.notice == arrivals.c.notice)
    query = query.where(notice_cases.c.case == case).order_by(arrivals.c.received_at, arrivals.c.arrival)
    return [Reply(**row) for row in tx.execute(query).mappings()]


def unseen_replies(tx: Transaction, limit: int) -> list[Reply]:
    """Those that nobody at the desk has taken note of, oldest first."""
    query = _replies().where(replies.c.seen_at.is_(None)).order_by(arrivals.c.received_at, arrivals.c.arrival)
    return [Reply(**row) for row in tx.execute(query.limit(limit)).mappings()]


def note_seen(tx: Transaction, arrival: str, *, at: datetime, by: str) -> bool:
    """False when somebody had seen it before, or there is no such reply."""
    change = replies.update().where(replies.c.arrival == arrival, replies.c.seen_at.is_(None))
    return tx.execute(change.values(seen_at=at, seen_by=by[:100])).rowcount == 1


def raw_of(tx: Transaction, arrival: str) -> bytes | None:
    """Its bytes, as long as they are kept."""
    raw = tx.execute(sa.select(arrivals.c.raw).where(arrivals.c.arrival == arrival)).scalar_one_or_none()
    return None if raw is None else bytes(raw)


def forget_raw(tx: Transaction, before: datetime) -> int:
    """Delete the bytes of what came earlier; what it said stays. How many there were."""
    old = arrivals.update().where(arrivals.c.received_at < before, arrivals.c.raw.is_not(None))
    return tx.execute(old.values(raw=None)).rowcount


# --- how far a mailbox has been read -----------------------------------------------------------------------------


def place_of(tx: Transaction, mailbox: str) -> tuple[int, int] | None:
    """(UIDVALIDITY, the UID up to which everything was read); None of a mailbox that nobody has read."""
    row = tx.execute(sa.select(mailboxes).where(mailboxes.c.mailbox == mailbox)).one_or_none()
    return (row.uid_validity, row.uid) if row else None


def note_place(tx: Transaction, mailbox: str, uid_validity: int, uid: int) -> None:
    """In the transaction that files what was read. Of the same validity it only goes forward."""
    known = place_of(tx, mailbox)
    if known is None:
        tx.execute(mailboxes.insert().values(mailbox=mailbox, uid_validity=uid_validity, uid=uid))
    elif known[0] != uid_validity or known[1] < uid:
        change = mailboxes.update().where(mailboxes.c.mailbox == mailbox)
        tx.execute(change.values(uid_validity=uid_validity, uid=uid))


def _replies() -> sa.Select[tuple[object, ...]]:
    names = ("notice", "received_at", "sender", "subject")
    columns = [replies.c.arrival, *(arrivals.c[name] for name in names), replies.c.text]
    return sa.select(*columns, replies.c.seen_at, replies.c.seen_by).join(
        arrivals, arrivals.c.arrival == replies.c.arrival
    )
