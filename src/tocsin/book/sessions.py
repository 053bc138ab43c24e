"""Sessions, and the links by which somebody chooses a password. Both are known by the digest of what was handed out."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec
import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.people import Role
from tocsin.book.tables_people import links, people, sessions

Stage = Literal["factor", "enrol", "whole"]  # a second factor is missing; has to be set up first; all is there


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One browser of one person. `role` is the person's of now."""

    session: str
    handle: str
    person: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    stage: Stage
    by: str
    client: str
    agent: str
    role: Role
    enrolling: bytes | None = None
    tries: int = 0


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation, open or not."""

    person: str
    made_at: datetime
    made_by: str
    expires_at: datetime
    used_at: datetime | None


def begin(tx: Transaction, new: Session) -> None:
    """A new one; those that have expired go."""
    tx.execute(sessions.delete().where(sessions.c.expires_at <= new.created_at))
    row = {column.name: getattr(new, column.name) for column in sessions.columns}
    tx.execute(sessions.insert().values(**row | {"agent": new.agent[:60]}))


def find(tx: Transaction, session: str, *, at: datetime, seen_since: datetime) -> Session | None:
    """The session, if it stands: not expired, not idle since before `seen_since`, its person not disabled."""
    query = (
        _query()
        .where((sessions.c.session == session) & (sessions.c.expires_at > at) & (sessions.c.seen_at > seen_since))
        .where(people.c.disabled_at.is_(None))
    )
    row = tx.execute(query).mappings().one_or_none()
    return Session(**row) if row else None


def of_person(tx: Transaction, person: str, *, at: datetime, seen_since: datetime) -> list[Session]:
    """Theirs that stand, the newest first."""
    mine = (sessions.c.person == person) & (sessions.c.expires_at > at) & (sessions.c.seen_at > seen_since)
    return [Session(**row) for row in tx.execute(_query().where(mine).order_by(sessions.c.seen_at.desc())).mappings()]


def touch(tx: Transaction, session: str, at: datetime) -> None:
    tx.execute(sessions.update().where(sessions.c.session == session).values(seen_at=at))


def count_try(tx: Transaction, session: str) -> int:
    """One more number that was wrong; how many they are now."""
    mine = sessions.c.session == session
    tx.execute(sessions.update().where(mine).values(tries=sessions.c.tries + 1))
    return tx.execute(sa.select(sessions.c.tries).where(mine)).scalar_one_or_none() or 0


def enrol(tx: Transaction, session: str, enrolling: bytes | None) -> None:
    """The second factor that this browser is setting up, sealed."""
    tx.execute(sessions.update().where(sessions.c.session == session).values(enrolling=enrolling))


def end(tx: Transaction, session: str) -> None:
    tx.execute(sessions.delete().where(sessions.c.session == session))


def end_by_handle(tx: Transaction, person: str, handle: str) -> bool:
    """End one of that person's own; False when there is none."""
    mine = (sessions.c.person == person) & (sessions.c.handle == handle)
    return tx.execute(sessions.delete().where(mine)).rowcount == 1


def end_others(tx: Transaction, person: str, but: str) -> int:
    """End every session of that person but one."""
    return tx.execute(sessions.delete().where((sessions.c.person == person) & (sessions.c.session != but))).rowcount


def end_all(tx: Transaction, person: str) -> None:
    tx.execute(sessions.delete().where(sessions.c.person == person))


def make_link(tx: Transaction, *, digest: str, person: str, at: datetime, by: str, expires_at: datetime) -> None:
    """A new one; older ones of that person open nothing any more."""
    tx.execute(links.delete().where(links.c.person == person))
    row = {"digest": digest, "person": person, "made_at": at, "made_by": by, "expires_at": expires_at}
    tx.execute(links.insert().values(**row))


def open_link(tx: Transaction, digest: str, *, at: datetime) -> str | None:
    """Whose it is, while it opens."""
    query = sa.select(links.c.person).join_from(links, people, people.c.name == links.c.person)
    query = query.where((links.c.digest == digest) & links.c.used_at.is_(None) & (links.c.expires_at > at))
    return tx.execute(query.where(people.c.disabled_at.is_(None))).scalar_one_or_none()


def use_link(tx: Transaction, digest: str, *, at: datetime) -> str | None:
    """Whose it was, once."""
    person = open_link(tx, digest, at=at)
    if person is not None:
        tx.execute(links.update().where(links.c.digest == digest).values(used_at=at))
    return person


def open_links(tx: Transaction, *, at: datetime) -> dict[str, Link]:
    """Invitations that wait, by person."""
    query = sa.select(links).where(links.c.used_at.is_(None) & (links.c.expires_at > at))
    return {
        row.person: Link(
            person=row.person,
            made_at=row.made_at,
            made_by=row.made_by,
            expires_at=row.expires_at,
            used_at=row.used_at,
        )
        for row in tx.execute(query)
    }


def sweep(tx: Transaction, *, at: datetime, seen_since: datetime) -> int:
    """Remove what opens nothing any more; how many sessions that were."""
    tx.execute(links.delete().where(links.c.expires_at <= at))
    gone = (sessions.c.expires_at <= at) | (sessions.c.seen_at <= seen_since)
    return tx.execute(sessions.delete().where(gone)).rowcount


def _query() -> sa.Select[tuple[object, ...]]:
    return sa.select(sessions, people.c.role).join_from(sessions, people, people.c.name == sessions.c.person)
