"""A person says what became of a notice: of which nobody knows whether it left, or that came back by no mail."""

from __future__ import annotations

from datetime import datetime

from tocsin.book import Book, audit
from tocsin.book import notices as book_notices
from tocsin.cases.outbox import Answer, bounce, resolve
from tocsin.pipeline.clock import worker
from tocsin.pipeline.house import House
from tocsin.terms.errors import BadRequest


def resolve_uncertain(house: House, notice: str, answer: Answer, *, reason: str) -> None:
    """BadRequest when it is not uncertain. Who said it, and why, is in the audit."""
    resolve_in(house.book, notice, answer, reason=reason, actor=worker(), at=house.now)


def resolve_in(book: Book, notice: str, answer: Answer, *, reason: str, actor: str, at: datetime) -> None:
    """The same for whoever is signed in at the desk."""
    with book.write() as tx:
        resolve(tx, notice.strip().upper(), answer, reason=reason, actor=actor, at=at)


def came_back(house: House, notice: str, *, reason: str) -> None:
    """A letter that the post returned, a message that the gateway says was never delivered: nobody has read it.

    Its cases are open again, and that address or number gets nothing more. BadRequest where it had not left.
    """
    name = notice.strip().upper()
    if not reason.strip():
        raise BadRequest("why it came back is not said", remedy='--reason "the post returned it: moved away"')
    with house.book.write() as tx:
        state = book_notices.states_of(tx, [name]).get(name)
        if state not in ("sent", "uncertain"):
            raise BadRequest(f"{name[:40]} has not left", remedy="look at it with `tocsin case`")
        bounce(tx, name, reason=reason.strip()[:250], at=house.now)
        audit.append(tx, at=house.now, actor=worker(), action="notice came back", object=name, reason=reason.strip())
