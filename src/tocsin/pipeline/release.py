"""Letting go what a brake held, once somebody has looked."""

from __future__ import annotations

from tocsin.book import audit, holds
from tocsin.book.holds import Hold
from tocsin.pipeline.clock import worker
from tocsin.pipeline.house import House


def release_holds(house: House, *, reason: str) -> list[Hold]:
    """Release every hold that stands; the next plan decides anew what may go. Returns what was released."""
    with house.book.write() as tx:
        waiting = holds.unreleased(tx)
        for hold in waiting:
            holds.release(tx, hold.hold, at=house.now, by=worker())
            audit.append(tx, at=house.now, actor=worker(), action="hold released", object=hold.reason, reason=reason)
    return waiting
