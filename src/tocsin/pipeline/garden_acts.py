"""What people do about the garden, from the desk, the telephone and the command line: each in the audit."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tocsin.book import Book, Transaction, audit, case_days, quarantines
from tocsin.book import cases as book_cases
from tocsin.book.quarantines import Quarantine, Way, Wish
from tocsin.cases.enclosed import remark
from tocsin.pipeline.config import Config
from tocsin.terms.errors import BadRequest, Refused


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who does it, why, when."""

    name: str
    reason: str
    at: datetime


def ask(book: Book, config: Config, case: str, actor: Actor) -> Quarantine:
    """Ask for a case's line to be put into the garden: its latest login's. Refused where the garden is shut."""
    if not config.garden.enclose:
        raise Refused("nobody is put into the garden: [garden] enclose is false")
    with book.write() as tx:
        found = book_cases.find(tx, case)
        days = case_days.days_of_case(tx, case)
        if found is None or not days:
            raise BadRequest(f"no case {case!r:.40} with anything seen", remedy="`tocsin cases` names all")
        account = max(days, key=lambda day: day.last_at).account
        wish = Wish(case=case, subscriber=found.subscriber, account=account, by=actor.name, reason=actor.reason)
        mine = quarantines.ask(tx, wish, at=actor.at, inside_max=0)
        note(tx, mine, actor, "garden asked for", f"the garden is asked for: {actor.reason}")
    return mine


def approve(book: Book, config: Config, quarantine: str, actor: Actor) -> Quarantine:
    """A person says yes."""
    with book.write() as tx:
        if not config.garden.enclose:
            raise Refused("nobody is put into the garden: [garden] enclose is false")
        inside_max = config.garden.inside_max(book_cases.count_subscribers(tx))
        mine = quarantines.approve(tx, quarantine, by=actor.name, at=actor.at, inside_max=inside_max)
        note(tx, mine, actor, "garden approved", f"the garden is approved: {actor.reason}")
    return mine


def refuse(book: Book, quarantine: str, actor: Actor) -> Quarantine:
    """A person says no."""
    with book.write() as tx:
        mine = quarantines.refuse(tx, quarantine, by=actor.name, at=actor.at, reason=actor.reason)
        note(tx, mine, actor, "garden refused", f"the garden is refused: {actor.reason}")
    return mine


def release(book: Book, quarantine: str, way: Way, actor: Actor) -> Quarantine:
    """Let them out, whatever the configuration says; the next round tells the access server."""
    with book.write() as tx:
        mine = quarantines.release(tx, quarantine, way=way, by=actor.name, reason=actor.reason, at=actor.at)
        note(tx, mine, actor, "garden release", f"is let out of the garden ({way}): {actor.reason}")
    return mine


def note(tx: Transaction, mine: Quarantine, actor: Actor, action: str, said: str) -> None:
    """In the audit, and in the case's time line."""
    enter(tx, mine, actor, action)
    remark(tx, mine, said, at=actor.at, by=actor.name)


def enter(tx: Transaction, mine: Quarantine, actor: Actor, action: str) -> None:
    """In the audit."""
    audit.append(
        tx,
        at=actor.at,
        actor=actor.name,
        action=action,
        object=mine.quarantine,
        reason=actor.reason,
        subscriber=mine.subscriber,
    )
