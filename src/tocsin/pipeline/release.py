"""Letting go what a brake held, once somebody has looked."""

from __future__ import annotations

from datetime import datetime

from tocsin.book import Book, audit, holds
from tocsin.book.holds import Hold
from tocsin.pipeline.clock import worker
from tocsin.pipeline.house import House


def release_hold(book: Book, hold: str, *, at: datetime, by: str, reason: str) -> None:
    """Release this one. BadRequest when it does not wait for its release."""
    with book.write() as tx:
        found = next((each for each in holds.unreleased(tx) if each.hold == hold), None)
        holds.release(tx, hold, at=at, by=by)
        assert found is not None
        audit.append(tx, at=at, actor=by, action="hold released", object=f"{hold}: {found.reason}", reason=reason)


def release_holds(house: House, *, reason: str) -> list[Hold]:
    """Release every hold that stands; the next plan decides anew what may go. Returns what was released."""
    with house.book.write() as tx:
        waiting = holds.unreleased(tx)
        for hold in waiting:
            holds.release(tx, hold.hold, at=house.now, by=worker())
            audit.append(tx, at=house.now, actor=worker(), action="hold released", object=hold.reason, reason=reason)
    return waiting
