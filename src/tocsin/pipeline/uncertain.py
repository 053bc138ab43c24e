"""A person says what became of a notice of which nobody knows whether it left."""

from __future__ import annotations

from datetime import datetime

from tocsin.book import Book
from tocsin.cases.outbox import Answer, resolve
from tocsin.pipeline.clock import worker
from tocsin.pipeline.house import House


def resolve_uncertain(house: House, notice: str, answer: Answer, *, reason: str) -> None:
    """BadRequest when it is not uncertain. Who said it, and why, is in the audit."""
    resolve_in(house.book, notice, answer, reason=reason, actor=worker(), at=house.now)


def resolve_in(book: Book, notice: str, answer: Answer, *, reason: str, actor: str, at: datetime) -> None:
    """The same for whoever is signed in at the desk."""
    with book.write() as tx:
        resolve(tx, notice.strip().upper(), answer, reason=reason, actor=actor, at=at)
