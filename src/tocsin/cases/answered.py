"""What a reader's answer does to the notice's cases: it was read, or it is said to be wrong. Each once.

Neither closes a case: quiet does that, or a person. Who says that he has done it shows that he has the notice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from tocsin.book import Transaction
from tocsin.book import cases as book_cases
from tocsin.book import notices as book_notices
from tocsin.book.cases import Move
from tocsin.cases.moves import State, may_move
from tocsin.cases.outbox import refuse

Way = Literal["code", "phone", "reply", "garden"]  # how it is known that somebody has it
OBJECTED = "its reader says that it is wrong"
_REASON_MAX = 300


def was_read(tx: Transaction, notice: str, *, by: Way, said: str, actor: str, at: datetime) -> bool:
    """Note that somebody has it; its cases are confirmed where the table allows it. False: that was known already.

    `said` is for the cases' time lines, and names the notice.
    """
    if not book_notices.note_read(tx, notice, by=by, at=at):
        return False
    _bring(tx, notice, State.CONFIRMED, said, actor=actor, at=at)
    return True


def objected(tx: Transaction, notice: str, *, by: Way, words: str, actor: str, at: datetime) -> None:
    """Its cases wait for a person, and so does whatever was decided about them and has not left."""
    book_notices.note_read(tx, notice, by=by, at=at)
    told = f"{notice}: {OBJECTED}: {' '.join(words.split())}"
    moved = _bring(tx, notice, State.OBJECTED, told, actor=actor, at=at)
    for waiting in _waiting(tx, moved):
        refuse(tx, waiting, reason=OBJECTED, at=at)


def _bring(tx: Transaction, notice: str, to: State, said: str, *, actor: str, at: datetime) -> list[str]:
    """The cases that moved. One that is elsewhere by now stays there and has the words in its time line."""
    states = book_cases.states_of(tx, book_notices.cases_of(tx, notice))
    moves: list[Move] = []
    remarks: list[Move] = []
    for case, state in sorted(states.items()):
        if state == to:
            continue
        allowed = may_move(state, to)
        line = Move(case=case, at=at, state=to if allowed else state, actor=actor[:100], reason=said[:_REASON_MAX])
        (moves if allowed else remarks).append(line)
    book_cases.move(tx, moves)
    book_cases.remark(tx, remarks)
    return [move.case for move in moves]


def _waiting(tx: Transaction, cases: list[str]) -> Iterator[str]:
    found = {each.notice: each for notices in book_notices.of_cases(tx, cases).values() for each in notices}
    for name, each in sorted(found.items()):
        if each.state in book_notices.WAITING and each.dot_at is None:
            yield name
