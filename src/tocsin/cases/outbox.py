"""What the life of a notice does to its cases, and the other way round."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tocsin.book import Book, Transaction
from tocsin.book import case_days as book_days
from tocsin.book import cases as book_cases
from tocsin.book import notices as book_notices
from tocsin.book.cases import Change, Move
from tocsin.cases.follow import ACTOR, LATE_LINE, follow
from tocsin.cases.moves import State
from tocsin.cases.policy import Policy


def follow_all(book: Book, *, at: datetime, policy: Policy) -> list[Change]:
    """Bring every case up to the days it rests on; the changes made.

    A notice about a case that is withdrawn, or has lost some of what it rested on, is stopped if it has not left.
    """
    with book.read() as tx:
        numbers = book_days.subscribers_to_follow(tx)
        cases = book_cases.cases_of(tx, numbers)
        changes = follow(
            cases,
            book_days.days_of(tx, numbers),
            book_notices.of_cases(tx, [case.case for case in cases]),
            book_cases.refs_of(tx, numbers),
            at=at,
            policy=policy,
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
    cases = book_notices.cases_of(tx, notice)
    states, others = book_cases.states_of(tx, cases), book_notices.of_cases(tx, cases)
    back = []
    for case in cases:
        if states[case] == State.NOTIFIED:
            told = any(each.state != "refused" for each in others[case])
            state = State.RESIGHTED if told else State.OPEN
            said = f"{notice} did not go out: {reason}"
            back.append(Move(case=case, at=at, state=state, actor=ACTOR, reason=said))
    book_cases.move(tx, back)


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
