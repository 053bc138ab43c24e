"""The outbox: a decision, then its bytes, then its delivery. Each step is on disk before the next is taken.

decided -> queued -> sent -> bounced   it came back: the address does not take mail
   |          |----> bounced           the mail server says so at once
   |          |----> uncertain         the last dot may have been sent: a person decides, it is never sent again by
   |          |                        itself; then it is sent, queued once more, or refused
   |          `----> refused           the other side will never take it
   `---------------> refused           our own checker will not let it out, or its case was withdrawn
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa

from tocsin.book import changes
from tocsin.book.book import Transaction
from tocsin.book.parts import in_parts
from tocsin.book.tables import notice_cases, notices
from tocsin.book.tables_delivery import deliveries
from tocsin.terms.errors import BadRequest

WAITING = ("decided", "queued")  # nothing has left yet
_FROM_BY_STATE = {  # the states that a notice may come from
    "queued": ("decided",),
    "sent": ("queued", "uncertain"),
    "uncertain": ("queued",),
    "refused": ("decided", "queued", "uncertain"),
    "bounced": ("queued", "sent", "uncertain"),
}
UNREACHED = ("refused", "bounced")  # nobody has read it


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A notice without its bytes; `facts` are canonical JSON."""

    notice: str
    subscriber: int
    decided_at: datetime
    expires_at: datetime
    facts: str
    code_sha256: str
    state: str
    reason: str | None = None
    message_id: str | None = None
    envelope_from: str | None = None
    dot_at: datetime | None = None
    sent_at: datetime | None = None
    channel: str = "mail"  # mail | sms | letter | call | webhook
    read_at: datetime | None = None  # when it is first known that somebody has it
    read_by: str | None = None  # how that is known: code | phone | reply | garden


_FIELDS = Notice.__struct_fields__
_COLUMNS = [notices.c[name] for name in _FIELDS]


def add(tx: Transaction, decided: Sequence[Notice], cases_by_notice: Mapping[str, Sequence[str]]) -> None:
    """Write decisions, each with its cases. A notice that stands already is a bug and raises IntegrityError."""
    if not decided:
        return
    tx.execute(notices.insert(), [msgspec.structs.asdict(notice) for notice in decided])
    tx.execute(
        notice_cases.insert(),
        [{"notice": notice.notice, "case": case} for notice in decided for case in cases_by_notice[notice.notice]],
    )


def find(tx: Transaction, notice: str) -> Notice | None:
    return _one(tx, notices.c.notice == notice)


def find_by_code(tx: Transaction, code_sha256: str) -> Notice | None:
    """The notice whose code has this digest."""
    return _one(tx, notices.c.code_sha256 == code_sha256)


def in_state(tx: Transaction, *states: str, channel: str | None = None) -> list[Notice]:
    """Oldest first; of one channel or of all."""
    query = sa.select(*_COLUMNS).where(notices.c.state.in_(states))
    if channel is not None:
        query = query.where(notices.c.channel == channel)
    return [Notice(**row) for row in tx.execute(query.order_by(notices.c.decided_at, notices.c.notice)).mappings()]


def raw_of(tx: Transaction, notice: str) -> bytes:
    """The bytes of a queued notice. BadRequest when it has none."""
    raw = tx.execute(sa.select(notices.c.raw).where(notices.c.notice == notice)).scalar_one_or_none()
    if raw is None:
        raise BadRequest(f"{notice} has not been composed")
    return bytes(raw)


def states_of(tx: Transaction, wanted: Iterable[str]) -> dict[str, str]:
    """State by notice."""
    query = sa.select(notices.c.notice, notices.c.state)
    found = (tx.execute(query.where(notices.c.notice.in_(part))) for part in in_parts(wanted))
    return {row.notice: row.state for rows in found for row in rows}


def of_cases(tx: Transaction, cases: Iterable[str]) -> dict[str, list[Notice]]:
    """The notices of each case, oldest first."""
    query = sa.select(notice_cases.c.case, *_COLUMNS).join(notices, notices.c.notice == notice_cases.c.notice)
    query = query.order_by(notices.c.decided_at, notices.c.notice)
    found: dict[str, list[Notice]] = {}
    for part in in_parts(cases):
        for row in tx.execute(query.where(notice_cases.c.case.in_(part))).mappings():
            found.setdefault(row["case"], []).append(Notice(**{name: row[name] for name in _FIELDS}))
    return found


def count_of_cases(tx: Transaction, wanted: Iterable[str]) -> dict[str, int]:
    """How many notices told of each case, refused ones too; a case of which none told is absent."""
    query = sa.select(notice_cases.c.case, sa.func.count().label("many")).group_by(notice_cases.c.case)
    found = (tx.execute(query.where(notice_cases.c.case.in_(part))) for part in in_parts(wanted))
    return {row.case: int(row.many) for rows in found for row in rows}


def cases_of(tx: Transaction, notice: str) -> list[str]:
    query = sa.select(notice_cases.c.case).where(notice_cases.c.notice == notice).order_by(notice_cases.c.case)
    return list(tx.execute(query).scalars())


def last_decided(tx: Transaction, subscribers: Collection[int]) -> dict[int, datetime]:
    """When each of them was last written to.

    A notice that was refused before its bytes were made reached nobody and does not count. One that was refused later
    does: a process that died while it was delivering may have brought it out and not have said so. One that bounced
    reached nobody either.
    """
    query = sa.select(notices.c.subscriber, sa.func.max(notices.c.decided_at).label("last"))
    left = (notices.c.state != "refused") | notices.c.message_id.is_not(None)
    query = query.where(left, notices.c.state != "bounced").group_by(notices.c.subscriber)
    found = (tx.execute(query.where(notices.c.subscriber.in_(part))) for part in in_parts(subscribers))
    return {row.subscriber: row.last for rows in found for row in rows}


def dead_addresses(tx: Transaction, subscribers: Collection[int]) -> dict[int, set[str]]:
    """The addresses, in lower case, from which a notice to each of them came back for good."""
    query = sa.select(notices.c.subscriber, notices.c.facts).where(notices.c.state == "bounced")
    found: dict[int, set[str]] = {}
    for part in in_parts(subscribers):
        for row in tx.execute(query.where(notices.c.subscriber.in_(part))):
            found.setdefault(row.subscriber, set()).add(
                msgspec.json.decode(row.facts, type=_Addressed).recipient.lower()
            )
    return found


class _Addressed(msgspec.Struct, frozen=True):
    recipient: str


def refs_of(tx: Transaction, subscribers: Collection[int]) -> set[str]:
    """Every notice that was ever decided for them, refused ones too."""
    query = sa.select(notices.c.notice)
    found = (tx.execute(query.where(notices.c.subscriber.in_(part))) for part in in_parts(subscribers))
    return {ref for refs in found for ref in refs.scalars()}


def count_decided(tx: Transaction, since: datetime | None) -> int:
    """How many notices were decided after that moment (ever)."""
    query = sa.select(sa.func.count()).select_from(notices)
    if since is not None:
        query = query.where(notices.c.decided_at > since)
    return int(tx.execute(query).scalar_one())


def tells_again(tx: Transaction, notice: Notice, seen_at: datetime) -> bool:
    """Whether an earlier notice to the same subscriber was decided at that moment or since."""
    earlier = (notices.c.decided_at >= seen_at) & (notices.c.decided_at < notice.decided_at)
    query = sa.select(notices.c.notice).where(notices.c.subscriber == notice.subscriber, earlier).limit(1)
    return tx.execute(query).first() is not None


# --- steps -------------------------------------------------------------------------------------------------------


def queue(
    tx: Transaction, notice: str, *, message_id: str, envelope_from: str, raw: bytes, version: str | None = None
) -> None:
    """Keep the bytes and the Message-ID before anything is sent. It is due from the moment it was decided at.

    `version` names the texts that it was written with.
    """
    told = {"message_id": message_id, "envelope_from": envelope_from, "raw": raw, "letter_version": version}
    _step(tx, notice, "queued", **told)
    due = sa.select(notices.c.notice, notices.c.decided_at, sa.literal(0)).where(notices.c.notice == notice)
    tx.execute(deliveries.insert().from_select(["notice", "due_at", "tries"], due))


def note_dot(tx: Transaction, notice: str, at: datetime) -> None:
    """Commit this before the final dot: from here on a crash makes the delivery uncertain."""
    done = tx.execute(notices.update().where(_standing(notice, ("queued",))).values(dot_at=at))
    _demand(done.rowcount == 1, notice, "is not waiting to be sent")


def clear_dot(tx: Transaction, notice: str) -> None:
    """The other side has said that it did not take it: it has not left after all."""
    tx.execute(notices.update().where(_standing(notice, ("queued",))).values(dot_at=None))


def note_sent(tx: Transaction, notice: str, at: datetime) -> None:
    _step(tx, notice, "sent", sent_at=at)


def note_uncertain(tx: Transaction, notice: str, reason: str) -> None:
    _step(tx, notice, "uncertain", reason=reason[:300])


def note_read(tx: Transaction, notice: str, *, by: str, at: datetime) -> bool:
    """It is known that somebody has it. False where that was known before: the first way and moment stay."""
    unread = (notices.c.notice == notice) & notices.c.read_at.is_(None)
    return tx.execute(notices.update().where(unread).values(read_at=at, read_by=by)).rowcount == 1


def refuse(tx: Transaction, notice: str, reason: str) -> None:
    """It will not go out. `cases.outbox.refuse` also gives its cases back; call that one."""
    _step(tx, notice, "refused", reason=reason[:300])


def note_bounced(tx: Transaction, notice: str, reason: str) -> None:
    """It came back. `cases.outbox.bounce` also gives its cases back; call that one."""
    _step(tx, notice, "bounced", reason=reason[:300])


def send_again(tx: Transaction, notice: str, at: datetime) -> None:
    """A person has decided that an uncertain notice did not leave: it is queued as if it had never been tried."""
    change = notices.update().where(_standing(notice, ("uncertain",)))
    done = tx.execute(change.values(state="queued", dot_at=None, reason=None))
    _demand(done.rowcount == 1, notice, "is not uncertain")
    tx.execute(deliveries.insert().values(notice=notice, due_at=at, tries=0))


def _step(tx: Transaction, notice: str, state: str, **values: object) -> None:
    change = notices.update().where(_standing(notice, _FROM_BY_STATE[state])).values(state=state, **values)
    _demand(tx.execute(change).rowcount == 1, notice, f"cannot become {state}")
    changes.tick(tx)
    if state != "queued":
        tx.execute(deliveries.delete().where(deliveries.c.notice == notice))


def _demand(true: bool, notice: str, complaint: str) -> None:
    if not true:
        raise BadRequest(f"{notice} {complaint}", remedy="look at it with `tocsin case`")


def _standing(notice: str, states: Sequence[str]) -> sa.ColumnElement[bool]:
    return (notices.c.notice == notice) & notices.c.state.in_(states)


def _one(tx: Transaction, condition: sa.ColumnElement[bool]) -> Notice | None:
    row = tx.execute(sa.select(*_COLUMNS).where(condition)).mappings().one_or_none()
    return Notice(**row) if row else None


def list_after(tx: Transaction, *, before: tuple[datetime, str] | None, state: str | None, rows: int) -> list[Notice]:
    """The newest first, those decided before a place; a page of them."""
    query = sa.select(*_COLUMNS)
    if state is not None:
        query = query.where(notices.c.state == state)
    if before is not None:
        at, notice = before
        earlier = notices.c.decided_at < at
        query = query.where(earlier | ((notices.c.decided_at == at) & (notices.c.notice < notice)))
    query = query.order_by(notices.c.decided_at.desc(), notices.c.notice.desc()).limit(rows)
    return [Notice(**row) for row in tx.execute(query).mappings()]


def cases_by_notice(tx: Transaction, wanted: Iterable[str]) -> dict[str, list[str]]:
    """The cases of each notice, in order."""
    query = sa.select(notice_cases.c.notice, notice_cases.c.case).order_by(notice_cases.c.case)
    found: dict[str, list[str]] = {}
    for part in in_parts(wanted):
        for row in tx.execute(query.where(notice_cases.c.notice.in_(part))):
            found.setdefault(row.notice, []).append(row.case)
    return found
