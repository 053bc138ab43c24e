"""What a mail that came back does to its notice and to that notice's cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tocsin.book import Transaction, arrivals, audit
from tocsin.book import notices as book_notices
from tocsin.book.arrivals import Arrival, Bounce
from tocsin.cases.answered import was_read
from tocsin.cases.follow import ACTOR
from tocsin.cases.outbox import bounce, remark

_BOUNCING = ("sent", "uncertain")


def file(
    tx: Transaction,
    arrival: Arrival,
    raw: bytes,
    *,
    fates: Sequence[Bounce] = (),
    text: str | None = None,
    at: datetime,
) -> None:
    """Keep it, say it in the cases' time line, and let a notice that came back for good be `bounced`.

    Whoever answers has it: a reply confirms. What it says is for a person to read.
    """
    arrivals.add(tx, arrival, raw, fates=fates, text=text)
    hard = next((fate for fate in fates if fate.is_hard), None)
    state = book_notices.states_of(tx, [arrival.notice])[arrival.notice]
    if hard is not None and state in _BOUNCING:
        reason = " ".join(filter(None, (hard.status, hard.diagnostic)))
        bounce(tx, arrival.notice, reason=reason or "no such mailbox", at=at)
    else:
        if state == "uncertain":  # whoever answers it has it
            book_notices.note_sent(tx, arrival.notice, at)
            remark(tx, arrival.notice, f"{arrival.notice} had left: a mail about it has come back", at=at)
        is_answer = arrival.kind == "reply"
        is_said = is_answer and was_read(tx, arrival.notice, by="reply", said=arrival.said, actor=ACTOR, at=at)
        if not is_said and arrival.kind != "automatic":  # an out-of-office note says nothing about the case
            remark(tx, arrival.notice, arrival.said, at=at)
    audit.append(tx, at=at, actor=ACTOR, action=f"{arrival.kind} filed", object=arrival.notice, reason=arrival.found_by)
