"""What a person at the desk does to cases: each once, with a name and a reason, in the audit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec

from tocsin.book import Book, arrivals, audit, changes, notes, statements
from tocsin.book import cases as book_cases
from tocsin.book.cases import Move
from tocsin.book.notes import Audience
from tocsin.cases.by_hand import Asked, act, answers, may_ask, plan_for
from tocsin.cases.plan import take
from tocsin.cases.reasons import SENTENCES
from tocsin.pipeline.house import House
from tocsin.pipeline.outbox import queue_decided
from tocsin.pipeline.progress import Progress
from tocsin.pipeline.run import attribute, follow
from tocsin.pipeline.work import enqueue
from tocsin.terms.errors import Refused

AT_ONCE_MAX = 200  # cases in one form


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """Who does it, why, when; `form` is the form's own name: the same form is acted on once."""

    actor: str
    reason: str
    at: datetime
    form: str


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What was done, case by case, and what was not and why. `again`: the form had been acted on before."""

    done: tuple[str, ...] = ()
    not_done: tuple[str, ...] = ()  # sentences
    again: bool = False


def act_on_cases(book: Book, wanted: Collection[str], action: str, deed: Deed) -> Done:
    """Hold, close, reopen or call false: those that may move so, in one transaction; the others are told."""
    done, refused = [], []
    with book.write() as tx:
        if not changes.first_time(tx, deed.form, deed.at):
            return Done(again=True)
        for name, case in sorted(book_cases.find_all(tx, list(wanted)[:AT_ONCE_MAX]).items()):
            try:
                act(tx, case, action, at=deed.at, actor=deed.actor, reason=deed.reason)
                done.append(name)
            except Refused as error:
                refused.append(error.what)
    return Done(done=tuple(done), not_done=tuple(refused))


def note_on_case(book: Book, case: str, audience: Audience, text: str, deed: Deed) -> bool:
    """Keep a note; False where the form had been acted on, or there is no such case."""
    with book.write() as tx:
        if not changes.first_time(tx, deed.form, deed.at) or book_cases.find(tx, case) is None:
            return False
        notes.add(tx, case=case, at=deed.at, author=deed.actor, audience=audience, text=text)
        audit.append(
            tx, at=deed.at, actor=deed.actor, action=f"note to {audience}", object=case, reason=deed.reason or "note"
        )
    return True


def note_reply_seen(book: Book, case: str, arrival: str, deed: Deed) -> bool:
    """Somebody has read what was written back about the case; False where that was noted before."""
    with book.write() as tx:
        if arrival not in [reply.arrival for reply in arrivals.replies_of_case(tx, case)]:
            return False
        if not arrivals.note_seen(tx, arrival, at=deed.at, by=deed.actor):
            return False
        audit.append(tx, at=deed.at, actor=deed.actor, action="reply read", object=case, reason=deed.reason)
        changes.tick(tx)
    return True


def note_statement_read(book: Book, case: str, number: int, deed: Deed) -> bool:
    """Somebody has read what was said at the portal about the case; False where that was noted before."""
    with book.write() as tx:
        if number not in [each.number for each in statements.of_case(tx, case)]:
            return False
        if not statements.note_read(tx, number, by=deed.actor, at=deed.at):
            return False
        audit.append(tx, at=deed.at, actor=deed.actor, action="statement read", object=case, reason=deed.reason)
        changes.tick(tx)
    return True


def notify_now(house: House, wanted: Collection[str], deed: Deed) -> Done:
    """Ask for a notice about each. What has been read is attributed first: a late line may have moved a case.

    Rest, rules and brakes decide, as in a run. Raises Busy while a run is under way: it decides by itself.
    """
    attribute(house, Progress())
    follow(house, Progress())
    with house.book.write() as tx:
        if not changes.first_time(tx, deed.form, deed.at):
            return Done(again=True)
        cases = [case for _, case in sorted(book_cases.find_all(tx, list(wanted)[:AT_ONCE_MAX]).items())]
        for case in cases:
            audit.append(
                tx, at=deed.at, actor=deed.actor, action="notice asked for", object=case.case, reason=deed.reason
            )
    askable = [case for case in cases if may_ask(case)]
    refused = [f"{case.case} is {case.state}: no notice can be asked for" for case in cases if not may_ask(case)]
    config = house.config
    planned = plan_for(
        house.book,
        {case.subscriber for case in askable},
        at=deed.at,
        policy=config.notices,
        sender=house.sender,
        trust=config.trust(),
        titles=config.titles(),
        ways=config.ways(),
    )
    taken = [each.facts.notice for each in take(house.book, planned)]
    asked = answers(planned, taken, askable)
    _note(house, asked, deed)
    if taken and config.notices.send:  # composed and judged here, delivered by whoever delivers
        refused += [f"{each.notice} may not leave: {each.reason}" for each in queue_decided(house)]
    refused += [_no(each) for each in asked if each.notice is None]
    return Done(done=tuple(each.case for each in asked if each.notice), not_done=tuple(refused))


def _note(house: House, asked: Sequence[Asked], deed: Deed) -> None:
    """The answers, in each case's time line; and word to whoever delivers."""
    with house.book.write() as tx:
        states = book_cases.states_of(tx, [each.case for each in asked])
        said = [
            Move(
                case=each.case,
                at=deed.at,
                state=states[each.case],
                actor=deed.actor,
                reason=f"asked for a notice ({deed.reason}): {each.notice or _why(each)}",
            )
            for each in asked
        ]
        book_cases.remark(tx, said)
        changes.tick(tx)
        if house.config.notices.send and any(each.notice for each in asked):
            enqueue(tx, "deliver", b"{}", deed.at)


def _why(asked: Asked) -> str:
    return SENTENCES[asked.reason] if asked.reason else "nothing is to be said"


def _no(asked: Asked) -> str:
    return f"{asked.case}: no notice, since the subscriber's case says: {_why(asked)}"
