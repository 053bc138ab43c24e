"""Who may sign in, with which role. Names are lower case; nobody is deleted, since the audit names them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, get_args

import msgspec
import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.tables_people import people, recovery_codes, sessions
from tocsin.terms.errors import BadRequest, Refused

Role = Literal["viewer", "phone", "agent", "lead", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,98}", re.ASCII)


class PersonRow(msgspec.Struct, frozen=True, kw_only=True):
    """A person as the book knows them. `password` and `totp` never leave the handler that checks them."""

    name: str
    role: Role
    password: str | None
    password_at: datetime | None
    totp: bytes | None
    totp_step: int | None
    oidc_issuer: str | None
    oidc_subject: str | None
    created_at: datetime
    created_by: str
    disabled_at: datetime | None
    disabled_by: str | None

    def __repr__(self) -> str:
        return f"PersonRow({self.name}, {self.role})"


def clean_name(name: str) -> str:
    """As it is kept. BadRequest for what is no name."""
    name = name.strip().lower()
    if not _NAME.fullmatch(name):
        remedy = "letters, digits and . _ @ - as in anna.berg"
        raise BadRequest(f"not a name to sign in with: {name!r:.80}", remedy=remedy)
    return name


def add(tx: Transaction, name: str, role: Role, *, at: datetime, by: str) -> str:
    """Somebody new, who cannot sign in yet; returns the name as it is kept. BadRequest when there is one already."""
    name = clean_name(name)
    if find(tx, name) is not None:
        raise BadRequest(f"somebody is called {name} already", remedy="choose another name")
    tx.execute(people.insert().values(name=name, role=role, created_at=at, created_by=by))
    return name


def find(tx: Transaction, name: str) -> PersonRow | None:
    row = tx.execute(sa.select(people).where(people.c.name == name.strip().lower()[:100])).mappings().one_or_none()
    return PersonRow(**row) if row else None


def demand(tx: Transaction, name: str) -> PersonRow:
    """BadRequest when nobody is called that."""
    person = find(tx, name)
    if person is None:
        raise BadRequest(f"nobody is called {name!r:.80}", remedy="`tocsin people list` names all")
    return person


def by_subject(tx: Transaction, issuer: str, subject: str) -> PersonRow | None:
    """Whom that OpenID provider means."""
    query = sa.select(people).where((people.c.oidc_issuer == issuer) & (people.c.oidc_subject == subject))
    row = tx.execute(query).mappings().one_or_none()
    return PersonRow(**row) if row else None


def every(tx: Transaction) -> list[PersonRow]:
    return [PersonRow(**row) for row in tx.execute(sa.select(people).order_by(people.c.name)).mappings()]


def set_password(tx: Transaction, name: str, password: str, *, at: datetime) -> None:
    """`password` is its argon2id hash. Every session of theirs ends."""
    tx.execute(people.update().where(people.c.name == name).values(password=password, password_at=at))
    tx.execute(sessions.delete().where(sessions.c.person == name))


def renew_hash(tx: Transaction, name: str, password: str) -> None:
    """The same password, hashed with more work; sessions stay."""
    tx.execute(people.update().where(people.c.name == name).values(password=password))


def set_role(tx: Transaction, name: str, role: Role) -> None:
    """Refused when nobody would be left who may do this."""
    if role != "admin":
        _demand_another_admin(tx, name)
    tx.execute(people.update().where(people.c.name == name).values(role=role))


def disable(tx: Transaction, name: str, *, at: datetime, by: str) -> None:
    """They are signed out everywhere and stay out. Refused for the last admin."""
    _demand_another_admin(tx, name)
    tx.execute(people.update().where(people.c.name == name).values(disabled_at=at, disabled_by=by))
    tx.execute(sessions.delete().where(sessions.c.person == name))


def enable(tx: Transaction, name: str) -> None:
    tx.execute(people.update().where(people.c.name == name).values(disabled_at=None, disabled_by=None))


def link_subject(tx: Transaction, name: str, issuer: str, subject: str) -> None:
    tx.execute(people.update().where(people.c.name == name).values(oidc_issuer=issuer, oidc_subject=subject))


def set_factor(tx: Transaction, name: str, totp: bytes | None, codes: Iterable[str] = ()) -> None:
    """A second factor (sealed) with its recovery codes (their digests) in place of what there was."""
    tx.execute(people.update().where(people.c.name == name).values(totp=totp, totp_step=None))
    tx.execute(recovery_codes.delete().where(recovery_codes.c.person == name))
    rows = [{"person": name, "digest": digest} for digest in codes]
    if rows:
        tx.execute(recovery_codes.insert(), rows)


def use_step(tx: Transaction, name: str, step: int) -> bool:
    """True the first time: a number that was looked over somebody's shoulder opens nothing."""
    fresh = people.c.totp_step.is_(None) | (people.c.totp_step < step)
    return tx.execute(people.update().where((people.c.name == name) & fresh).values(totp_step=step)).rowcount == 1


def use_recovery(tx: Transaction, name: str, digest: str, *, at: datetime) -> bool:
    """True once for each code."""
    mine = (recovery_codes.c.person == name) & (recovery_codes.c.digest == digest) & recovery_codes.c.used_at.is_(None)
    return tx.execute(recovery_codes.update().where(mine).values(used_at=at)).rowcount == 1


def recovery_left(tx: Transaction, name: str) -> int:
    mine = (recovery_codes.c.person == name) & recovery_codes.c.used_at.is_(None)
    return tx.execute(sa.select(sa.func.count()).select_from(recovery_codes).where(mine)).scalar_one()


def _demand_another_admin(tx: Transaction, name: str) -> None:
    admins: Sequence[str] = (
        tx.execute(sa.select(people.c.name).where((people.c.role == "admin") & people.c.disabled_at.is_(None)))
        .scalars()
        .all()
    )
    if list(admins) == [name]:
        raise Refused(f"{name} is the only admin: nobody could let people in any more", remedy="name another first")
