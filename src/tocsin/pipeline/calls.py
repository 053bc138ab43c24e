"""The list of calls: a clerk takes one, sees then whom to ring and what to say, and tells what became of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from tocsin.book import Book, Transaction, audit, calls, deliveries
from tocsin.book import notices as book_notices
from tocsin.book.calls import CHANNEL
from tocsin.book.deliveries import Claim
from tocsin.cases.answered import was_read
from tocsin.cases.outbox import bounce, refuse, remark
from tocsin.notices.letters.catalogue import catalogue
from tocsin.notices.outline import Block, outline
from tocsin.notices.sentences import TOLD_BY_ROLE_AND_KIND
from tocsin.notices.sms.number import international
from tocsin.pipeline.clock import present
from tocsin.pipeline.telephone import Desk
from tocsin.proof.canonical import read_facts
from tocsin.proof.code import make_code
from tocsin.proof.facts import Facts

Outcome = Literal["reached", "no-answer", "later", "wrong-number"]
OUTCOMES: tuple[Outcome, ...] = ("reached", "no-answer", "later", "wrong-number")
RINGS_MAX = 5  # calls that nobody answers, before another way is taken
SHOWN_MAX = 50
IN_HAND = timedelta(minutes=30)  # after that somebody else may ring
NO_ANSWER_HOURS = (4, 20, 28, 44)  # another time of the day, another day; the last is repeated
LATER_HOURS_MAX = 72


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list: nothing of a person, until the call is taken."""

    notice: str
    kind: str
    language: str
    due_at: datetime
    is_due: bool
    tries: int
    is_taken: bool


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A call in hand: whom to ring, and what to say in their language."""

    facts: Facts
    phone: str
    code: str
    matters: tuple[str, ...]
    steps: tuple[str, ...]
    number: int  # which attempt it is, from 1


def listed(book: Book, at: datetime) -> list[Listed]:
    """What is to be rung, the longest due first; at most fifty."""
    with book.read() as tx:
        found = calls.waiting(tx, SHOWN_MAX)
    return [_line(each, read_facts(each.facts.encode()), at) for each in found]


def in_hand(desk: Desk) -> Call | None:
    """The call that this clerk has taken and not yet told the end of."""
    with desk.book.read() as tx:
        notice = calls.taken_by(tx, _by(desk))
        claim = calls.in_hand(tx, notice, _by(desk)) if notice else None
    return _call(desk, claim) if claim else None


def take(desk: Desk, notice: str) -> Call | None:
    """The call, now in this clerk's hands for half an hour; None when it is not due or somebody else's.

    Whoever has one in hand gets that one: nobody collects numbers. Each look is in the audit.
    """
    with desk.book.write() as tx:
        had = calls.taken_by(tx, _by(desk))
        claim = calls.in_hand(tx, had, _by(desk)) if had else None
        if claim is None:
            claim = deliveries.claim(
                tx,
                at=desk.at,
                wall_at=present(),
                until=present() + IN_HAND,
                by=_by(desk),
                server=f"telephone: {desk.actor}",
                channel=CHANNEL,
                only=notice,
            )
        if claim is None:
            return None
        _audit(tx, desk, claim, "call taken", "to ring the subscriber")
    return _call(desk, claim)


def note(desk: Desk, notice: str, outcome: Outcome, words: str, hours: int = 4) -> bool:
    """What became of the call, in the case's time line. False: it was no longer this clerk's to tell."""
    with desk.book.write() as tx:
        claim = calls.in_hand(tx, notice, _by(desk))
        if claim is None:
            return False
        said = " ".join(words.split())[:150]
        deliveries.end(tx, claim, at=desk.at, outcome=_ENDED[outcome], reason=f"{outcome}. {said}".strip(". "))
        _audit(tx, desk, claim, f"call: {outcome}", said)
        _settle(tx, desk, claim, outcome, said, hours)
    return True


_ENDED: dict[Outcome, str] = {
    "reached": "delivered",
    "no-answer": "later",
    "later": "later",
    "wrong-number": "bounced",
}


def _settle(tx: Transaction, desk: Desk, claim: Claim, outcome: Outcome, said: str, hours: int) -> None:
    name, more = claim.notice.notice, f": {said}" if said else ""
    tries = claim.tries + 1
    if outcome == "reached":
        book_notices.note_sent(tx, name, desk.at)
        said_in_case = f"{name} was told on the telephone{more}"
        was_read(tx, name, by="phone", said=said_in_case, actor=desk.actor, at=desk.at)
    elif outcome == "wrong-number":
        bounce(tx, name, reason=f"the telephone number is not the subscriber's{more}"[:250], at=desk.at)
    elif outcome == "no-answer" and tries >= RINGS_MAX:
        refuse(tx, name, reason=f"nobody answered {tries} calls", at=desk.at)
    else:
        wait = min(max(hours, 1), LATER_HOURS_MAX) if outcome == "later" else NO_ANSWER_HOURS[min(tries, 4) - 1]
        told = "asked to be rung later" if outcome == "later" else "nobody answered"
        remark(tx, name, f"{name}: {told}{more}"[:300], at=desk.at, actor=desk.actor)
        deliveries.put_back(tx, claim, due_at=desk.at + timedelta(hours=wait))


def _line(each: calls.Waiting, facts: Facts, at: datetime) -> Listed:
    return Listed(
        notice=each.notice,
        kind=facts.troubles[0].kind,
        language=facts.language,
        due_at=each.due_at,
        is_due=each.due_at <= at and each.claimed_by is None,
        tries=each.tries,
        is_taken=each.claimed_by is not None,
    )


def _call(desk: Desk, claim: Claim) -> Call:
    facts = read_facts(claim.notice.facts.encode())
    code, words = make_code(desk.keys.secret, facts.notice), catalogue(facts.language)
    told = (words.say(TOLD_BY_ROLE_AND_KIND.get((each.role, each.kind), each.role)) for each in facts.troubles)
    return Call(
        facts=facts,
        phone=international(facts.recipient),
        code=code,
        matters=tuple(dict.fromkeys(told)),
        steps=_steps(outline(facts, code, desk.issuer, words), words.say("heading_do")),
        number=claim.number,
    )


def _steps(blocks: tuple[Block, ...], heading: str) -> tuple[str, ...]:
    inside, found = False, list[str]()
    for block in blocks:
        if block.form == "heading":
            inside = block.text == heading
        elif inside:
            found += block.steps
    return tuple(found)


def _by(desk: Desk) -> str:
    """No process: it lives as long as the claim."""
    return f"clerk {desk.actor}"[:100]


def _audit(tx: Transaction, desk: Desk, claim: Claim, action: str, reason: str) -> None:
    audit.append(
        tx,
        at=desk.at,
        actor=desk.actor,
        action=action,
        object=claim.notice.notice,
        reason=reason,
        subscriber=claim.notice.subscriber,
    )
