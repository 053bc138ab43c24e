"""Letting people in, and out again: each step with its line in the audit."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from pathlib import Path

from tocsin.book import Book, Transaction, audit, people, sessions
from tocsin.book.people import PersonRow, Role
from tocsin.pipeline.config import Config
from tocsin.pipeline.house import House
from tocsin.pipeline.passwords import fault_of, hash_password, is_listed
from tocsin.terms.errors import BadRequest

LINK_LASTS = timedelta(hours=48)
DEMO_PEOPLE: dict[str, Role] = {
    "admin": "admin",
    "lead": "lead",
    "agent": "agent",
    "clerk": "phone",
    "viewer": "viewer",
}


def invite(tx: Transaction, name: str, role: Role, *, at: datetime, by: str) -> str:
    """Somebody new; returns what the link to their first password ends with, this once."""
    name = people.add(tx, name, role, at=at, by=by)
    audit.append(tx, at=at, actor=by, action="person added", object=name, reason=f"as {role}")
    return new_link(tx, name, at=at, by=by)


def new_link(tx: Transaction, name: str, *, at: datetime, by: str) -> str:
    """Another link, for who has lost password or second factor; the links before open nothing any more."""
    token = secrets.token_urlsafe(32)
    digest = hashlib.sha256(token.encode()).hexdigest()
    sessions.make_link(tx, digest=digest, person=name, at=at, by=by, expires_at=at + LINK_LASTS)
    audit.append(tx, at=at, actor=by, action="link made", object=name, reason="to choose a password")
    return token


def link_url(desk_url: str, token: str) -> str:
    """Where they choose a password: it opens once, and our own log never holds it."""
    return f"{desk_url}/welcome/{token}"


def fault_in(config: Config, config_file: Path, password: str, *, name: str) -> str:
    """What is wrong with a password that somebody has chosen, in words; '' when nothing is."""
    if fault := fault_of(password, name=name, house=config.issuer.name):
        return fault
    refused = config.people.refused_passwords
    if refused and is_listed(password, config_file.parent / Path(refused).expanduser()):
        return "That one is on lists of passwords that have been found out elsewhere."
    return ""


def set_first_password(tx: Transaction, house: House, name: str, password: str, *, by: str) -> None:
    """BadRequest for one that is easily guessed."""
    at = house.now
    if fault := fault_in(house.config, house.config_file, password, name=name):
        raise BadRequest(fault)
    people.set_password(tx, name, hash_password(password), at=at)
    audit.append(tx, at=at, actor=by, action="password set", object=name, reason="")


def forget_factor(tx: Transaction, name: str, *, at: datetime, by: str, reason: str) -> PersonRow:
    """For who has lost the telephone and the codes, after somebody has made sure that it is them. Signs them out."""
    person = people.demand(tx, name)
    people.set_factor(tx, person.name, None)
    sessions.end_all(tx, person.name)
    audit.append(tx, at=at, actor=by, action="second factor removed", object=person.name, reason=reason)
    return person


def sign_out(tx: Transaction, name: str, *, at: datetime, by: str, reason: str) -> PersonRow:
    """Every session of theirs ends; they may sign in again."""
    person = people.demand(tx, name)
    sessions.end_all(tx, person.name)
    audit.append(tx, at=at, actor=by, action="session ended", object=person.name, reason=reason)
    return person


def change_role(tx: Transaction, name: str, role: Role, *, at: datetime, by: str, reason: str) -> PersonRow:
    """Takes effect at their next click."""
    person = people.demand(tx, name)
    people.set_role(tx, person.name, role)
    said = f"from {person.role} to {role}{': ' if reason else ''}{reason}"
    audit.append(tx, at=at, actor=by, action="role changed", object=person.name, reason=said)
    return person


def disable(tx: Transaction, name: str, *, at: datetime, by: str, reason: str) -> PersonRow:
    """Signed out everywhere, at once. Refused for the last admin."""
    person = people.demand(tx, name)
    people.disable(tx, person.name, at=at, by=by)
    audit.append(tx, at=at, actor=by, action="person disabled", object=person.name, reason=reason)
    return person


def enable(tx: Transaction, name: str, *, at: datetime, by: str, reason: str) -> PersonRow:
    """They may come back with the password that they had."""
    person = people.demand(tx, name)
    people.enable(tx, person.name)
    audit.append(tx, at=at, actor=by, action="person enabled", object=person.name, reason=reason)
    return person


def add_demo_people(book: Book, *, at: datetime) -> dict[str, str]:
    """One person of each role, with passwords made by chance: name to password, empty when they were there already."""
    with book.read() as tx:
        wanted = [name for name in DEMO_PEOPLE if people.find(tx, name) is None]
    made = {name: _demo_password() for name in wanted}
    hashed = {name: hash_password(password) for name, password in made.items()}
    with book.write() as tx:
        for name, kept in hashed.items():
            if people.find(tx, name) is None:
                people.add(tx, name, DEMO_PEOPLE[name], at=at, by="demo")
                people.set_password(tx, name, kept, at=at)
                audit.append(tx, at=at, actor="demo", action="person added", object=name, reason=DEMO_PEOPLE[name])
    return made


_SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]


def _demo_password() -> str:
    """Four pronounceable words, 49 bits: to be typed from a screen."""
    return "-".join("".join(secrets.choice(_SYLLABLES) for _ in range(2)) for _ in range(4))
