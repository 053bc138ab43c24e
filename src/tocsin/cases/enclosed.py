"""What the garden does to a case: its line is in, its line is out. In the transaction of the quarantine's own step."""

from __future__ import annotations

from datetime import datetime

from tocsin.book import Transaction
from tocsin.book import cases as book_cases
from tocsin.book.cases import Move
from tocsin.book.quarantines import Quarantine
from tocsin.cases.follow import ACTOR
from tocsin.cases.moves import State, may_move


def went_in(tx: Transaction, mine: Quarantine, *, at: datetime) -> None:
    """The access server has confirmed: whoever approved it has moved the case, for the reason that was given."""
    said = f"is in the garden: {mine.reason}"
    _move(tx, mine, State.QUARANTINED, said, at=at, by=mine.approved_by or ACTOR)


def came_out(tx: Transaction, mine: Quarantine, *, at: datetime) -> None:
    """The access server has confirmed: whoever let them out has moved the case, and in which way."""
    said = f"is out of the garden ({mine.way}): {mine.release_reason}"
    _move(tx, mine, State.RELEASED, said, at=at, by=mine.released_by or ACTOR)


def remark(tx: Transaction, mine: Quarantine, said: str, *, at: datetime, by: str) -> None:
    """In the case's time line; it moves nothing."""
    states = book_cases.states_of(tx, [mine.case])
    if mine.case in states:
        book_cases.remark(tx, [_line(mine, states[mine.case], said, at, by)])


def _move(tx: Transaction, mine: Quarantine, state: State, said: str, *, at: datetime, by: str) -> None:
    """Where the table allows it; a case that a person or a late line has moved meanwhile stays where it is."""
    states = book_cases.states_of(tx, [mine.case])
    before = states.get(mine.case)
    if before is not None and may_move(before, state):
        book_cases.move(tx, [_line(mine, state, said, at, by)])
    elif before is not None:
        book_cases.remark(tx, [_line(mine, before, said, at, by)])


def _line(mine: Quarantine, state: str, said: str, at: datetime, by: str) -> Move:
    return Move(case=mine.case, at=at, state=state, actor=by, reason=f"{mine.quarantine} {said}")
