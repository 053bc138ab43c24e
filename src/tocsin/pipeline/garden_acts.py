"""What people do about the garden, from the desk, the telephone and the command line: each in the audit."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tocsin.book import Book, Transaction, audit, changes, quarantines
from tocsin.book import cases as book_cases
from tocsin.book.quarantines import Quarantine, Way, Wish
from tocsin.cases.enclosed import remark
from tocsin.cases.garden_rules import Bar
from tocsin.cases.suspect import rested_on
from tocsin.pipeline.config import Config
from tocsin.pipeline.garden_check import objection, verdict_on
from tocsin.terms.errors import BadRequest, Refused


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who does it, why, when; `form` is the form's own name: the same form is acted on once."""

    name: str
    reason: str
    at: datetime
    form: str = ""


def ask(book: Book, config: Config, case: str, actor: Actor) -> Quarantine:
    """Ask for a case's line to be put into the garden: the login's that was seen last, by who is believed.

    Refused where a rule forbids it; what the rules leave to a person, and a garden that is full, wait for one.
    """
    with book.write() as tx:
        found = book_cases.find(tx, case)
        if found is None:
            raise BadRequest(f"no case {case!r:.40}", remedy="`tocsin cases` names all")
        if _is_done(tx, actor):
            return _asked_before(tx, found.subscriber)
        account = line_of(tx, config, case)
        verdict = verdict_on(tx, config, found, account, at=actor.at)
        if verdict.bar is Bar.FORBIDDEN:
            raise Refused(verdict.reason)
        wish = Wish(case=case, subscriber=found.subscriber, account=account, by=actor.name, reason=actor.reason)
        mine = quarantines.ask(tx, wish, at=actor.at, inside_max=0)
        note(tx, mine, actor, "garden asked for", f"the garden is asked for: {actor.reason}")
    return mine


def approve(book: Book, config: Config, quarantine: str, actor: Actor) -> Quarantine:
    """A person says yes. Refused where a rule forbids it by now."""
    with book.write() as tx:
        if _is_done(tx, actor):
            return quarantines.demand(tx, quarantine)
        against = objection(tx, config, quarantines.demand(tx, quarantine), at=actor.at, by_person=True)
        if against is not None:
            raise Refused(against)
        inside_max = config.garden.inside_max(book_cases.count_subscribers(tx))
        mine = quarantines.approve(tx, quarantine, by=actor.name, at=actor.at, inside_max=inside_max)
        note(tx, mine, actor, "garden approved", f"the garden is approved: {actor.reason}")
    return mine


def refuse(book: Book, quarantine: str, actor: Actor) -> Quarantine:
    """A person says no."""
    with book.write() as tx:
        if _is_done(tx, actor):
            return quarantines.demand(tx, quarantine)
        mine = quarantines.refuse(tx, quarantine, by=actor.name, at=actor.at, reason=actor.reason)
        note(tx, mine, actor, "garden refused", f"the garden is refused: {actor.reason}")
    return mine


def release(book: Book, quarantine: str, way: Way, actor: Actor) -> Quarantine:
    """Let them out, whatever the configuration says; the next round tells the access server.

    Whoever is out, or on the way out, stays so.
    """
    with book.write() as tx:
        if _is_done(tx, actor):
            return quarantines.demand(tx, quarantine)
        before = quarantines.demand(tx, quarantine)
        if before.state in ("releasing", "released"):
            return before
        mine = quarantines.release(tx, quarantine, way=way, by=actor.name, reason=actor.reason, at=actor.at)
        note(tx, mine, actor, "garden release", f"is let out of the garden ({way}): {actor.reason}")
    return mine


def _is_done(tx: Transaction, actor: Actor) -> bool:
    """Whether this very form has been acted on before; from now on it has."""
    return bool(actor.form) and not changes.first_time(tx, actor.form, actor.at)


def _asked_before(tx: Transaction, subscriber: int) -> Quarantine:
    known = quarantines.open_of(tx, subscriber)
    if known is None:
        raise Refused("this form has been acted on before, and what it asked for is over")
    return known


def line_of(tx: Transaction, config: Config, case: str) -> int:
    """The login that would be enclosed. Refused where no source that is believed has seen one."""
    days = rested_on(tx, case, config.trust())
    if not days:
        raise Refused("it rests on the word of a stranger")
    return max(days, key=lambda day: day.last_at).account


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
