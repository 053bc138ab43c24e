"""What the clerk sees and does while somebody rings whose line is in the garden: by the number of the matter."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from tocsin.book import Transaction, audit, codes, quarantines
from tocsin.book import cases as book_cases
from tocsin.book.quarantines import Quarantine
from tocsin.cases.suspect import present_contract
from tocsin.notices.letters.catalogue import catalogue
from tocsin.notices.sentences import TOLD_BY_ROLE_AND_KIND
from tocsin.pipeline import garden_acts
from tocsin.pipeline.config import Config
from tocsin.pipeline.garden_acts import Actor
from tocsin.pipeline.telephone import Desk, Proof

NUMBER_CHARS = 14  # G- and twelve
DEPENDS = "somebody depends on the line"


class HeardStay(msgspec.Struct, frozen=True, kw_only=True):
    """What may be said to whoever reads the number out: it names nobody."""

    quarantine: str
    state: str  # before: not inside yet · inside · leaving · out
    since: datetime | None
    until: datetime | None  # then it ends by itself; of one that is out, when it was
    matter: str
    self_left: int
    self_releases: int  # in self_days
    self_days: int
    zone: str


def hear_stay(desk: Desk, config: Config, number: str, language: str) -> HeardStay | None:
    """The stay of that number; None for a number that is none. The look is in the audit."""
    with desk.book.write() as tx:
        mine = quarantines.find(tx, number)
        if mine is None:
            return None
        _note(tx, desk, "garden by telephone", mine, "a caller read out the number of the matter")
        return _heard(tx, desk, config, mine, language)


def stay_of_customer(desk: Desk, config: Config, ref: str, language: str) -> HeardStay | None:
    """The stay of this customer that has not ended; to be asked only after a proof, which the caller has noted."""
    with desk.book.read() as tx:
        subscriber = codes.subscriber_of(tx, ref)
        mine = quarantines.open_of(tx, subscriber) if subscriber is not None else None
        return _heard(tx, desk, config, mine, language) if mine is not None else None


def release_by_phone(
    desk: Desk, config: Config, number: str, proof: Proof, reason: str, language: str, *, depends: bool
) -> HeardStay | None:
    """Let them out, at once and whatever else is said; None for a number that is none.

    `depends`: the caller says that somebody depends on the line. Refused where nobody is to be let out: it was refused.
    """
    with desk.book.read() as tx:
        if quarantines.find(tx, number) is None:
            return None
    said = ". ".join(filter(None, (f"rang, {proof}", DEPENDS if depends else "", reason.strip())))
    garden_acts.release(desk.book, number, "clerk", Actor(name=desk.actor, reason=said, at=desk.at))
    with desk.book.read() as tx:
        return _heard(tx, desk, config, quarantines.demand(tx, number), language)


def number_of(typed: str) -> str:
    """As it is stored, whatever small letters, spaces and missing hyphens it was read out with."""
    bare = "".join(sign for sign in typed.upper()[: 4 * NUMBER_CHARS] if sign.isascii() and sign.isalnum())
    return f"G-{bare.removeprefix('G')}"[:NUMBER_CHARS]


def self_left(tx: Transaction, config: Config, mine: Quarantine, *, at: datetime) -> int:
    """How often this subscriber may still let themselves out, this time included."""
    garden = config.garden
    since = at - timedelta(days=garden.self_days)
    used = quarantines.self_releases(tx, mine.subscriber, since=since, but=mine.quarantine)
    return max(0, garden.self_releases - used)


_STATE = {"asked": "before", "approved": "before", "failed": "before", "releasing": "leaving", "refused": "out"}


def _heard(tx: Transaction, desk: Desk, config: Config, mine: Quarantine, language: str) -> HeardStay:
    case = book_cases.find(tx, mine.case)
    contract = present_contract(tx, mine.subscriber, mine.account, at=desk.at)
    role, kind = (case.role, case.kind) if case else ("infected", "")
    state = _STATE.get(mine.state, "out" if mine.state == "released" else "inside")
    if state == "before" and mine.session is not None:  # it may have been done
        state = "inside"
    return HeardStay(
        quarantine=mine.quarantine,
        state=state,
        since=mine.starts_at,
        until=mine.released_at or mine.ends_at,
        matter=catalogue(language).say(TOLD_BY_ROLE_AND_KIND.get((role, kind), role)),
        self_left=self_left(tx, config, mine, at=desk.at),
        self_releases=config.garden.self_releases,
        self_days=config.garden.self_days,
        zone=contract.zone if contract else config.issuer.zone,
    )


def _note(tx: Transaction, desk: Desk, action: str, mine: Quarantine, reason: str) -> None:
    audit.append(
        tx,
        at=desk.at,
        actor=desk.actor,
        action=action,
        object=mine.quarantine,
        reason=reason,
        subscriber=mine.subscriber,
    )
