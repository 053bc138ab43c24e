"""What the life of a notice does to its cases, and the other way round."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Literal

from tocsin.book import Book, Transaction, audit
from tocsin.book import case_days as book_days
from tocsin.book import cases as book_cases
from tocsin.book import notices as book_notices
from tocsin.book.cases import Change, Move
from tocsin.cases.follow import ACTOR, LATE_LINE, follow
from tocsin.cases.moves import State
from tocsin.cases.policy import Policy
from tocsin.cases.watch import read_watch
from tocsin.terms.errors import BadRequest

Answer = Literal["sent", "again", "never"]
ANSWERS: Mapping[Answer, str] = {  # what a person may say of an uncertain notice, and what that means
    "sent": "it was found to have left",
    "again": "it was found not to have left, and is sent again",
    "never": "it is not sent again",
}


def follow_all(book: Book, *, at: datetime, policy: Policy) -> list[Change]:
    """Bring every case up to the days it rests on; the changes made.

    A notice about a case that is withdrawn, or has lost some of what it rested on, is stopped if it has not left.
    """
    with book.read() as tx:
        numbers = book_days.subscribers_to_follow(tx)
        cases = book_cases.cases_of(tx, numbers)
        days = book_days.days_of(tx, numbers)
        changes = follow(
            cases,
            days,
            book_notices.of_cases(tx, [case.case for case in cases]),
            book_cases.refs_of(tx, numbers),
            at=at,
            policy=policy,
            watch=read_watch(tx, days, at=at, policy=policy),
        )
    if not changes:
        return []
    with book.write() as tx:
        made = book_cases.save(tx, changes)
        _stop_notices(tx, [each.after.case for each in made if _has_lost(each)], at)
    return made


def refuse(tx: Transaction, notice: str, *, reason: str, at: datetime) -> None:
    """The notice will not go out; its cases are as if it had not been decided."""
    book_notices.refuse(tx, notice, reason)
    _give_back(tx, notice, f"{notice} did not go out: {reason}", at)


def bounce(tx: Transaction, notice: str, *, reason: str, at: datetime) -> None:
    """The notice came back: nobody has read it. Its cases are as if it had not been decided."""
    book_notices.note_bounced(tx, notice, reason)
    said = f"{notice} came back: {reason}"
    moved = _give_back(tx, notice, said, at)
    remark(tx, notice, said, at=at, but=moved)


def resolve(tx: Transaction, notice: str, answer: Answer, *, reason: str, actor: str, at: datetime) -> None:
    """A person says what became of an uncertain notice. BadRequest when it is not uncertain."""
    if book_notices.states_of(tx, [notice]).get(notice) != "uncertain":
        raise BadRequest(f"{notice[:40]} is not uncertain", remedy="`tocsin notify` names those that are")
    if answer == "sent":
        book_notices.note_sent(tx, notice, at)
    elif answer == "again":
        book_notices.send_again(tx, notice, at)
    else:
        refuse(tx, notice, reason=f"given up: {reason}" if reason else "given up", at=at)
    remark(tx, notice, f"{notice}: {ANSWERS[answer]}", actor=actor, at=at)
    audit.append(tx, at=at, actor=actor, action=f"uncertain: {answer}", object=notice, reason=reason)


def remark(
    tx: Transaction, notice: str, said: str, *, at: datetime, actor: str = ACTOR, but: Collection[str] = ()
) -> None:
    """Write into the time line of the notice's cases what moves none of them."""
    cases = [case for case in book_notices.cases_of(tx, notice) if case not in but]
    states = book_cases.states_of(tx, cases)
    book_cases.remark(
        tx, [Move(case=case, at=at, state=states[case], actor=actor, reason=said) for case in sorted(states)]
    )


def _give_back(tx: Transaction, notice: str, said: str, at: datetime) -> list[str]:
    """The cases that this moved: those of which nobody was told anything later."""
    cases = book_notices.cases_of(tx, notice)
    states, others = book_cases.states_of(tx, cases), book_notices.of_cases(tx, cases)
    back = []
    for case in cases:
        reached = [each for each in others[case] if each.state not in book_notices.UNREACHED]
        mine = next(each for each in others[case] if each.notice == notice)
        later = any(each.decided_at > mine.decided_at for each in reached)
        if states[case] in (State.NOTIFIED, State.ESCALATED) and not later:
            state = State.RESIGHTED if reached or states[case] == State.ESCALATED else State.OPEN
            back.append(Move(case=case, at=at, state=state, actor=ACTOR, reason=said))
    book_cases.move(tx, back)
    return [move.case for move in back]


def _has_lost(change: Change) -> bool:
    before, after = change.before, change.after
    if before is None:
        return False
    fewer = after.sightings < before.sightings or after.last_at < before.last_at
    return fewer or after.state == State.WITHDRAWN


def _stop_notices(tx: Transaction, cases: Sequence[str], at: datetime) -> None:
    by_case = book_notices.of_cases(tx, cases)
    waiting = {n.notice for notices in by_case.values() for n in notices if n.state in book_notices.WAITING}
    left = {n.notice for notices in by_case.values() for n in notices if n.dot_at is not None}
    for notice in sorted(waiting - left):
        refuse(tx, notice, reason=LATE_LINE, at=at)
